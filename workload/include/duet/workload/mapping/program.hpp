// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "duet/sw_driver/descriptor.h"
#include "duet/sw_driver/program.h"
#include "duet/workload/graph/build_graph.hpp"

namespace duet::workload {

/// How one stage of a prefill is spread over rows x columns of chiplets: chiplet r * columns + c makes
/// row slice r (tokens) and column slice c of the result.
struct PrefillGrid {
  unsigned rows = 1;
  unsigned columns = 1;
  std::uint64_t passes_a = 1;  ///< times that the activations' slice is read
  std::uint64_t passes_b = 1;  ///< times that the weights' slice is read
  std::uint64_t k_blocks = 1;  ///< parts of k whose partial sums meet in SRAM
  double noi_s = 0;            ///< predicted, of the busiest link
  double seconds = 0;          ///< predicted
};

/// What the mapper predicts of one stage, and what identifies it in results. Times in seconds.
struct StagePlan {
  std::string name;
  LayerKind layer_kind = LayerKind::mamba;
  std::uint64_t layer = 0;
  OperatorKind kind = OperatorKind::gemm;
  std::uint64_t macs = 0;
  std::uint64_t functions = 0;     ///< evaluations in special function units
  std::uint64_t memory_bytes = 0;  ///< read and written at the package's memories
  std::uint64_t ingest_bytes = 0;  ///< largest over chiplets: bytes arriving over its links
  std::uint64_t remote_bytes = 0;  ///< to the other package
  double compute_s = 0;
  double memory_s = 0;
  double noi_s = 0;
  double link_s = 0;
  std::string split;  ///< "4 x 4 (rows x columns)"
  PrefillGrid grid;   ///< of a prefill stage

  [[nodiscard]] double predicted_s() const;
};

/// One run of a package: what the driver dispatches and what lies in memory.
struct Program {
  Phase phase = Phase::prefill;
  std::vector<std::vector<duet_descriptor>> queues;  ///< per compute chiplet of the package
  std::vector<uint64_t> queue_address;               ///< per compute chiplet
  std::vector<duet_program_group> groups;
  std::vector<duet_dispatch> dispatches;
  std::vector<StagePlan> stages;        ///< descriptor.layer indexes this list
  bool fits = true;                     ///< everything found a place in memory
  std::uint64_t memory_used_bytes = 0;  ///< weights, caches, activations at their peak, image
  std::uint64_t memory_capacity_bytes = 0;
  std::uint64_t weight_bytes = 0;
  std::uint64_t cache_bytes = 0;
  std::uint64_t activation_peak_bytes = 0;
  std::uint64_t prefetch_room_bytes = 0;  ///< of all chiplets: how far weights and caches run ahead

  /// The program image for the driver's memory (struct duet_program and its tables).
  [[nodiscard]] std::vector<uint8_t> image() const;
};

}  // namespace duet::workload
