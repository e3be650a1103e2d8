// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/import/model_import.hpp"

namespace {

struct Options {
  std::string file, name, output;
};

void import(const Options& options) {
  std::ifstream stream(options.file);
  if (!stream) throw duet::core::UserError(options.file + ": cannot be read");
  nlohmann::json config;
  try {
    config = nlohmann::json::parse(stream);
  } catch (const nlohmann::json::parse_error& error) {
    throw duet::core::UserError(fmt::format("{}: {}", options.file, error.what()));
  }
  // A file named config.json says nothing; its folder usually carries the model's name.
  const std::filesystem::path path = std::filesystem::absolute(options.file);
  const std::string fallback = path.stem() == "config" ? path.parent_path().filename() : path.stem();
  const auto model =
      duet::platform::import_model(config, options.name.empty() ? fallback : options.name, options.file);
  const std::string yaml = duet::platform::model_yaml(model);
  if (options.output.empty()) {
    fmt::print("{}", yaml);
    return;
  }
  std::ofstream out(options.output);
  if (!(out << yaml).flush()) throw duet::core::UserError(options.output + ": cannot be written");
}

const duet::platform::CommandRegistration registration{[](CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("import-model", "makes a model's YAML from a checkpoint's config.json");
  command
      ->add_option("file", options->file, "config.json (nemotron_h, zamba2, llama, mistral, mamba, mamba2)")
      ->required();
  command->add_option("--name", options->name, "name of the model (default: the file's, or its folder's)");
  command->add_option("-o,--output", options->output, "file to write (default: standard output)");
  command->footer(
      "Examples:\n"
      "  duet-vp import-model nemotron/config.json --name nemotron -o nemotron.yaml");
  command->callback([options] { import(*options); });
}};

}  // namespace
