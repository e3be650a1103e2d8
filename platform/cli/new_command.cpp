// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/config_library.hpp"
#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/start_file.hpp"
#include "duet/platform/console.hpp"

namespace {

using namespace duet::platform;
namespace fs = std::filesystem;

struct Options {
  std::string file;
  bool force = false;
};

void write_start(const std::string& kind, const Options& options) {
  const fs::path schema =
      fs::absolute(ConfigLibrary::standard({DUET_CONFIG_DIR}).root()) / "schema" / (kind + ".schema.json");
  const std::string text = start_file(kind, schema.string());
  if (options.file.empty() || options.file == "-") {
    fmt::print("{}", text);
    return;
  }
  if (fs::exists(options.file) && !options.force)
    throw duet::core::UserError(fmt::format(
        "found existing file '{}', allowed a new name, or --force to overwrite it", options.file));
  std::ofstream stream(options.file);
  stream << text;
  if (!stream.flush())
    throw duet::core::UserError(fmt::format("found '{}', allowed a file that can be written", options.file));
  if (!console().quiet) fmt::print("wrote {}; try: duet-vp check {}\n", options.file, options.file);
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand("new", "writes a commented start of a YAML file");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  duet-vp new platform my-platform.yaml\n"
      "  duet-vp new model");
  for (const DescribedRoot& root : described_roots()) {
    auto options = std::make_shared<Options>();
    const std::string kind(root.name);
    CLI::App* start = command->add_subcommand(kind, fmt::format("a {} file", kind));
    start->add_option("file", options->file, "file to write; standard output without it");
    start->add_flag("--force", options->force, "overwrite the file if it exists");
    start->callback([kind, options] { write_start(kind, *options); });
  }
}};

}  // namespace
