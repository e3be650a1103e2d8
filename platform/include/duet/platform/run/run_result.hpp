// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duet/platform/run/package_area.hpp"
#include "duet/platform/run/phase_result.hpp"

namespace duet::platform {

/// What a package must hold at its fullest.
struct MemoryNeed {
  std::string package;
  std::uint64_t weight_bytes = 0;
  std::uint64_t cache_bytes = 0;       ///< at the longest context; none that is handed over as it is made
  std::uint64_t activation_bytes = 0;  ///< at their peak, the program's descriptors included
  std::uint64_t capacity_bytes = 0;

  [[nodiscard]] std::uint64_t sum() const { return weight_bytes + cache_bytes + activation_bytes; }
};

/// One batch size.
struct PointResult {
  std::uint64_t batch = 1;
  bool fits = true;
  bool partial = false;  ///< interrupted: of the phases, only those that had ended are there
  std::string reason;    ///< why it does not fit
  std::vector<MemoryNeed> memory;
  double ttft_s = 0;  ///< start of the prefill to the first token of every sequence
  double tbt_s = 0;   ///< mean time of a decode step over the output
  std::optional<PhaseResult> prefill;
  std::optional<PhaseResult> decode;    ///< the step at the middle context
  std::vector<std::uint64_t> contexts;  ///< at which decode steps were simulated
  double wall_s = 0;

  /// Decode tokens per second of the whole batch: batch / TBT.
  [[nodiscard]] double throughput_tokens_per_s() const {
    return tbt_s > 0 ? static_cast<double>(batch) / tbt_s : 0;
  }
};

struct RunResult {
  std::string platform;
  std::string model;
  std::string workload;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t output_tokens = 0;
  bool reuse_layers = false;
  bool partial = false;               ///< interrupted: the last point is partial, those after it are missing
  std::vector<std::string> warnings;  ///< for the user, of the run and its traces
  std::vector<PackageArea> area;
  std::map<std::string, std::string> levels;  ///< part to level of detail
  std::vector<PointResult> points;
  double wall_s = 0;
};

/// Whether all of a point is known.
inline bool is_whole(const PointResult& point) {
  return point.fits && !point.partial;
}

/// Over the points that are whole; names end with their unit.
std::vector<std::pair<std::string, double>> summarise(const RunResult& result);

}  // namespace duet::platform
