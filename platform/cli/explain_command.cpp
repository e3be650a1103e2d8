// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "duet/platform/command.hpp"
#include "duet/platform/run/evaluate.hpp"
#include "duet/platform/run/result_output.hpp"
#include "run_options.hpp"

namespace {

using namespace duet::platform;

void explain(const RunOptions& options) {
  const RunResult result = evaluate(request_of(options), console_observer());
  end_progress();
  for (const PointResult& point : result.points) {
    if (!point.fits) {
      fmt::print("batch {} does not fit: {}\n", point.batch, point.reason);
      continue;
    }
    if (point.prefill) {
      fmt::print("batch {}, prefill on package '{}'\n{}\n", point.batch, point.prefill->package,
                 explain_text(*point.prefill));
    }
    if (point.decode) {
      fmt::print("batch {}, decode step at context {} on package '{}'\n{}\n", point.batch,
                 point.contexts[point.contexts.size() / 2], point.decode->package,
                 explain_text(*point.decode));
    }
  }
  if (result.partial) throw Interrupted("interrupted: the result is partial");
}

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "explain", "prints the mapper's choice and predicted time of every stage beside the simulated time");
  auto options = std::make_shared<RunOptions>();
  add_run_options(*command, *options);
  command->footer("Examples:\n  duet-vp explain duet --model nemotron-h-56b --workload arxiv --batch 8");
  command->callback([options] { explain(*options); });
}};

}  // namespace
