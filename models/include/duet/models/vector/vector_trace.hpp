// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/models/systolic/array_trace.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {

/// Writes a vector-unit array's registers to a VCD: below `scope` the mode bits, the port (`sram.*`), the
/// words that the SFU row gives to the chains (`sfu.*`) and each selected unit (`unit[row][column].*`):
/// operation with valid bit, accumulator, chain, `lane[l].*` with operand, SSM and product registers, and
/// `tree.level[k].node[i]` of the reduction tree.
class VectorTrace final : public VectorObserver, public ArrayTrace {
 public:
  VectorTrace(core::VcdWriter& vcd, std::string_view scope, const core::VectorArrayDescription& array,
              double clock_hz);

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
    core::VcdSignal operation, valid, accumulator, chain;
    std::vector<LaneSignal> lanes;
    std::vector<TreeSignal> tree;
  };

  struct SfuWord {
    unsigned chain;
    core::VcdSignal signal;
  };

  void show_sfu(uint64_t now, const VectorUnits& units);
  void add_unit(const std::string& path, unsigned row, unsigned column);
  void change(uint64_t now, core::VcdSignal signal, float value, bool wide);

  core::VectorArrayDescription array_;
  bool wide_;
  std::vector<Unit> units_;
  std::vector<SfuWord> sfu_words_;
  core::VcdSignal sfu_valid_;
};

}  // namespace duet::models
