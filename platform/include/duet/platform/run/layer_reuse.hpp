// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/platform/run/graph_layers.hpp"
#include "duet/platform/run/memory_paced_reuse.hpp"
#include "duet/platform/run/stage_times.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// The model cut after the first `layers` characters of its pattern.
core::ModelDescription truncate(const core::ModelDescription& model, std::uint64_t layers);

/// Which part of a model stands for the whole. Operands are prefetched and results leave while other layers
/// compute, so neighbours matter: a layer is stood for by one with as many equal neighbours on both sides as
/// possible, and at least two. Where memory holds the layers up, MemoryPacedReuse says.
class LayerReuse {
 public:
  /// `program` is that of the whole `model`, and both have to stay.
  LayerReuse(const workload::Program& program, const core::ModelDescription& model);
  LayerReuse(const LayerReuse&) = delete;
  LayerReuse& operator=(const LayerReuse&) = delete;

  /// How many layers of the pattern, at least `least`, have to be simulated so that every layer has a
  /// counterpart between the same kinds of neighbours. The whole pattern when nothing less will do.
  [[nodiscard]] std::uint64_t layers_to_simulate(std::uint64_t least) const;

  /// Whether every layer of the whole program has a counterpart in that of the truncated model, mapped alike.
  [[nodiscard]] bool covered_by(const workload::Program& simulated) const;

  /// Times of the stages of the whole program from those of a program of the truncated model: a layer
  /// takes the mean time of the simulated layers of its kind with the most equal neighbours. Throws
  /// std::logic_error unless covered_by().
  [[nodiscard]] std::vector<StageTime> extrapolate(const workload::Program& simulated,
                                                   const std::vector<StageTime>& times) const;

  /// Where memory holds the layers up, what says so; extrapolate() is its business then.
  [[nodiscard]] const std::optional<MemoryPacedReuse>& paced_by_memory() const { return paced_; }

 private:
  using Layers = std::vector<GraphLayer>;
  struct Neighbours {
    size_t before = 0;
    size_t after = 0;
  };

  [[nodiscard]] Neighbours equal_neighbours(size_t i, const Layers& some, size_t j) const;
  [[nodiscard]] std::vector<size_t> sources_of(size_t i, const Layers& some) const;
  [[nodiscard]] bool covered_by(const Layers& some) const;

  const core::ModelDescription& model_;
  Layers all_;
  size_t least_layers_ = 0;
  std::optional<MemoryPacedReuse> paced_;
};

}  // namespace duet::platform
