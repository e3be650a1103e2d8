// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/start_file.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/module/module_template.hpp"
#include "shipped_configs.hpp"

namespace {

using namespace duet::platform;
namespace fs = std::filesystem;

struct Options {
  std::string file;
  bool force = false;
};

struct ModuleOptions {
  std::string name;
  std::string directory;
  bool force = false;
};

void write_file(const fs::path& file, const std::string& text, bool force) {
  if (fs::exists(file) && !force)
    throw duet::core::UserError(fmt::format(
        "found existing file '{}', allowed a new name, or --force to overwrite it", file.string()));
  std::ofstream stream(file);
  stream << text;
  if (!stream.flush())
    throw duet::core::UserError(fmt::format("found '{}', allowed a file that can be written", file.string()));
}

void write_module(const ModuleOptions& options) {
  const fs::path shipped = shipped_configs().find("platforms", "duet", "platform");
  const auto files = module_template(options.name, fs::absolute(shipped).string());
  const fs::path folder = options.directory.empty() ? options.name : options.directory;
  std::error_code error;
  fs::create_directories(folder, error);
  for (const auto& [name, text] : files) write_file(folder / name, text, options.force);
  if (!console().quiet)
    fmt::print("wrote {}; {}/CMakeLists.txt says how to build and run it\n", folder.string(),
               folder.string());
}

void write_start(const std::string& kind, const Options& options) {
  const fs::path schema = fs::absolute(shipped_configs().root()) / "schema" / (kind + ".schema.json");
  const std::string text = start_file(kind, schema.string());
  if (options.file.empty() || options.file == "-") {
    fmt::print("{}", text);
    return;
  }
  write_file(options.file, text, options.force);
  if (!console().quiet) fmt::print("wrote {}; try: duet-vp check {}\n", options.file, options.file);
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand("new", "writes a commented start of a YAML file, or of a module");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  duet-vp new platform my-platform.yaml\n"
      "  duet-vp new model\n"
      "  duet-vp new module link_probe");
  auto module = std::make_shared<ModuleOptions>();
  CLI::App* start_module =
      command->add_subcommand("module", "an SC_MODULE of your own as a node, built as a plugin");
  start_module->add_option("name", module->name, "name of the module: 'link_probe'")->required();
  start_module->add_option("--directory", module->directory, "folder to make; without it, the module's name");
  start_module->add_flag("--force", module->force, "overwrite files that exist");
  start_module->footer(
      "Examples:\n"
      "  duet-vp new module link_probe\n"
      "  duet-vp new module link_probe --directory modules/probe");
  start_module->callback([module] { write_module(*module); });
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
