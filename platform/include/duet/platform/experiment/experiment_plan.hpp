// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "duet/platform/config/config_library.hpp"
#include "duet/platform/experiment/experiment_description.hpp"

namespace duet::platform {

/// One combination of inputs. `key` names it in the results folder; it changes with the arguments,
/// with the contents of every configuration file that they name, and with the program.
struct ExperimentPoint {
  std::size_t index = 0;
  std::map<std::string, std::string> inputs;  ///< platform, model, workload, batch, variant, axes
  std::vector<std::string> arguments;         ///< of duet-vp
  std::string key;
};

/// All points, in the order platform, model, workload, variant, axes by name, batch (fastest).
/// `program` is the duet-vp that will run.
/// Throws core::UserError for names without a file, placeholders without values, repeated points.
std::vector<ExperimentPoint> plan_points(const ExperimentDescription& experiment,
                                         const ConfigLibrary& configs, const std::filesystem::path& program);

}  // namespace duet::platform
