// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/memory_plan.hpp"

#include <algorithm>

namespace duet::workload {
namespace {

constexpr uint64_t alignment = 4096;  // the finest stripe

uint64_t round_up(uint64_t value, uint64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace

MemoryPlan::MemoryPlan(const core::AddressMap& map, unsigned package, unsigned chiplets, bool use_near,
                       uint64_t rounds)
    : map_(map), package_(package), rounds_(rounds), near_end_(chiplets, 0) {
  const auto& sets = map.sets(package);
  slot_bytes_ = sets[0].slot_bytes;
  spread_begin_ = slot_bytes_;
  capacity_bytes_ = sets[0].bytes();
  has_near_ = use_near && !sets[1].slots.empty();
  free_.resize(sets.size());
}

unsigned MemoryPlan::stripe_for(uint64_t bytes, uint64_t slots) const {
  unsigned best = 0;
  for (unsigned i = 0; i < std::size(core::AddressMap::stripes_bytes) - 1; ++i) {
    if (core::AddressMap::stripes_bytes[i] * slots * rounds_ <= bytes) best = i;
  }
  return best;
}

void MemoryPlan::count(uint64_t bytes) {
  used_bytes_ += bytes;
  peak_bytes_ = std::max(peak_bytes_, used_bytes_);
}

Placement MemoryPlan::place(unsigned set, unsigned stripe, uint64_t slot_begin, uint64_t bytes) const {
  const uint64_t slots = map_.sets(package_)[set].slots.size();
  return {core::AddressMap::interleaved_base(package_, set, stripe) + slot_begin * slots, bytes};
}

std::optional<Placement> MemoryPlan::reuse(unsigned set, unsigned stripe, uint64_t slot_bytes,
                                           uint64_t bytes) {
  for (auto piece = free_[set].lower_bound(slot_bytes); piece != free_[set].end(); ++piece) {
    if (piece->second % core::AddressMap::stripes_bytes[stripe] != 0) continue;
    const auto [piece_bytes, begin] = *piece;
    free_[set].erase(piece);
    if (piece_bytes > slot_bytes) free_[set].emplace(piece_bytes - slot_bytes, begin + slot_bytes);
    return place(set, stripe, begin, bytes);
  }
  return std::nullopt;
}

std::optional<Placement> MemoryPlan::allocate_near(unsigned chiplet, uint64_t bytes) {
  if (!has_near_) return allocate_spread(bytes);
  const unsigned set = 1 + chiplet;
  const uint64_t slots = map_.sets(package_)[set].slots.size();
  const unsigned stripe = stripe_for(bytes, slots);
  const uint64_t stripe_bytes = core::AddressMap::stripes_bytes[stripe];
  const uint64_t size = round_up(std::max(bytes, alignment), stripe_bytes * slots) / slots;
  count(bytes);
  if (const auto reused = reuse(set, stripe, size, bytes)) return reused;
  const uint64_t begin = round_up(near_end_[chiplet], stripe_bytes);
  if (begin + size > spread_begin_) return std::nullopt;
  near_end_[chiplet] = begin + size;
  return place(set, stripe, begin, bytes);
}

std::optional<Placement> MemoryPlan::allocate_spread(uint64_t bytes) {
  const uint64_t slots = map_.sets(package_)[0].slots.size();
  const unsigned stripe = stripe_for(bytes, slots);
  const uint64_t stripe_bytes = core::AddressMap::stripes_bytes[stripe];
  const uint64_t size = round_up(std::max(bytes, alignment), stripe_bytes * slots) / slots;
  count(bytes);
  if (const auto reused = reuse(0, stripe, size, bytes)) return reused;
  const uint64_t lowest = *std::ranges::max_element(near_end_);
  if (spread_begin_ < lowest + size + stripe_bytes) return std::nullopt;
  spread_begin_ = (spread_begin_ - size) / stripe_bytes * stripe_bytes;
  return place(0, stripe, spread_begin_, bytes);
}

void MemoryPlan::release(const Placement& placement) {
  used_bytes_ -= placement.bytes;
  const auto set = static_cast<unsigned>((placement.address >> 44) & 0xff);
  const uint64_t slots = map_.sets(package_)[set].slots.size();
  const uint64_t offset = placement.address & ((1ull << 41) - 1);
  const uint64_t stripe = core::AddressMap::stripes_bytes[(placement.address >> 41) & 7];
  free_[set].emplace(round_up(std::max(placement.bytes, alignment), stripe * slots) / slots, offset / slots);
}

}  // namespace duet::workload
