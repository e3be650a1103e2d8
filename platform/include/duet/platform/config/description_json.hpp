// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "duet/platform/config/type_model.hpp"
#include "duet/platform/module/node_module_description.hpp"

namespace duet::platform {

/// A structure for machines: name, text, places where it stands, and its keys with what is allowed, unit,
/// range (in the unit), default (as YAML) and meaning.
nlohmann::ordered_json structure_json(const StructModel& model);

/// What `check` finds of a valid platform: per package the nodes, capacity, peak rates, areas and windows of
/// the address map.
nlohmann::ordered_json platform_json(const PlatformFile& platform);

}  // namespace duet::platform
