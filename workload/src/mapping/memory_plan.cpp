// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/memory_plan.hpp"

#include <algorithm>
#include <iterator>

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

// The smallest released piece that holds the tensor, from its first multiple of the stripe on.
std::optional<Placement> MemoryPlan::reuse(unsigned set, unsigned stripe, uint64_t slot_bytes,
                                           uint64_t bytes) {
  const uint64_t step = core::AddressMap::stripes_bytes[stripe];
  auto best = free_[set].end();
  for (auto piece = free_[set].begin(); piece != free_[set].end(); ++piece) {
    const auto [begin, piece_bytes] = *piece;
    if (round_up(begin, step) + slot_bytes > begin + piece_bytes) continue;
    if (best == free_[set].end() || piece_bytes < best->second) best = piece;
  }
  if (best == free_[set].end()) return std::nullopt;
  const auto [begin, piece_bytes] = *best;
  const uint64_t first = round_up(begin, step);
  free_[set].erase(best);
  if (first > begin) free_[set].emplace(begin, first - begin);
  const uint64_t rest = begin + piece_bytes - (first + slot_bytes);
  if (rest > 0) free_[set].emplace(first + slot_bytes, rest);
  return place(set, stripe, first, bytes);
}

// Joins what is given back with its free neighbours; what borders on memory that was never used joins it.
void MemoryPlan::give_back(unsigned set, uint64_t begin, uint64_t slot_bytes) {
  auto& pieces = free_[set];
  auto next = pieces.lower_bound(begin);
  if (next != pieces.end() && next->first == begin + slot_bytes) {
    slot_bytes += next->second;
    next = pieces.erase(next);
  }
  if (next != pieces.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == begin) {
      begin = before->first;
      slot_bytes += before->second;
      pieces.erase(before);
    }
  }
  if (set == 0 && begin == spread_begin_) {
    spread_begin_ += slot_bytes;
  } else if (set != 0 && begin + slot_bytes == near_end_[set - 1]) {
    near_end_[set - 1] = begin;
  } else {
    pieces.emplace(begin, slot_bytes);
  }
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
  const uint64_t end = near_end_[chiplet];
  const uint64_t begin = round_up(end, stripe_bytes);
  if (begin + size > spread_begin_) return std::nullopt;
  near_end_[chiplet] = begin + size;
  if (begin > end) free_[set].emplace(end, begin - end);
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
  if (spread_begin_ < lowest + size) return std::nullopt;
  const uint64_t begin = (spread_begin_ - size) / stripe_bytes * stripe_bytes;
  if (begin < lowest) return std::nullopt;
  const uint64_t gap = spread_begin_ - (begin + size);
  spread_begin_ = begin;
  if (gap > 0) free_[0].emplace(begin + size, gap);
  return place(0, stripe, spread_begin_, bytes);
}

void MemoryPlan::release(const Placement& placement) {
  used_bytes_ -= placement.bytes;
  const auto set = static_cast<unsigned>((placement.address >> 44) & 0xff);
  const uint64_t slots = map_.sets(package_)[set].slots.size();
  const uint64_t offset = placement.address & ((1ull << 41) - 1);
  const uint64_t stripe = core::AddressMap::stripes_bytes[(placement.address >> 41) & 7];
  give_back(set, offset / slots, round_up(std::max(placement.bytes, alignment), stripe * slots) / slots);
}

}  // namespace duet::workload
