// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "duet/models/systolic/array_trace.hpp"
#include "duet/models/systolic/systolic_engine.hpp"

namespace duet::models {

/// Writes a systolic array's registers to a VCD: below `scope` the mode bits, the SRAM port (`sram.*`), the
/// SFU column (`sfu.*`, a word per row) and each selected PE (`pe[i][j].*`: operation with valid bit, five
/// registers). Registers of FP16 are 16 bits wide; sums are as wide as the accumulation.
class SystolicTrace final : public SystolicObserver, public ArrayTrace {
 public:
  SystolicTrace(core::VcdWriter& vcd, std::string_view scope, const core::SystolicArrayDescription& array,
                double clock_hz);

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
    std::optional<SlotOperation> last_operation;
    std::vector<Register> registers;
  };

  struct SfuWord {
    unsigned row;
    core::VcdSignal signal;
  };

  bool wide_;
  std::vector<Pe> pes_;
  std::vector<SfuWord> sfu_words_;
  core::VcdSignal sfu_valid_, result_valid_;
};

}  // namespace duet::models
