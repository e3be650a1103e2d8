// SPDX-License-Identifier: Apache-2.0
#include "shipped_configs.hpp"

namespace duet::platform {

ConfigLibrary shipped_configs() {
  return ConfigLibrary::standard({DUET_CONFIG_DIR});
}

}  // namespace duet::platform
