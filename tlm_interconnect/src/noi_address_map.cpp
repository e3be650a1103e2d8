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
  for (const GroupWindow* window : {&group_, static_cast<const GroupWindow*>(&reduction_)}) {
    if (!overlaps(window->base, window->stride * window->groups)) continue;
    throw core::UserError(
        fmt::format("address map: found window {:#x} of {:#x} bytes, overlaps the group window {:#x}", base,
                    size, window->base));
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

void NoiAddressMap::set_reduction_window(const ReductionWindow& window) {
  reduction_.groups = 0;
  check_free(window.base, window.stride * window.groups);
  reduction_ = window;
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
    return Route{Route::Kind::node, window->node, window->target_base + offset};
  }
  if (group_.groups > 0 && address >= group_.base && address - group_.base < group_.stride * group_.groups) {
    const uint64_t offset = (address - group_.base) % group_.stride;
    if (bytes > group_.stride - offset) return std::nullopt;
    return Route{Route::Kind::multicast, static_cast<uint32_t>((address - group_.base) / group_.stride),
                 group_.target_offset + offset};
  }
  const uint64_t in_reductions = address - reduction_.base;
  if (address >= reduction_.base && in_reductions < reduction_.stride * reduction_.groups) {
    const uint64_t offset = in_reductions % reduction_.stride;
    const uint64_t member_bits = uint64_t{reduction_.members - 1} << reduction_.member_shift;
    const uint64_t member_bytes = uint64_t{1} << reduction_.member_shift;
    if (bytes > member_bytes - offset % member_bytes) return std::nullopt;
    return Route{Route::Kind::reduction, static_cast<uint32_t>(in_reductions / reduction_.stride),
                 reduction_.target_offset + (offset & ~member_bits),
                 static_cast<uint32_t>((offset & member_bits) >> reduction_.member_shift)};
  }
  return std::nullopt;
}

}  // namespace duet::tlm_interconnect
