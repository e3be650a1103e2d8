// SPDX-License-Identifier: Apache-2.0
#include "duet/core/address_map.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>

namespace duet::core {
namespace {

constexpr uint64_t region_mask = 0xf;
constexpr uint64_t offset_mask_linear = (1ull << 40) - 1;
constexpr uint64_t offset_mask_interleaved = (1ull << 41) - 1;
constexpr uint64_t most_slots_per_node = 64;

int hops(const NodeInstance& a, const NodeInstance& b) {
  return std::abs(a.x - b.x) + std::abs(a.y - b.y);
}

/// Deals `owners.size()` slots of memory nodes out to chiplets, equally many each, so that the sum of the
/// squared distances is (locally) least: swaps two slots as long as that helps.
void assign_near(const PackageLayout& package, const std::vector<MemorySlot>& slots,
                 std::vector<unsigned>& owners) {
  const auto cost = [&](unsigned slot, unsigned chiplet) {
    const int distance = hops(package.memory[slots[slot].memory], package.compute[chiplet]);
    return distance * distance;
  };
  bool improved = true;
  while (improved) {
    improved = false;
    for (unsigned i = 0; i < owners.size(); ++i) {
      for (unsigned j = i + 1; j < owners.size(); ++j) {
        const int now = cost(i, owners[i]) + cost(j, owners[j]);
        const int swapped = cost(i, owners[j]) + cost(j, owners[i]);
        if (swapped >= now) continue;
        std::swap(owners[i], owners[j]);
        improved = true;
      }
    }
  }
}

/// Slots whose data crosses each mesh link on its way to the chiplets.
class LinkLoads {
 public:
  LinkLoads(const PackageLayout& package, const std::vector<MemorySlot>& slots)
      : package_(package),
        slots_(slots),
        loads_(static_cast<size_t>(package.description->noi.columns) * package.description->noi.rows) {}

  /// Adds (or takes away) one slot's way; returns by how much the sum of the loads' fourth powers changes,
  /// which the busiest links rule.
  int64_t add(unsigned slot, unsigned chiplet, int amount) {
    const NodeInstance& from = package_.memory[slots_[slot].memory];
    const NodeInstance& to = package_.compute[chiplet];
    const size_t columns = package_.description->noi.columns;
    int64_t change = 0;
    const auto cross = [&](int x, int y, unsigned direction) {
      int64_t& load = loads_[static_cast<size_t>(y) * columns + static_cast<size_t>(x)][direction];
      change -= load * load * load * load;
      load += amount;
      change += load * load * load * load;
    };
    const bool y_first = goes_y_first(package_.description->noi, from.node, to.node);
    const int along_x = y_first ? to.y : from.y;
    const int along_y = y_first ? from.x : to.x;
    for (int x = from.x; x != to.x; x += to.x > x ? 1 : -1) cross(x, along_x, to.x > x ? 0 : 1);
    for (int y = from.y; y != to.y; y += to.y > y ? 1 : -1) cross(along_y, y, to.y > y ? 2 : 3);
    return change;
  }

 private:
  const PackageLayout& package_;
  const std::vector<MemorySlot>& slots_;
  std::vector<std::array<int64_t, 4>> loads_;  // [node][east, west, south, north]
};

/// Swaps slots as long as that evens out the links: a chiplet's reads of its near memory are bound by the
/// busiest link on their way.
void even_out_links(const PackageLayout& package, const std::vector<MemorySlot>& slots,
                    std::vector<unsigned>& owners) {
  LinkLoads loads(package, slots);
  for (unsigned i = 0; i < owners.size(); ++i) loads.add(i, owners[i], 1);
  bool improved = true;
  while (improved) {
    improved = false;
    for (unsigned i = 0; i < owners.size(); ++i) {
      for (unsigned j = i + 1; j < owners.size(); ++j) {
        if (owners[i] == owners[j]) continue;
        const auto exchange = [&] {
          int64_t change = loads.add(i, owners[i], -1) + loads.add(j, owners[j], -1);
          std::swap(owners[i], owners[j]);
          change += loads.add(i, owners[i], 1);
          return change + loads.add(j, owners[j], 1);
        };
        if (exchange() < 0) {
          improved = true;
        } else {
          exchange();
        }
      }
    }
  }
}

std::vector<InterleaveSet> make_sets(const PackageLayout& package) {
  const uint64_t nodes = package.memory.size();
  const uint64_t chiplets = package.compute.size();
  const uint64_t all_slots = std::lcm(nodes, chiplets);
  const bool has_near = all_slots / nodes <= most_slots_per_node;
  const uint64_t slots_per_node = has_near ? all_slots / nodes : 1;
  uint64_t smallest_node = UINT64_MAX;
  for (const NodeInstance& memory : package.memory) {
    smallest_node = std::min(smallest_node, capacity_bytes(*memory.type->memory));
  }
  const uint64_t largest_stripe = *std::ranges::max_element(AddressMap::stripes_bytes);

  std::vector<InterleaveSet> sets(1 + chiplets);
  for (InterleaveSet& set : sets)
    set.slot_bytes = smallest_node / slots_per_node / largest_stripe * largest_stripe;
  // Slot by slot before node by node, so that neighbouring stripes lie in different nodes.
  for (uint64_t slot = 0; slot < slots_per_node; ++slot) {
    for (const NodeInstance& memory : package.memory) {
      sets[0].slots.push_back({memory.ordinal, slot * sets[0].slot_bytes});
    }
  }
  if (!has_near) return sets;
  std::vector<unsigned> owners(all_slots);
  for (unsigned i = 0; i < all_slots; ++i) owners[i] = i % static_cast<unsigned>(chiplets);
  assign_near(package, sets[0].slots, owners);
  even_out_links(package, sets[0].slots, owners);
  for (unsigned i = 0; i < all_slots; ++i) sets[1 + owners[i]].slots.push_back(sets[0].slots[i]);
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
    case 0:
      return split_linear(address, bytes, extents);
    case 3:
      return split_interleaved(address, bytes, extents);
    default:
      return false;
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

bool AddressMap::split_interleaved(uint64_t address, uint64_t bytes,
                                   std::vector<MemoryExtent>& extents) const {
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
    extents.push_back(
        {package, place.memory, memory_base(package, place.memory) + place.base + begin, end - begin});
  }
  return true;
}

}  // namespace duet::core
