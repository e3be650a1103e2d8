// SPDX-License-Identifier: Apache-2.0
#include "duet/core/address_map.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace duet::core {
namespace {

constexpr uint64_t region_mask = 0xf;
constexpr uint64_t offset_mask_linear = (1ull << 40) - 1;
constexpr uint64_t offset_mask_interleaved = (1ull << 41) - 1;
constexpr unsigned most_slots_per_node = 12;

/// Compute chiplets at the fewest hops from a memory node.
std::vector<unsigned> nearest_chiplets(const PackageLayout& package, const NodeInstance& memory) {
  std::vector<unsigned> nearest;
  int fewest = INT32_MAX;
  for (const NodeInstance& chiplet : package.compute) {
    const int hops = std::abs(chiplet.x - memory.x) + std::abs(chiplet.y - memory.y);
    if (hops < fewest) nearest.clear();
    if (hops <= fewest) nearest.push_back(chiplet.ordinal);
    fewest = std::min(fewest, hops);
  }
  return nearest;
}

std::vector<InterleaveSet> make_sets(const PackageLayout& package) {
  std::vector<std::vector<unsigned>> near(package.memory.size());
  uint64_t slots_per_node = 1;
  uint64_t smallest_node = UINT64_MAX;
  for (const NodeInstance& memory : package.memory) {
    near[memory.ordinal] = nearest_chiplets(package, memory);
    slots_per_node = std::lcm(slots_per_node, near[memory.ordinal].size());
    smallest_node = std::min(smallest_node, capacity_bytes(*memory.type->memory));
  }
  slots_per_node = std::min<uint64_t>(slots_per_node, most_slots_per_node);
  const uint64_t largest_stripe = *std::ranges::max_element(AddressMap::stripes_bytes);
  const uint64_t slot_bytes = smallest_node / slots_per_node / largest_stripe * largest_stripe;

  std::vector<InterleaveSet> sets(1 + package.compute.size());
  for (InterleaveSet& set : sets) set.slot_bytes = slot_bytes;
  // Slot by slot before node by node, so that neighbouring stripes lie in different nodes.
  for (uint64_t slot = 0; slot < slots_per_node; ++slot) {
    for (const NodeInstance& memory : package.memory) {
      const MemorySlot entry{memory.ordinal, slot * slot_bytes};
      sets[0].slots.push_back(entry);
      const auto& chiplets = near[memory.ordinal];
      sets[1 + chiplets[slot % chiplets.size()]].slots.push_back(entry);
    }
  }
  return sets;
}

/// How many of the bytes [0, end) of an interleaved window lie in a slot.
uint64_t slot_bytes_before(uint64_t end, uint64_t stripe, uint64_t slots, uint64_t slot) {
  const uint64_t row = end / (stripe * slots);
  const uint64_t rest = end % (stripe * slots);
  const uint64_t begin = slot * stripe;
  return row * stripe + (rest <= begin ? 0 : std::min(rest - begin, stripe));
}

}  // namespace

AddressMap::AddressMap(const std::vector<PackageLayout>& packages) {
  for (const PackageLayout& package : packages) {
    auto& nodes = node_bytes_.emplace_back();
    for (const NodeInstance& memory : package.memory) nodes.push_back(capacity_bytes(*memory.type->memory));
    sets_.push_back(make_sets(package));
  }
}

bool AddressMap::split(uint64_t address, uint64_t bytes, std::vector<MemoryExtent>& extents) const {
  const uint64_t package = (address >> 56) - 1;
  if (package >= node_bytes_.size()) return false;
  switch ((address >> 52) & region_mask) {
    case 0: return split_linear(address, bytes, extents);
    case 3: return split_interleaved(address, bytes, extents);
    default: return false;
  }
}

bool AddressMap::split_linear(uint64_t address, uint64_t bytes, std::vector<MemoryExtent>& extents) const {
  const unsigned package = package_of(address);
  const auto memory = static_cast<unsigned>((address >> 40) & 0xfff);
  const uint64_t offset = address & offset_mask_linear;
  if (memory >= node_bytes_[package].size() || bytes > node_bytes_[package][memory] ||
      offset > node_bytes_[package][memory] - bytes) {
    return false;
  }
  extents.push_back({package, memory, address, bytes});
  return true;
}

bool AddressMap::split_interleaved(uint64_t address, uint64_t bytes, std::vector<MemoryExtent>& extents) const {
  const unsigned package = package_of(address);
  const uint64_t set_index = (address >> 44) & 0xff;
  const uint64_t stripe_index = (address >> 41) & 0x7;
  const uint64_t offset = address & offset_mask_interleaved;
  if (set_index >= sets_[package].size() || stripe_index >= std::size(stripes_bytes)) return false;
  const InterleaveSet& set = sets_[package][set_index];
  if (bytes > set.bytes() || offset > set.bytes() - bytes) return false;
  const uint64_t stripe = stripes_bytes[stripe_index];
  const uint64_t slots = set.slots.size();
  const uint64_t first = offset / stripe % slots;
  for (uint64_t i = 0; i < slots; ++i) {
    const uint64_t slot = (first + i) % slots;
    const uint64_t begin = slot_bytes_before(offset, stripe, slots, slot);
    const uint64_t end = slot_bytes_before(offset + bytes, stripe, slots, slot);
    if (begin == end) continue;
    const MemorySlot& place = set.slots[slot];
    extents.push_back({package, place.memory, memory_base(package, place.memory) + place.base + begin, end - begin});
  }
  return true;
}

}  // namespace duet::core
