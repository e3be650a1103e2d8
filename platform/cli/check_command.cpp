// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "duet/platform/command.hpp"
#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/config/platform_summary.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/set_option.hpp"

namespace {

using namespace duet::platform;

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> overrides;
  std::string kind;
};

std::string checked_summary(const ConfigDocument& document, std::string_view kind) {
  if (kind == "platform") return platform_summary(load_platform(document));
  if (kind == "model") return model_summary(load_model(document));
  return workload_summary(load_workload(document));
}

// All files are checked, so that a user sees every mistake at once.
void check(const Options& options) {
  std::string mistakes;
  for (const std::string& file : options.files) {
    try {
      const ConfigDocument document = ConfigDocument::from_file(file, options.overrides);
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
  command->add_option("files", options->files, "platform, model or workload files")->required();
  add_set_option(*command, options->overrides);
  command->add_option("--kind", options->kind, "kind of the files; without it, told from their keys")
      ->check(CLI::IsMember(kinds()));
  command->footer(
      "Examples:\n"
      "  duet-vp check configs/platforms/duet.yaml\n"
      "  duet-vp check configs/platforms/duet.yaml --set 'packages.prefill.noi.link.bandwidth=512 GB/s'\n"
      "  duet-vp check --quiet configs/models/*.yaml && echo all valid");
  command->callback([options] { check(*options); });
}};

}  // namespace
