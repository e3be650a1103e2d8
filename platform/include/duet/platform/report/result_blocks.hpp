// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <vector>

#include "duet/platform/simulation/simulation.hpp"

namespace duet::platform {

/// What a package had done up to a moment: the difference of two tells what a run did.
struct PackageActivity {
  uint64_t time_ps = 0;
  std::vector<double> chiplet_busy_ps;  ///< per compute chiplet, its busiest engine
  std::vector<uint64_t> memory_bytes;   ///< per memory node, read and written
  std::vector<uint64_t> link_bytes;     ///< per link and direction of the NoI
  std::vector<double> link_busy_ps;
};
PackageActivity activity_of(PackageModule& package);

// The optional blocks of a phase (docs/reference/result-json.md), from a run and what is known around it.

/// Time, work and bounds per kind of layer. A layer's time is from the end of the one before it to its own
/// end, so that the sum is the phase; its bound is the largest of the mapper's times for one resource.
nlohmann::ordered_json layer_kinds_block(const ProgramRun& run, const workload::Program& program);
/// The layers on every engine, at most `limit` events; the others are counted as "timeline_dropped".
nlohmann::ordered_json timeline_block(const ProgramRun& run, const workload::Program& program,
                                      const core::PackageLayout& layout, size_t limit = 100'000);
size_t timeline_dropped(const ProgramRun& run, size_t limit = 100'000);
/// Nodes and links of the interposer with their load between two moments.
nlohmann::ordered_json floorplan_block(PackageModule& package, const PackageActivity& before,
                                       const PackageActivity& after);
/// Means over arrays, links and memory between two moments.
nlohmann::ordered_json utilisation_block(PackageModule& package, const PackageActivity& before,
                                         const PackageActivity& after);
/// The same over time; `moments` are equally spaced, the first at the begin of the phase.
nlohmann::ordered_json utilisation_over_time_block(PackageModule& package,
                                                   const std::vector<PackageActivity>& moments);

}  // namespace duet::platform
