// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "driver_options.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/interrupt.hpp"
#include "duet/platform/report/report.hpp"
#include "duet/platform/report/run_tracer.hpp"
#include "duet/platform/run/evaluate.hpp"
#include "duet/platform/run/result_output.hpp"
#include "run_options.hpp"

namespace {

using namespace duet::platform;

constexpr std::size_t timeline_events_of_result = 100'000;

struct Options {
  RunOptions run;
  TraceOptions trace;
  DriverOptions driver;
  std::string json;
  std::string csv;
  std::string report;
  bool brief = false;
};

// The page and the file share the limit among all phases.
std::size_t timeline_events(const Options& options, const RunRequest& request) {
  if (options.brief || (options.json.empty() && options.report.empty())) return 0;
  const auto& batches = request.batches.empty() ? request.workload.batch_sizes : request.batches;
  return std::max<std::size_t>(1, timeline_events_of_result / (2 * std::max<std::size_t>(1, batches.size())));
}

RunResult evaluate_with_traces(const Options& options, RunRequest& request) {
  RunObserver observer = console_observer();
  apply_driver_options(options.driver, request, observer, options.json == "-" || options.csv == "-");
  observer.timeline_events = timeline_events(options, request);
  if (!options.trace.any()) return evaluate(request, observer);
  std::vector<std::string> warnings;
  const auto& batches = request.batches.empty() ? request.workload.batch_sizes : request.batches;
  RunTracer tracer(
      options.trace, batches.size() > 1,
      [](const std::string& text) {
        end_progress();
        print_note(text);
      },
      [&](const std::string& text) {
        end_progress();
        print_warning(text);
        warnings.push_back(text);
      });
  observer.watchers.push_back(&tracer);
  RunResult result = evaluate(request, observer);
  tracer.finish();
  result.warnings = warnings;
  return result;
}

void run(const Options& options) {
  RunRequest request = request_of(options.run);
  if (options.trace.any()) options.trace.check();
  for (const std::string& path : {options.json, options.csv, options.report}) require_writable(path);
  const RunResult result = evaluate_with_traces(options, request);
  end_progress();
  if (options.json != "-" && options.csv != "-") fmt::print("{}", result_text(result));
  nlohmann::ordered_json json = result_json(result);
  json["version"] = DUET_VERSION;
  if (!options.json.empty()) write_whole(options.json, json.dump(options.json == "-" ? 2 : 1) + "\n");
  if (!options.csv.empty()) write_whole(options.csv, result_csv(result));
  if (!options.report.empty()) write_whole(options.report, render_report({{"run", json}}));
  if (result.partial) throw Interrupted("interrupted: the result is partial");
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "run", "runs a model on a platform: time to first token, time between tokens, throughput");
  auto options = std::make_shared<Options>();
  add_run_options(*command, options->run);
  add_driver_options(*command, options->driver);
  command->add_option("--json", options->json, "write the result for machines; '-' is standard output");
  command->add_option("--csv", options->csv, "write one line per batch size; '-' is standard output");
  command->add_option("--report", options->report, "write the result as one self-contained HTML page")
      ->type_name("FILE.html");
  command->add_flag("--brief", options->brief,
                    "leave out of JSON and page what is large: timeline and utilisation over time");
  add_trace_options(*command, options->trace);
  command->footer(
      "Examples:\n"
      "  duet-vp run configs/platforms/duet.yaml --model nemotron-h-56b --workload arxiv --batch 8\n"
      "  duet-vp run duet --model zamba2-7b --workload chat --batch 1,2,4 --json chat.json --report "
      "chat.html\n"
      "  duet-vp run duet --model zamba2-7b --workload chat --batch 1 --driver riscv\n"
      "  duet-vp run duet --model llama3-8b --workload chat --set model.mlp.matrices=2 --set "
      "model.read_lm_head=false\n"
      "  duet-vp run duet --model mamba2-130m --workload chat --batch 1 --vcd run.vcd --trace-select "
      "'prefill.chiplet_x1_y0,**.link[0->1]'");
  command->callback([options] { run(*options); });
}};

}  // namespace
