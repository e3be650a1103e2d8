// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <string>

#include "duet/platform/command.hpp"
#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/description_text.hpp"
#include "duet/platform/config/json_schema.hpp"

namespace {

using namespace duet::platform;

struct Options {
  std::string name;
  std::string schema;
  std::string reference;
};

void describe(const Options& options) {
  if (!options.schema.empty()) {
    const DescribedRoot& root = find_root(options.schema);
    fmt::print("{}\n", json_schema(root.model(), fmt::format("DUET {} file", root.name)).dump(2));
  } else if (!options.reference.empty()) {
    fmt::print("{}", reference_page(find_root(options.reference)));
  } else if (!options.name.empty()) {
    fmt::print("{}", structure_text(find_structure(options.name)));
  } else {
    fmt::print("{}", structure_list());
  }
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "describe", "prints every key of the YAML files with unit, range, default and meaning");
  auto options = std::make_shared<Options>();
  command->add_option("name", options->name, "structure such as systolic_array; without it, the list of all");
  command->add_option("--schema", options->schema,
                      "print the JSON Schema of a kind of file: platform, model, workload");
  command->add_option("--reference", options->reference,
                      "print the reference page of a kind of file in Markdown");
  command->footer(
      "Examples:\n"
      "  duet-vp describe\n"
      "  duet-vp describe systolic_array\n"
      "  duet-vp describe --schema platform > platform.schema.json");
  command->callback([options] { describe(*options); });
}};

}  // namespace
