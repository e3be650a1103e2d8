// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/core/trace/vcd_writer.hpp"
#include "duet/models/systolic/systolic_engine.hpp"

namespace duet::models {

/// Writes a systolic array's registers to a VCD: below `scope` the mode bits, the SRAM port (`sram.*`), the
/// SFU column (`sfu.*`) and each selected PE (`pe[i][j].*`: operation with valid bit, five registers).
/// Registers of FP16 are 16 bits wide; sums are as wide as the accumulation.
class SystolicTrace final : public SystolicObserver {
 public:
  SystolicTrace(core::VcdWriter& vcd, std::string_view scope, const core::SystolicArrayDescription& array,
                double clock_hz);

  /// Cycle 0 of the next kernel lies at this clock edge.
  void start_at(uint64_t cycle) { first_cycle_ = cycle; }
  /// Only cycles first..last of a kernel are looked at.
  void set_window(uint64_t first, uint64_t last) { window_first_ = first, window_last_ = last; }

  void on_cycle(uint64_t cycle, const SystolicGrid& grid, SystolicMode mode, const PortState& port) override;

 private:
  struct Register {
    PeRegister which;
    core::VcdSignal signal;
    bool wide;
    uint32_t last_bits;
  };
  struct Pe {
    unsigned row;
    unsigned column;
    core::VcdSignal operation;
    core::VcdSignal valid;
    std::vector<Register> registers;
  };

  core::VcdWriter& vcd_;
  core::Clock clock_;
  uint64_t first_cycle_ = 0;
  uint64_t window_first_ = 0;
  uint64_t window_last_ = ~uint64_t{0};
  std::vector<Pe> pes_;
  core::VcdSignal mode_, stalled_, read_bytes_, write_bytes_, sfu_valid_, sfu_word_, result_valid_;
};

}  // namespace duet::models
