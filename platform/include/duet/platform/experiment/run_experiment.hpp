// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "duet/platform/experiment/experiment_results.hpp"
#include "duet/platform/experiment/published_description.hpp"

namespace duet::platform {

/// What an experiment left in its folder.
struct ExperimentOutcome {
  ExperimentResults results;
  std::size_t points = 0;
  std::vector<std::string> failures;  ///< "platform=..., batch=...: message" of points without a result
};

/// Rows of the results.json in the store's folder that collecting would lose: the experiment has their
/// points, but they have not run with this program and these configuration files.
std::size_t rows_to_lose(const std::vector<ExperimentPoint>& points, const PointStore& store);

/// Collects the stored points: writes results.json, results.csv, tables/*.md and *.csv, figures/*.svg
/// into the store's folder, all atomically. Tables and figures that have no points yet are left out
/// when some points failed. Equal inputs give equal files, whichever engine ran the points. `published`:
/// figures that results.json shows beside the results, or null.
ExperimentOutcome collect_results(const ExperimentDescription& experiment,
                                  const std::vector<ExperimentPoint>& points, const PointStore& store,
                                  const std::string& version,
                                  const PublishedDescription* published = nullptr);

}  // namespace duet::platform
