// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "duet/platform/config/type_model.hpp"

namespace duet::platform {

/// JSON Schema (draft 7, which editors' YAML servers know best) of the files that hold this structure.
/// It accepts every file that the loader accepts; ranges of quantities with units and what only the
/// merged configuration shows (required keys that an include may bring) are left to the loader.
nlohmann::ordered_json json_schema(const StructModel& root, const std::string& title);

}  // namespace duet::platform
