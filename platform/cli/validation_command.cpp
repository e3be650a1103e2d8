// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/experiment/validation_report.hpp"
#include "shipped_configs.hpp"

namespace {

using namespace duet::platform;

struct Options {
  std::string published = "published", results = "results/table4", sensitivity = "results/sensitivity",
              output;
  std::vector<std::string> readings{"results/b200_readings", "results/aggregates", "results/paper_reading",
                                    "results/decode_friendly"};
  std::vector<std::string> spaces{"results/figure5a", "results/figure5b"};
};

/// A results.json, or the folder that it lies in.
std::filesystem::path results_file(const std::string& name) {
  return std::filesystem::is_directory(name) ? std::filesystem::path(name) / "results.json"
                                             : std::filesystem::path(name);
}

void run(const Options& options) {
  const ConfigLibrary configs = shipped_configs();
  const auto published =
      load_config<PublishedDescription>(configs.find("experiments", options.published, "--published"));
  const ExperimentResults results = load_results(results_file(options.results));
  ExperimentResults sensitivity;
  if (std::filesystem::exists(results_file(options.sensitivity))) {
    sensitivity = load_results(results_file(options.sensitivity));
  }
  std::vector<ExperimentResults> readings;
  for (const std::string& name : options.readings) {
    if (std::filesystem::exists(results_file(name))) readings.push_back(load_results(results_file(name)));
  }
  std::vector<DesignSpace> spaces;
  for (const std::string& name : options.spaces) {
    if (!std::filesystem::exists(results_file(name))) continue;
    for (DesignSpace& space : load_design_spaces(results_file(name))) spaces.push_back(std::move(space));
  }
  const std::string text = validation_markdown(published, results, sensitivity, readings, spaces);
  if (options.output.empty()) {
    fmt::print("{}", text);
  } else {
    write_atomically(options.output, text);
  }
}

const duet::platform::CommandRegistration registration{[](CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("validation", "compares results with the published figures, as Markdown");
  command->add_option("--published", options->published, "the published figures");
  command->add_option("--results", options->results, "results of the experiment table4");
  command->add_option("--sensitivity", options->sensitivity, "results of the experiment sensitivity");
  command->add_option(
      "--readings", options->readings,
      "results of experiments that read systems or models otherwise: b200_readings, aggregates, "
      "paper_reading, decode_friendly");
  command->add_option("--spaces", options->spaces,
                      "results of experiments with Pareto fronts: figure5a, figure5b");
  command->add_option("-o,--output", options->output, "file to write: docs/validation.md");
  command->footer(
      "Examples:\n"
      "  duet-vp experiment table4 && duet-vp experiment sensitivity\n"
      "  duet-vp validation -o docs/validation.md");
  command->callback([options] { run(*options); });
}};

}  // namespace
