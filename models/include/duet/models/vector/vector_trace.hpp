// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/core/trace/vcd_writer.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {

/// Writes a vector-unit array's registers to a VCD: below `scope` the mode bits, the port (`sram.*`) and each
/// selected unit (`unit[row][column].*`): operation, accumulator, chain, `lane[l].*` with operand,
/// SSM and product registers, and `tree.level[k].node[i]` of the reduction tree.
class VectorTrace final : public VectorObserver {
 public:
  VectorTrace(core::VcdWriter& vcd, std::string_view scope, const core::VectorArrayDescription& array,
              double clock_hz);

  /// Cycle 0 of the next kernel lies at this clock edge.
  void start_at(uint64_t cycle) { first_cycle_ = cycle; }
  /// Only cycles first..last of a kernel are looked at.
  void set_window(uint64_t first, uint64_t last) { window_first_ = first, window_last_ = last; }

  void on_cycle(uint64_t cycle, const VectorUnits& units, VectorMode mode,
                const VectorPortState& port) override;

 private:
  struct LaneSignal {
    unsigned lane;
    UnitRegister which;
    core::VcdSignal signal;
    bool wide;
  };
  struct TreeSignal {
    unsigned level;
    unsigned node;
    core::VcdSignal signal;
  };
  struct Unit {
    unsigned row;
    unsigned column;
    core::VcdSignal operation, accumulator, chain;
    std::vector<LaneSignal> lanes;
    std::vector<TreeSignal> tree;
  };

  void add_unit(const std::string& path, unsigned row, unsigned column);
  void change(uint64_t now, core::VcdSignal signal, float value, bool wide);

  core::VcdWriter& vcd_;
  core::VectorArrayDescription array_;
  core::Clock clock_;
  bool wide_;
  uint64_t first_cycle_ = 0;
  uint64_t window_first_ = 0;
  uint64_t window_last_ = ~uint64_t{0};
  std::vector<Unit> units_;
  core::VcdSignal mode_, stalled_, read_bytes_, write_bytes_;
};

}  // namespace duet::models
