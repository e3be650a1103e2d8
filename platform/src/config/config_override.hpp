// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "config_path.hpp"
#include "duet/platform/config/config_node.hpp"

namespace duet::platform {

/// The child of `node` at `step`, made when missing. `path` is that of `node`. Throws core::UserError
/// when the step does not fit: an index outside the list, a name that no item has, a key of a scalar.
ConfigNode& enter_for_override(ConfigNode& node, const ConfigPathStep& step, const std::string& path,
                               const ConfigLocation& location);

}  // namespace duet::platform
