// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/platform/config/config_node.hpp"
#include "duet/platform/config/type_model.hpp"

namespace duet::platform {

/// A value in YAML's flow style, on one line: "{columns: 4, rates: [1 GHz, 2 GHz]}".
std::string flow_yaml(const ConfigNode& node);

/// A map in block style.
std::string block_yaml(const ConfigNode& node);

/// A map in block style as a start for the user: before each key stands what it means and may be; keys
/// of `model` that `node` does not have follow commented out with their defaults.
std::string commented_yaml(const ConfigNode& node, const StructModel& model);

}  // namespace duet::platform
