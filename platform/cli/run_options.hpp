// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "duet/platform/run/load_request.hpp"
#include "duet/platform/run/run_request.hpp"

namespace duet::platform {

/// Options of every command that runs a model on a platform.
struct RunOptions {
  RunFiles files;
  std::vector<std::uint64_t> batches;
  unsigned contexts = 1;
  std::string granularity;
  bool no_reuse_layers = false;
};

void add_run_options(CLI::App& command, RunOptions& options);

/// Throws core::UserError.
RunRequest request_of(const RunOptions& options);

/// Progress on a terminal, warnings on standard error.
RunObserver console_observer();
/// Takes the progress line away.
void end_progress();

}  // namespace duet::platform
