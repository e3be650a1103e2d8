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
    : vcd_(vcd), array_(array), clock_(clock_hz), wide_(array.accumulation == core::Accumulation::fp32) {
  mode_ = vcd.add_state(scope, "mode", {"gemv", "ssm"});
  stalled_ = vcd.add_signal(scope, "stalled");
  read_bytes_ = vcd.add_signal(fmt::format("{}.sram", scope), "read_bytes", single_bits);
  write_bytes_ = vcd.add_signal(fmt::format("{}.sram", scope), "write_bytes", single_bits);
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

void VectorTrace::on_cycle(uint64_t cycle, const VectorUnits& units, VectorMode mode,
                           const VectorPortState& port) {
  if (cycle < window_first_ || cycle > window_last_) return;
  const uint64_t now = clock_.edge_ps(first_cycle_ + cycle);
  vcd_.change(now, mode_, static_cast<uint64_t>(mode));
  vcd_.change(now, stalled_, port.stalled ? 1 : 0);
  vcd_.change(now, read_bytes_, port.read_bytes);
  vcd_.change(now, write_bytes_, port.written_bytes);
  if (port.stalled) return;  // no register changes
  for (const Unit& unit : units_) {
    // Chains lie below each other in a column: chain p is in column p mod columns.
    const unsigned place = unit.row % units.units();
    const unsigned product = unit.row / units.units() * array_.columns + unit.column;
    if (product >= units.products()) continue;  // rows that are left over when chains are long
    const UnitSlot& slot = units.slot_of(place);
    vcd_.change(now, unit.operation, product < slot.products ? static_cast<uint64_t>(slot.operation) : 0);
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
