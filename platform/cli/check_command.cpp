// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "duet/platform/command.hpp"
#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/description_json.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/config/platform_summary.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/run/result_output.hpp"
#include "duet/platform/set_option.hpp"
#include "duet/platform/value_completions.hpp"
#include "shipped_configs.hpp"

namespace {

using namespace duet::platform;
using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> overrides;
  std::string kind;
  std::string json;
};

const std::vector<std::string>& folders() {
  static const std::vector<std::string> kinds{"platforms", "models", "workloads"};
  return kinds;
}

// A file as given, or a shipped one by its name.
ConfigDocument read_document(const std::string& file, const std::vector<std::string>& overrides) {
  if (file.ends_with(".yaml")) return ConfigDocument::from_file(file, overrides);
  return ConfigDocument::from_file(shipped_configs().find(folders(), file, "FILE"), overrides);
}

std::vector<std::string> shipped_names() {
  std::vector<std::string> all;
  for (const std::string& folder : folders()) {
    for (std::string& name : shipped_configs().names(folder)) all.push_back(std::move(name));
  }
  return all;
}

std::string checked_summary(const ConfigDocument& document, std::string_view kind) {
  if (kind == "platform") return platform_summary(load_platform(document));
  if (kind == "model") return model_summary(load_model(document));
  return workload_summary(load_workload(document));
}

ordered_json checked_json(const ConfigDocument& document, std::string_view kind) {
  if (kind == "platform") return platform_json(load_platform(document));
  if (kind == "model") {
    const auto model = load_model(document);
    return {{"name", model.name}, {"layers", model.layers().size()}};
  }
  const auto workload = load_workload(document);
  return {{"name", workload.name},
          {"prompt_tokens", workload.prompt_tokens},
          {"output_tokens", workload.output_tokens},
          {"batch_sizes", workload.batch_sizes}};
}

// Each line of a message is one mistake.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// One object a file: its kind and what it composes, or the mistakes. The exit code tells too.
void check_for_machines(const Options& options) {
  ordered_json list = ordered_json::array();
  std::string mistakes;
  for (const std::string& file : options.files) {
    ordered_json entry{{"file", file}, {"valid", true}};
    try {
      const ConfigDocument document = read_document(file, options.overrides);
      const DescribedRoot& root = options.kind.empty() ? guess_root(document) : find_root(options.kind);
      entry["kind"] = root.name;
      entry[std::string(root.name)] = checked_json(document, root.name);
    } catch (const duet::core::UserError& error) {
      entry["valid"] = false;
      entry["mistakes"] = lines_of(error.what());
      mistakes += (mistakes.empty() ? "" : "\n") + std::string(error.what());
    }
    list.push_back(std::move(entry));
  }
  write_whole(options.json, list.dump(2) + "\n");
  if (!mistakes.empty()) throw duet::core::UserError(mistakes);
}

// All files are checked, so that a user sees every mistake at once.
void check(const Options& options) {
  std::string mistakes;
  for (const std::string& file : options.files) {
    try {
      const ConfigDocument document = read_document(file, options.overrides);
      const DescribedRoot& root = options.kind.empty() ? guess_root(document) : find_root(options.kind);
      const std::string summary = checked_summary(document, root.name);
      if (!console().quiet) fmt::print("{}: valid {}\n{}", file, root.name, summary);
    } catch (const duet::core::UserError& error) {
      mistakes += (mistakes.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (!mistakes.empty()) throw duet::core::UserError(mistakes);
}

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const DescribedRoot& root : described_roots()) names.emplace_back(root.name);
  return names;
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("check", "validates YAML files without running them and prints what they compose");
  auto options = std::make_shared<Options>();
  command->add_option("files", options->files, "platform, model or workload files, or names of shipped ones")
      ->required();
  value_completions()["check.files"] = shipped_names;
  add_set_option(*command, options->overrides);
  command->add_option("--kind", options->kind, "kind of the files; without it, told from their keys")
      ->check(CLI::IsMember(kinds()));
  command->add_option("--json", options->json,
                      "write what was found as JSON, one object a file; '-' is standard output");
  command->footer(
      "Examples:\n"
      "  duet-vp check configs/platforms/duet.yaml\n"
      "  duet-vp check b200 zamba2-7b chat\n"
      "  duet-vp check configs/platforms/duet.yaml --set 'packages.prefill.noi.link.bandwidth=512 GB/s'\n"
      "  duet-vp check configs/platforms/duet.yaml --json -\n"
      "  duet-vp check --quiet configs/models/*.yaml && echo all valid");
  command->callback([options] { options->json.empty() ? check(*options) : check_for_machines(*options); });
}};

}  // namespace
