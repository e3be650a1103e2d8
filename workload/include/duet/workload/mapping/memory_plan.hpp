// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duet/core/address_map.hpp"

namespace duet::workload {

/// Where bytes lie: an address in an interleaved window, so any offset below `bytes` can be added.
struct Placement {
  uint64_t address = 0;
  uint64_t bytes = 0;
};

/// Hands out the memory of one package. Near tensors (of one compute chiplet) grow from the bottom of
/// that chiplet's interleave set, spread tensors from the top of the set over all slots.
class MemoryPlan {
 public:
  /// `use_near`: false when not all compute chiplets take part, whose near memory would lie idle.
  /// `rounds`: stripes are so fine that a tensor goes at least so often round its slots, which evens out
  /// their loads; coarse stripes mean fewer pieces per transfer.
  MemoryPlan(const core::AddressMap& map, unsigned package, unsigned chiplets, bool use_near,
             uint64_t rounds);

  /// True when every compute chiplet has the same amount of near memory.
  [[nodiscard]] bool has_near_memory() const { return has_near_; }

  /// A placement near a chiplet, or over all memory when the package has no even near memory; nothing when
  /// the memory is full. `used_bytes` counts all the same.
  std::optional<Placement> allocate_near(unsigned chiplet, uint64_t bytes);
  std::optional<Placement> allocate_spread(uint64_t bytes);

  /// Gives space back: activations.
  void release(const Placement& placement);

  [[nodiscard]] uint64_t used_bytes() const { return used_bytes_; }
  [[nodiscard]] uint64_t peak_bytes() const { return peak_bytes_; }
  [[nodiscard]] uint64_t capacity_bytes() const { return capacity_bytes_; }

 private:
  [[nodiscard]] unsigned stripe_for(uint64_t bytes, uint64_t slots) const;
  [[nodiscard]] Placement place(unsigned set, unsigned stripe, uint64_t slot_begin, uint64_t bytes) const;
  std::optional<Placement> reuse(unsigned set, unsigned stripe, uint64_t slot_bytes, uint64_t bytes);
  void give_back(unsigned set, uint64_t begin, uint64_t slot_bytes);
  void count(uint64_t bytes);

  const core::AddressMap& map_;
  unsigned package_;
  uint64_t rounds_;
  bool has_near_ = false;
  uint64_t slot_bytes_ = 0;
  uint64_t capacity_bytes_ = 0;
  std::vector<uint64_t> near_end_;                  // per chiplet, bytes of a slot used from its bottom
  uint64_t spread_begin_ = 0;                       // bytes of a slot below which spread tensors grow down
  std::vector<std::map<uint64_t, uint64_t>> free_;  // per set, released pieces: begin -> slot bytes
  uint64_t used_bytes_ = 0;
  uint64_t peak_bytes_ = 0;
};

}  // namespace duet::workload
