// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/noi_address_map.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"

namespace duet::tlm_interconnect {

void NoiAddressMap::check_free(uint64_t base, uint64_t size) const {
  if (size == 0 || base + size - 1 < base) {
    throw core::UserError(fmt::format(
        "address map: found window {:#x} of {:#x} bytes, allowed one or more, no wrap", base, size));
  }
  auto overlaps = [base, size](uint64_t other, uint64_t other_size) {
    return other_size > 0 && base <= other + (other_size - 1) && other <= base + (size - 1);
  };
  for (const Window& window : windows_) {
    if (overlaps(window.base, window.size)) {
      throw core::UserError(
          fmt::format("address map: found window {:#x} of {:#x} bytes, overlaps {:#x} of {:#x} (node {})",
                      base, size, window.base, window.size, window.node));
    }
  }
  if (overlaps(group_.base, group_.stride * group_.groups)) {
    throw core::UserError(
        fmt::format("address map: found window {:#x} of {:#x} bytes, overlaps the group window {:#x}", base,
                    size, group_.base));
  }
}

void NoiAddressMap::add(uint64_t base, uint64_t size, NodeId node, uint64_t target_base) {
  check_free(base, size);
  const auto at = std::upper_bound(windows_.begin(), windows_.end(), base,
                                   [](uint64_t value, const Window& window) { return value < window.base; });
  windows_.insert(at, {base, size, node, target_base});
}

void NoiAddressMap::set_group_window(const GroupWindow& window) {
  group_.groups = 0;
  check_free(window.base, window.stride * window.groups);
  group_ = window;
}

const NoiAddressMap::Window* NoiAddressMap::window_of(uint64_t address) const {
  const auto after =
      std::upper_bound(windows_.begin(), windows_.end(), address,
                       [](uint64_t value, const Window& window) { return value < window.base; });
  if (after == windows_.begin()) return nullptr;
  const Window& window = *(after - 1);
  return address - window.base < window.size ? &window : nullptr;
}

std::optional<NoiAddressMap::Route> NoiAddressMap::find(uint64_t address, uint64_t bytes) const {
  if (const Window* window = window_of(address)) {
    const uint64_t offset = address - window->base;
    if (bytes > window->size - offset) return std::nullopt;
    return Route{false, window->node, window->target_base + offset};
  }
  if (group_.groups > 0 && address >= group_.base && address - group_.base < group_.stride * group_.groups) {
    const uint64_t offset = (address - group_.base) % group_.stride;
    if (bytes > group_.stride - offset) return std::nullopt;
    return Route{true, static_cast<uint32_t>((address - group_.base) / group_.stride),
                 group_.target_offset + offset};
  }
  return std::nullopt;
}

}  // namespace duet::tlm_interconnect
