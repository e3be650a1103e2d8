// SPDX-License-Identifier: Apache-2.0
#include "duet/models/vector/vector_trace.hpp"

#include <fmt/format.h>

#include <bit>

#include "duet/models/numerics/fp16.hpp"

namespace duet::models {
namespace {

constexpr unsigned half_bits = 16;
constexpr unsigned single_bits = 32;

}  // namespace

VectorTrace::VectorTrace(core::VcdWriter& vcd, std::string_view scope,
                         const core::VectorArrayDescription& array, double clock_hz)
    : ArrayTrace(vcd, scope, {"gemv", "ssm"}, clock_hz),
      array_(array),
      wide_(array.accumulation == core::Accumulation::fp32) {
  sfu_valid_ = vcd.add_signal(fmt::format("{}.sfu", scope), "valid");
  for (unsigned chain = 0; chain < array.rows * array.columns; ++chain) {
    const core::VcdSignal word =
        vcd.add_signal(fmt::format("{}.sfu", scope), fmt::format("word[{}]", chain), half_bits);
    if (word) sfu_words_.push_back({chain, word});
  }
  for (unsigned row = 0; row < array.rows; ++row) {
    for (unsigned column = 0; column < array.columns; ++column) {
      const std::string path = fmt::format("{}.unit[{}][{}]", scope, row, column);
      if (vcd.wants(path)) add_unit(path, row, column);
    }
  }
}

void VectorTrace::add_unit(const std::string& path, unsigned row, unsigned column) {
  const unsigned sum_bits = wide_ ? single_bits : half_bits;
  Unit unit{row,
            column,
            vcd_.add_state(path, "operation", {"none", "dot", "decay", "input", "output"}),
            vcd_.add_signal(path, "valid"),
            vcd_.add_signal(path, "accumulator", sum_bits),
            vcd_.add_signal(path, "chain", sum_bits),
            {},
            {}};
  const auto add = [&](const std::string& scope, std::string_view name, unsigned lane, UnitRegister which,
                       bool wide) {
    const core::VcdSignal signal = vcd_.add_signal(scope, name, wide ? single_bits : half_bits);
    if (signal) unit.lanes.push_back({lane, which, signal, wide});
  };
  for (unsigned lane = 0; lane < array_.lanes; ++lane) {
    const std::string scope = fmt::format("{}.lane[{}]", path, lane);
    add(scope, "operand1", lane, UnitRegister::operand1, false);
    add(scope, "operand2", lane, UnitRegister::operand2, false);
    add(scope, "ssm", lane, UnitRegister::ssm, wide_);
    add(scope, "product", lane, UnitRegister::product, wide_);
  }
  unsigned level = 1;
  for (unsigned nodes = array_.lanes / 2; nodes > 0; nodes /= 2, ++level) {
    for (unsigned node = 0; node < nodes; ++node) {
      const std::string scope = fmt::format("{}.tree.level[{}]", path, level);
      const core::VcdSignal signal = vcd_.add_signal(scope, fmt::format("node[{}]", node), sum_bits);
      if (signal) unit.tree.push_back({level, node, signal});
    }
  }
  units_.push_back(std::move(unit));
}

void VectorTrace::change(uint64_t now, core::VcdSignal signal, float value, bool wide) {
  vcd_.change(now, signal, wide ? std::bit_cast<uint32_t>(value) : fp16_from_float(value));
}

// In the decay and input steps operand register 2 of a chain's first unit takes what the SFU row has made.
void VectorTrace::show_sfu(uint64_t now, const VectorUnits& units) {
  const UnitSlot& slot = units.slot_of(0);
  const bool valid = slot.operation == UnitOperation::decay || slot.operation == UnitOperation::input;
  vcd_.change(now, sfu_valid_, valid ? 1 : 0);
  if (!valid) return;
  for (const SfuWord& word : sfu_words_) {
    if (word.chain < slot.products)
      change(now, word.signal, units.lane_value(0, word.chain, 0, UnitRegister::operand2), false);
  }
}

void VectorTrace::on_cycle(uint64_t cycle, const VectorUnits& units, VectorMode mode,
                           const VectorPortState& port) {
  const std::optional<uint64_t> time_ps = begin(cycle, mode, port);
  if (!time_ps) return;
  const uint64_t now = *time_ps;
  if (port.stalled) return;  // no register changes
  show_sfu(now, units);
  for (const Unit& unit : units_) {
    // Chains lie below each other in a column: chain p is in column p mod columns.
    const unsigned place = unit.row % units.units();
    const unsigned product = unit.row / units.units() * array_.columns + unit.column;
    if (product >= units.products()) continue;  // rows that are left over when chains are long
    const UnitSlot& slot = units.slot_of(place);
    const bool concerned = product < slot.products && slot.operation != UnitOperation::none;
    vcd_.change(now, unit.operation, concerned ? static_cast<uint64_t>(slot.operation) : 0);
    vcd_.change(now, unit.valid, concerned ? 1 : 0);
    change(now, unit.accumulator, units.accumulator(place, product, 0), wide_);
    change(now, unit.chain, units.chain(place, product), wide_);
    for (const LaneSignal& lane : unit.lanes) {
      change(now, lane.signal, units.lane_value(place, product, lane.lane, lane.which), lane.wide);
    }
    for (const TreeSignal& node : unit.tree) {
      change(now, node.signal, units.tree_value(place, product, node.level, node.node), wide_);
    }
  }
}

}  // namespace duet::models
