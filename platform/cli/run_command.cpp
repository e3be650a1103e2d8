// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "driver_options.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/run/evaluate.hpp"
#include "duet/platform/run/result_output.hpp"
#include "run_options.hpp"

namespace {

using namespace duet::platform;

struct Options {
  RunOptions run;
  DriverOptions driver;
  std::string json;
  std::string csv;
};

void run(const Options& options) {
  RunRequest request = request_of(options.run);
  RunObserver observer = console_observer();
  apply_driver_options(options.driver, request, observer, options.json == "-" || options.csv == "-");
  const RunResult result = evaluate(request, observer);
  end_progress();
  if (options.json != "-" && options.csv != "-") fmt::print("{}", result_text(result));
  if (!options.json.empty()) write_whole(options.json, result_json(result).dump(2) + "\n");
  if (!options.csv.empty()) write_whole(options.csv, result_csv(result));
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "run", "runs a model on a platform: time to first token, time between tokens, throughput");
  auto options = std::make_shared<Options>();
  add_run_options(*command, options->run);
  add_driver_options(*command, options->driver);
  command->add_option("--json", options->json, "write the result for machines; '-' is standard output");
  command->add_option("--csv", options->csv, "write one line per batch size; '-' is standard output");
  command->footer(
      "Examples:\n"
      "  duet-vp run configs/platforms/duet.yaml --model nemotron-h-56b --workload arxiv --batch 8\n"
      "  duet-vp run duet --model zamba2-7b --workload chat --batch 1,2,4 --json chat.json\n"
      "  duet-vp run duet --model zamba2-7b --workload chat --batch 1 --driver riscv\n"
      "  duet-vp run duet --model llama3-8b --workload chat --set model.mlp.matrices=2 --set "
      "model.read_lm_head=false");
  command->callback([options] { run(*options); });
}};

}  // namespace
