// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "duet/platform/experiment/design_space.hpp"
#include "duet/platform/experiment/experiment_results.hpp"
#include "duet/platform/experiment/published_description.hpp"

namespace duet::platform {

/// A published figure beside ours.
struct ComparedFigure {
  std::string metric, model, workload, platform;
  double published = 0;
  std::optional<double> measured;  ///< nothing when no point of the cell has run and fits

  /// measured / published - 1.
  [[nodiscard]] std::optional<double> error() const {
    return measured ? std::optional(*measured / published - 1) : std::nullopt;
  }
};

/// Absolute figures, averaged as the metric says.
std::vector<ComparedFigure> compare_absolutes(const PublishedDescription& published,
                                              const ExperimentResults& results);
/// Ratios to the base, over the batch sizes that both run.
std::vector<ComparedFigure> compare_ratios(const PublishedDescription& published,
                                           const ExperimentResults& results);
/// Geometric means of the ratios over all models and workloads in the results.
std::vector<ComparedFigure> compare_geometric_means(const PublishedDescription& published,
                                                    const ExperimentResults& results);

/// docs/validation.md: every published figure, ours, their ratio; what was asked for and what was
/// reached; ratios by batch size; capacity; physics; assumptions and causes with what the sensitivity
/// experiment (one point set per `variant`, the first is the base) says of each; what other readings of a
/// system (experiments with variants of it) would change; where the paper's arrays lie in their design
/// spaces. Same results, same text.
std::string validation_markdown(const PublishedDescription& published, const ExperimentResults& results,
                                const ExperimentResults& sensitivity,
                                const std::vector<ExperimentResults>& readings = {},
                                const std::vector<DesignSpace>& spaces = {});

}  // namespace duet::platform
