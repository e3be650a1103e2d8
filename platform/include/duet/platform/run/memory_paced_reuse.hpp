// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/platform/run/graph_layers.hpp"
#include "duet/platform/run/stage_times.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// Which part of a model stands for the whole where memory holds the layers up.
///
/// Operands are fetched as far ahead as there is room for them, so a layer may end early because its
/// neighbours' bytes were few: only long stretches have a time of their own. The pace is that of the bytes or
/// of the ends of layers, the slower one, over some layers past the first ones; the layers that are left out
/// take their memory time at that pace. It lasts if memory makes no pauses and the layers end at the same
/// pace; where it runs further and further ahead of them, or they catch up, what comes later is not known.
class MemoryPacedReuse {
 public:
  /// Both have to stay.
  MemoryPacedReuse(const std::vector<GraphLayer>& all, const workload::Program& program,
                   const core::ModelDescription& model);

  /// How many layers of the pattern, at least `least`, to simulate; the whole pattern when nothing less will
  /// do.
  [[nodiscard]] std::uint64_t layers_to_simulate(std::uint64_t least) const;
  /// Whether the pace is taken over layers of every kind that is left out.
  [[nodiscard]] bool covered_by(const std::vector<GraphLayer>& some) const;
  /// Multiples of the time that the memories need at their peak rate.
  struct Pace {
    double bytes = 1;
    double layers = 1;
    double spread = 0;  ///< of layers of a kind
    [[nodiscard]] bool lasts() const;
    /// In the long run it holds.
    [[nodiscard]] double slower() const { return std::max(bytes, layers); }
  };
  /// `arrived_ps` says when that share of all bytes had been read or written.
  [[nodiscard]] Pace pace(const workload::Program& simulated, const std::vector<StageTime>& times,
                          const std::function<double(double share)>& arrived_ps) const;
  [[nodiscard]] std::vector<StageTime> extrapolate(const workload::Program& simulated,
                                                   const std::vector<StageTime>& times,
                                                   const Pace& pace) const;

 private:
  [[nodiscard]] double memory_s(size_t first_layer, size_t end_layer) const;
  [[nodiscard]] double unlikeness(size_t end_layer) const;
  [[nodiscard]] double spread(const std::vector<GraphLayer>& some, const std::vector<StageTime>& times) const;

  const std::vector<GraphLayer>& all_;
  const workload::Program& program_;
  const core::ModelDescription& model_;
  size_t first_paced_;  ///< layer where the pace begins
};

}  // namespace duet::platform
