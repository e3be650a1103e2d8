// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/core/array_description.hpp"
#include "duet/core/model_description.hpp"
#include "duet/core/workload_description.hpp"
#include "duet/platform/config/config_document.hpp"
#include "duet/platform/module/node_module_description.hpp"

namespace duet::platform {

/// Everything that can be checked before time 0 without a workload: keys, units and ranges; placements
/// inside the grid and not over each other; node types, memory standards and links that exist; every
/// chiplet reaches every memory node of its package; modules at free places. Paths of libraries become
/// relative to the working directory. Throws core::UserError with the places.
PlatformFile load_platform(const ConfigDocument& document);

/// Lanes that are a power of two and a local buffer that holds a register; `path` is the prefix of their
/// keys.
void check_vector_array(const ConfigDocument& document, const std::string& path,
                        const core::VectorArrayDescription& array);

/// Keys and ranges, and shapes that fit each other.
core::ModelDescription load_model(const ConfigDocument& document);

core::WorkloadDescription load_workload(const ConfigDocument& document);

}  // namespace duet::platform
