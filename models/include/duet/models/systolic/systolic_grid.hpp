// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "duet/core/array_description.hpp"
#include "duet/models/numerics/lane_kernels.hpp"
#include "duet/models/systolic/slot.hpp"

namespace duet::models {

/// The registers of one PE.
enum class PeRegister : uint8_t { we, ns, ssm1, ssm2, accumulator };
inline constexpr unsigned pe_registers = 5;

/// A defect for tests: in step `step` the register keeps its old value.
struct PeFault {
  unsigned row = 0;
  unsigned column = 0;
  PeRegister pe_register = PeRegister::accumulator;
  uint64_t step = 0;
};

/// The R x C processing elements: five registers each, the WE and NS links, the skew lines at the west
/// and north edge. Registers hold FP16 values (FP32 accumulation: accumulator, state and partial sums
/// are binary32), as floats. No time and no memory: one call is one step of all PEs.
///
/// PEs of one anti-diagonal do the same in the same step, so their registers lie side by side.
class SystolicGrid {
 public:
  SystolicGrid(unsigned rows, unsigned columns, core::Accumulation accumulation);

  /// Puts a slot into the skew lines: `west` (rows words) and `north` (columns words), or empty for zeros.
  /// PE (0, 0) sees it in the step that follows.
  void enter(const Slot& slot, std::span<const float> west, std::span<const float> north);
  /// All PEs execute the slots that they hold and pass their words on.
  void execute();

  /// Word that left the east edge of `row` in the last step.
  [[nodiscard]] float east(unsigned row) const { return east_[row]; }
  /// The slot that the PEs of a diagonal (row + column) hold.
  [[nodiscard]] const Slot& slot_at(unsigned diagonal) const { return slots_[ring(diagonal)]; }
  [[nodiscard]] float value(unsigned row, unsigned column, PeRegister which) const {
    return registers_[static_cast<size_t>(which)][index(row, column)];
  }

  [[nodiscard]] unsigned rows() const { return rows_; }
  [[nodiscard]] unsigned columns() const { return columns_; }
  [[nodiscard]] unsigned diagonals() const { return diagonals_; }
  [[nodiscard]] uint64_t macs() const { return macs_; }
  /// Whether a PE that the schedule waits for has computed in the last step.
  [[nodiscard]] bool computed() const { return computed_; }
  /// Clears registers, skew lines, counters and a defect.
  void reset();
  void inject(const PeFault& fault) { fault_ = fault; }

 private:
  struct Diagonal {
    uint32_t base = 0;   // of its registers
    uint32_t first = 0;  // row of the first PE
    uint32_t count = 0;
    uint32_t padded = 0;
  };

  [[nodiscard]] size_t ring(unsigned diagonal) const {
    return head_ >= diagonal ? head_ - diagonal : head_ + diagonals_ - diagonal;
  }
  [[nodiscard]] size_t index(unsigned row, unsigned column) const {
    const Diagonal& d = layout_[row + column];
    return d.base + row - d.first;
  }
  [[nodiscard]] bool faulty(PeRegister which) const {
    return fault_ && fault_->step == step_ && fault_->pe_register == which;
  }
  float* registers(PeRegister which) { return registers_[static_cast<size_t>(which)].data(); }
  void load_edges();
  void execute_diagonal(unsigned diagonal);
  void operate(const Diagonal& d, unsigned diagonal, const Slot& slot);
  void pass_on(const Diagonal& d, unsigned diagonal, const Slot& slot, float collected);
  void count(unsigned diagonal, const Slot& slot);

  unsigned rows_;
  unsigned columns_;
  unsigned diagonals_;
  const LaneKernels* kernels_;
  std::vector<Diagonal> layout_;
  std::vector<float> registers_[pe_registers];
  std::vector<float> zeros_;
  std::vector<Slot> slots_;        // ring, newest at head_
  std::vector<float> west_lines_;  // ring of words, one row of `rows_` per slot
  std::vector<float> north_lines_;
  std::vector<float> east_;
  size_t head_ = 0;
  uint64_t step_ = 0;
  uint64_t macs_ = 0;
  bool computed_ = false;
  std::optional<PeFault> fault_;
  float kept_ = 0;  // old value of the defective register
};

}  // namespace duet::models
