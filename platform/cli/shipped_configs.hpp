// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/platform/config/config_library.hpp"

namespace duet::platform {

/// The YAML files that come with the program: of $DUET_CONFIG_DIR if set, else those of the source tree.
ConfigLibrary shipped_configs();

}  // namespace duet::platform
