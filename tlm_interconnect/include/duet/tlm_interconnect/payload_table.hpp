// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <tlm>
#include <vector>

namespace duet::tlm_interconnect {

/// Which transaction a payload under way belongs to. Every phase of every transaction asks, so it is one flat
/// array (linear probing; Knuth, The Art of Computer Programming 3, section 6.4, algorithms L and R).
class PayloadTable {
 public:
  static constexpr uint32_t none = ~uint32_t{0};

  /// The payload must not be there yet.
  void insert(const tlm::tlm_generic_payload& payload, uint32_t transaction) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    ++size_;
    place({&payload, transaction});
  }
  /// `none` where the payload is not.
  [[nodiscard]] uint32_t find(const tlm::tlm_generic_payload& payload) const {
    for (size_t i = home_of(&payload); slots_[i].payload != nullptr; i = after(i)) {
      if (slots_[i].payload == &payload) return slots_[i].transaction;
    }
    return none;
  }
  void erase(const tlm::tlm_generic_payload& payload) {
    size_t hole = home_of(&payload);
    while (slots_[hole].payload != &payload) {
      if (slots_[hole].payload == nullptr) return;
      hole = after(hole);
    }
    --size_;
    // What could not be found across the hole moves into it.
    for (size_t i = after(hole); slots_[i].payload != nullptr; i = after(i)) {
      const size_t home = home_of(slots_[i].payload);
      const bool reachable = hole < i ? home > hole && home <= i : home > hole || home <= i;
      if (reachable) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  struct Slot {
    const tlm::tlm_generic_payload* payload = nullptr;
    uint32_t transaction = none;
  };

  [[nodiscard]] size_t after(size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
  [[nodiscard]] size_t home_of(const tlm::tlm_generic_payload* payload) const {
    // Multiplicative hashing: payloads lie in rows, so their low bits differ little.
    const uint64_t product = reinterpret_cast<uintptr_t>(payload) * 0x9e37'79b9'7f4a'7c15u;
    return static_cast<size_t>(product >> 32) & (slots_.size() - 1);
  }
  void place(const Slot& slot) {
    size_t i = home_of(slot.payload);
    while (slots_[i].payload != nullptr) i = after(i);
    slots_[i] = slot;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.payload != nullptr) place(slot);
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(64);  // a power of two, at most half full
  size_t size_ = 0;
};

}  // namespace duet::tlm_interconnect
