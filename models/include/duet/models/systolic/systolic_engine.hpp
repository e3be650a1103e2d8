// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "duet/core/array_timing_port.hpp"
#include "duet/models/systolic/systolic_grid.hpp"
#include "duet/models/systolic/systolic_operands.hpp"

namespace duet::models {

class SlotSource;
struct IssuedSlot;

enum class SystolicMode : uint8_t { gemm, ssm };

/// State of the array's ports in one cycle, for traces.
struct PortState {
  bool stalled = false;
  uint64_t read_bytes = 0;
  uint64_t written_bytes = 0;
  bool sfu_valid = false;            ///< the SFU column takes operands in this cycle
  std::span<const float> west = {};  ///< words by row that leave the SFU column (SSM mode) or the west edge
  bool result_valid = false;
};

/// Looks on after each cycle. `cycle` counts from the start of the kernel.
class SystolicObserver {
 public:
  virtual ~SystolicObserver() = default;
  virtual void on_cycle(uint64_t cycle, const SystolicGrid& grid, SystolicMode mode,
                        const PortState& port) = 0;
};

/// One systolic array at the `pe` level: runs a kernel on given operands, cycle by cycle, with the values
/// of every register. Plain C++, so that a chiplet can use it as well as the SystolicArray module.
class SystolicEngine {
 public:
  SystolicEngine(core::SystolicArrayDescription array, double clock_hz);

  /// Writes the mode bits; returns the cycles that this costs (none if they do not change). The array is
  /// drained whenever no kernel runs.
  uint64_t set_mode(SystolicMode mode);
  [[nodiscard]] SystolicMode mode() const { return mode_; }

  /// Both return with a status other than ok, and do nothing, for a guest's mistake.
  ArrayRun gemm(const GemmOperands& operands);
  ArrayRun ssm(const SsmOperands& operands);

  /// nullptr: nobody.
  void observe(SystolicObserver* observer) { observer_ = observer; }
  /// A defect in the next kernel, for tests.
  void inject(const PeFault& fault) { fault_ = fault; }
  [[nodiscard]] const core::SystolicArrayDescription& description() const { return array_; }

 private:
  // A word that has left a row waits in the de-skew line for those of the rows below.
  struct PendingResult {
    uint64_t step;  // in which the last row's word leaves
    uint64_t slot;  // number of its slot
    uint64_t bytes;
    uint64_t tag;
    unsigned rows;
  };

  void run(SlotSource& source, uint64_t edge_delay, ArrayRun& result);

  core::SystolicArrayDescription array_;
  core::PortRate rate_;
  SystolicMode mode_ = SystolicMode::gemm;
  SystolicGrid grid_;
  SystolicObserver* observer_ = nullptr;
  std::optional<PeFault> fault_;
  uint64_t deskew_slots_;
  std::vector<float> deskew_;  // ring over slots, one word per row
};

}  // namespace duet::models
