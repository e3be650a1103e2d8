// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/core/model_description.hpp"
#include "duet/core/workload_description.hpp"
#include "duet/platform/module/node_module_description.hpp"

namespace duet::platform {

/// What `check` prints of a valid platform: the composed tree with a plan of each interposer, capacity,
/// peak rates and area, and the address map.
std::string platform_summary(const PlatformFile& platform);

/// Layers by kind, parameters, bytes of weights and of the caches of one sequence.
std::string model_summary(const core::ModelDescription& model);

std::string workload_summary(const core::WorkloadDescription& workload);

}  // namespace duet::platform
