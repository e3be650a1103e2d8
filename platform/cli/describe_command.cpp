// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "duet/platform/command.hpp"
#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/description_json.hpp"
#include "duet/platform/config/description_text.hpp"
#include "duet/platform/config/json_schema.hpp"
#include "duet/platform/reference_pages.hpp"
#include "duet/platform/run/result_output.hpp"
#include "duet/platform/value_completions.hpp"

namespace {

using namespace duet::platform;

struct Options {
  std::string name;
  std::string schema;
  std::string reference;
  std::string json;
};

void print_reference(const std::string& page, const CLI::App& app) {
  if (page == "cli") {
    fmt::print("{}", command_line_page(app));
  } else if (page == "registers") {
    fmt::print("{}", register_page());
  } else {
    fmt::print("{}", reference_page(find_root(page)));
  }
}

void describe(const Options& options, const CLI::App& app) {
  if (!options.schema.empty()) {
    const DescribedRoot& root = find_root(options.schema);
    fmt::print("{}\n", json_schema(root.model(), fmt::format("DUET {} file", root.name)).dump(2));
  } else if (!options.reference.empty()) {
    print_reference(options.reference, app);
  } else if (!options.json.empty()) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const StructModel* model : every_structure()) {
      if (options.name.empty() || model->name == options.name) list.push_back(structure_json(*model));
    }
    if (list.empty()) (void)find_structure(options.name);  // says what is allowed
    write_whole(options.json, (options.name.empty() ? list : list.at(0)).dump(2) + "\n");
  } else if (!options.name.empty()) {
    fmt::print("{}", structure_text(find_structure(options.name)));
  } else {
    fmt::print("{}", structure_list());
  }
}

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const DescribedRoot& root : described_roots()) names.emplace_back(root.name);
  return names;
}

std::vector<std::string> pages() {
  std::vector<std::string> names = kinds();
  names.insert(names.end(), {"cli", "registers"});
  return names;
}

std::vector<std::string> structures() {
  std::vector<std::string> names;
  for (const StructModel* model : every_structure()) names.push_back(model->name);
  return names;
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "describe", "prints every key of the YAML files with unit, range, default and meaning");
  auto options = std::make_shared<Options>();
  command->add_option("name", options->name, "structure such as systolic_array; without it, the list of all");
  command->add_option("--schema", options->schema, "print the JSON Schema of a kind of file")
      ->check(CLI::IsMember(kinds()));
  command->add_option("--reference", options->reference, "print a page of the reference in Markdown")
      ->check(CLI::IsMember(pages()));
  command->add_option("--json", options->json,
                      "write the structure, or all of them, as JSON; '-' is standard output");
  command->footer(
      "Examples:\n"
      "  duet-vp describe\n"
      "  duet-vp describe systolic_array\n"
      "  duet-vp describe systolic_array --json -\n"
      "  duet-vp describe --schema platform > platform.schema.json");
  value_completions()["describe.name"] = structures;
  command->callback([options, &app] { describe(*options, app); });
}};

}  // namespace
