// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/platform_layout.hpp"

namespace duet::platform {

/// The layout of a platform, and which package serves which phase: the first whose role names the
/// phase, else the first that serves both.
struct Machine {
  /// Throws core::UserError when a phase has no package, or the two packages no link.
  explicit Machine(const core::PlatformDescription& platform);

  std::vector<core::PackageLayout> layouts;
  core::AddressMap map;
  size_t prefill_index = 0;
  size_t decode_index = 0;

  [[nodiscard]] const core::PackageLayout& prefill() const { return layouts[prefill_index]; }
  [[nodiscard]] const core::PackageLayout& decode() const { return layouts[decode_index]; }
  /// Whether the caches go to another package.
  [[nodiscard]] bool hands_over() const { return prefill_index != decode_index; }
};

}  // namespace duet::platform
