// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/platform/run/stage_times.hpp"
#include "duet/workload/mapping/program.hpp"

namespace duet::platform {

/// The model cut after the first `layers` characters of its pattern.
core::ModelDescription truncate(const core::ModelDescription& model, std::uint64_t layers);

/// Which part of a model stands for the whole. Operands are prefetched and results leave while other layers
/// compute, so neighbours matter: a layer is stood for by one with as many equal neighbours on both sides as
/// possible, and at least two. Where memory holds the layers up, nothing less than the whole will do.
class LayerReuse {
 public:
  /// `program` is that of the whole `model`, and both have to stay.
  LayerReuse(const workload::Program& program, const core::ModelDescription& model);

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

 private:
  /// A layer of the graph (embedding and head included): its stages, and what makes two layers the same.
  struct Layer {
    size_t first_stage = 0;
    size_t stages = 0;
    std::string kinds;      ///< of its stages
    std::string signature;  ///< how they are cut, too
  };
  using Layers = std::vector<Layer>;
  struct Neighbours {
    size_t before = 0;
    size_t after = 0;
  };

  static Layers layers_of(const workload::Program& program);
  [[nodiscard]] Neighbours equal_neighbours(size_t i, const Layers& some, size_t j) const;
  [[nodiscard]] std::vector<size_t> sources_of(size_t i, const Layers& some) const;
  [[nodiscard]] bool covered_by(const Layers& some) const;
  [[nodiscard]] std::vector<size_t> pattern_positions() const;

  const core::ModelDescription& model_;
  Layers all_;
  bool worthwhile_;
};

}  // namespace duet::platform
