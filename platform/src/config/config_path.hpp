// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duet/platform/config/config_node.hpp"

namespace duet::platform {

/// One step of a path such as `packages.prefill.nodes[2]["a.b"]`.
struct ConfigPathStep {
  std::string key;              ///< a map key, or the `name` of a list item
  std::optional<size_t> index;  ///< of a list item
};

/// Throws core::UserError (message only, no place) when the text is no path.
std::vector<ConfigPathStep> parse_config_path(std::string_view text);

/// The list item whose `name` is `name`, or null.
ConfigNode* find_named_item(ConfigNode& sequence, std::string_view name);

/// The child that the step leads to, or null.
const ConfigNode* find_child(const ConfigNode& node, const ConfigPathStep& step);

}  // namespace duet::platform
