// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/platform/config/config_node.hpp"

namespace duet::platform {

/// Parses one YAML document into nodes that know their places. Anchors, aliases and merge keys
/// ("<<") are resolved; duplicate keys, tags and several documents in one text are mistakes.
/// An empty text is a null node. With `has_lines` false every place is the source alone. Throws
/// core::UserError.
ConfigNode parse_yaml(const std::string& text, const std::string& source, bool has_lines = true);

}  // namespace duet::platform
