// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace duet::test {

/// A result with every block of docs/reference/result-json.md and made-up figures, for tests of the page.
/// `factor` scales all times, so that runs differ; `timeline_events` is per phase and point.
nlohmann::ordered_json example_run(const std::string& label, double factor, unsigned timeline_events);

/// An experiment of three runs without details, with a Pareto front and published values.
nlohmann::ordered_json example_experiment();

}  // namespace duet::test
