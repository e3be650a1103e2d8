// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"

namespace duet::platform {
namespace {

size_t package_for(const std::vector<core::PackageLayout>& layouts, core::PackageRole phase) {
  for (const core::PackageRole role : {phase, core::PackageRole::both}) {
    const auto found = std::ranges::find_if(
        layouts, [role](const core::PackageLayout& package) { return package.description->role == role; });
    if (found != layouts.end()) return static_cast<size_t>(found - layouts.begin());
  }
  throw core::UserError(fmt::format("packages: found none whose role is {} or both, allowed is at least one",
                                    core::enum_name(phase)));
}

}  // namespace

Machine::Machine(const core::PlatformDescription& platform)
    : layouts(core::lay_out(platform)),
      map(layouts),
      prefill_index(package_for(layouts, core::PackageRole::prefill)),
      decode_index(package_for(layouts, core::PackageRole::decode)) {
  if (hands_over() && !platform.inter_package_link) {
    throw core::UserError(
        fmt::format("inter_package_link: found nothing, allowed a link, because package {} hands its caches "
                    "to package {}",
                    prefill().name, decode().name));
  }
}

}  // namespace duet::platform
