// SPDX-License-Identifier: Apache-2.0
#include "run_options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "duet/core/quantity.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/interrupt.hpp"
#include "duet/platform/run/progress_text.hpp"
#include "duet/platform/set_option.hpp"
#include "duet/platform/value_completions.hpp"
#include "shipped_configs.hpp"

namespace duet::platform {
namespace {

bool shows_progress() {
  return is_terminal(STDERR_FILENO) && !console().quiet;
}

void complete(const std::string& option, const std::string& folder) {
  value_completions()["*." + option] = [folder] { return shipped_configs().names(folder); };
}

}  // namespace

void add_run_options(CLI::App& command, RunOptions& options) {
  command.add_option("platform", options.files.platform, "platform file, or the name of a shipped one")
      ->required()
      ->type_name("PLATFORM.yaml");
  command.add_option("--model", options.files.model, "model file, or the name of a shipped one")->required();
  command.add_option("--workload", options.files.workload, "workload file, or the name of a shipped one")
      ->required();
  command
      .add_option("--batch", options.batches, "batch sizes: 8, or 1,2,4; without it, those of the workload")
      ->delimiter(',')
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20));
  command
      .add_option(
          "--contexts", options.contexts,
          "decode steps to simulate, at the middles of that many parts of the output; 1 is exact where the "
          "time grows linearly with the context")
      ->check(CLI::Range(1u, 4096u))
      ->capture_default_str();
  command.add_option("--granularity", options.granularity,
                     "aim for the size of one bulk transaction: '512 KiB'");
  command.add_flag("--no-reuse-layers", options.no_reuse_layers, "simulate every layer");
  add_set_option(command, options.files.overrides)
      ->description(
          "path=value overrides a key of the platform: 'packages.prefill.noi.columns=5', 'mapping.steps=48'; "
          "of "
          "the model: 'model.read_lm_head=false'; of the workload: 'workload.prompt_tokens=4096'; may stand "
          "several times");
  complete("--model", "models");
  complete("--workload", "workloads");
}

RunRequest request_of(const RunOptions& options) {
  RunFiles files = options.files;
  if (!options.granularity.empty()) files.overrides.push_back("granularity=" + options.granularity);
  if (options.no_reuse_layers) files.overrides.emplace_back("reuse_layers=false");
  RunRequest request = load_request(shipped_configs(), files);
  request.batches = options.batches;
  request.contexts = options.contexts;
  return request;
}

RunObserver console_observer() {
  RunObserver observer;
  if (shows_progress()) {
    observer.progress = [](const RunProgress& progress) {
      if (!progress.point_done) fmt::print(stderr, "\r\x1b[K{}", progress_text(progress));
      std::fflush(stderr);
    };
  } else if (!console().quiet) {
    observer.progress = [](const RunProgress& progress) {
      if (progress.point_done && progress.points > 1) fmt::print(stderr, "{}\n", progress_text(progress));
    };
  }
  observer.warning = [](const std::string& text) {
    end_progress();
    print_warning(text);
  };
  catch_interrupts();
  observer.stop = was_interrupted;
  return observer;
}

void end_progress() {
  if (shows_progress()) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace duet::platform
