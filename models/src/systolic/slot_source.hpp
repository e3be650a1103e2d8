// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "duet/core/array_timing.hpp"
#include "duet/models/systolic/slot.hpp"

namespace duet::models {

/// A slot as the controller issues it at the SRAM port.
struct IssuedSlot {
  Slot slot;
  uint64_t read_bytes = 0;         ///< through the port before the slot can be issued
  uint64_t result_bytes = 0;       ///< of the words that this slot brings to the east edge, 0: none
  uint64_t result_tag = 0;         ///< handed back with these words
  unsigned result_rows = 0;        ///< rows that bring a word
  unsigned result_timed_rows = 0;  ///< the words are written when this row's has arrived
  bool frame_start = false;        ///< the port starts without credit
};

/// Address generators and controller of one kernel: the sequence of slots, their words, and where
/// results go.
class SlotSource {
 public:
  virtual ~SlotSource() = default;
  /// Builds the next slot, a bubble if need be; false when nothing is left to issue.
  virtual bool next(IssuedSlot& slot) = 0;
  /// Words of the slot that next() has built, as many as it has rows and columns.
  [[nodiscard]] virtual std::span<const float> west() const = 0;
  [[nodiscard]] virtual std::span<const float> north() const = 0;
  /// Words of one slot have reached SRAM: `words[i]` of row i.
  virtual void store(uint64_t tag, std::span<const float> words) = 0;
  /// Traffic by kind and lost slots by cause, as far as the kernel is through.
  [[nodiscard]] const core::ArrayTime& counts() const { return counts_; }

 protected:
  core::ArrayTime counts_;
};

}  // namespace duet::models
