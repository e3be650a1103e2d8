// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/systolic_trace.hpp"

#include <fmt/format.h>

#include <bit>

#include "duet/models/numerics/fp16.hpp"

namespace duet::models {
namespace {

constexpr unsigned half_bits = 16;
constexpr unsigned single_bits = 32;
constexpr std::string_view register_names[pe_registers] = {"we", "ns", "ssm1", "ssm2", "accumulator"};

const std::vector<std::string>& operation_names() {
  static const std::vector<std::string> names{"none",        "mac_first", "mac",    "decay",
                                              "decay_first", "input",     "output", "deposit"};
  return names;
}

}  // namespace

SystolicTrace::SystolicTrace(core::VcdWriter& vcd, std::string_view scope,
                             const core::SystolicArrayDescription& array, double clock_hz)
    : vcd_(vcd), clock_(clock_hz) {
  const bool wide = array.accumulation == core::Accumulation::fp32;
  mode_ = vcd.add_state(scope, "mode", {"gemm", "ssm"});
  stalled_ = vcd.add_signal(scope, "stalled");
  read_bytes_ = vcd.add_signal(fmt::format("{}.sram", scope), "read_bytes", single_bits);
  write_bytes_ = vcd.add_signal(fmt::format("{}.sram", scope), "write_bytes", single_bits);
  result_valid_ = vcd.add_signal(fmt::format("{}.sram", scope), "result_valid");
  sfu_valid_ = vcd.add_signal(fmt::format("{}.sfu", scope), "valid");
  sfu_word_ = vcd.add_signal(fmt::format("{}.sfu", scope), "word", half_bits);
  for (unsigned row = 0; row < array.rows; ++row) {
    for (unsigned column = 0; column < array.columns; ++column) {
      const std::string path = fmt::format("{}.pe[{}][{}]", scope, row, column);
      if (!vcd.wants(path)) continue;
      Pe pe{row,
            column,
            vcd.add_state(path, "operation", operation_names()),
            vcd.add_signal(path, "valid"),
            {}};
      for (unsigned i = 0; i < pe_registers; ++i) {
        const auto which = static_cast<PeRegister>(i);
        const bool wide_register = wide && which != PeRegister::ns;
        const core::VcdSignal signal =
            vcd.add_signal(path, register_names[i], wide_register ? single_bits : half_bits);
        if (signal) pe.registers.push_back({which, signal, wide_register, ~uint32_t{0}});
      }
      if (pe.operation || pe.valid || !pe.registers.empty()) pes_.push_back(std::move(pe));
    }
  }
}

void SystolicTrace::on_cycle(uint64_t cycle, const SystolicGrid& grid, SystolicMode mode,
                             const PortState& port) {
  if (cycle < window_first_ || cycle > window_last_) return;
  const uint64_t now = clock_.edge_ps(first_cycle_ + cycle);
  vcd_.change(now, mode_, static_cast<uint64_t>(mode));
  vcd_.change(now, stalled_, port.stalled ? 1 : 0);
  vcd_.change(now, read_bytes_, port.read_bytes);
  vcd_.change(now, write_bytes_, port.written_bytes);
  vcd_.change(now, result_valid_, port.result_valid ? 1 : 0);
  vcd_.change(now, sfu_valid_, port.sfu_valid ? 1 : 0);
  vcd_.change(now, sfu_word_, fp16_from_float(port.sfu_word));
  if (port.stalled) return;  // no register changes
  for (Pe& pe : pes_) {
    const Slot& slot = grid.slot_at(pe.row + pe.column);
    const bool concerned = slot.operation != SlotOperation::none && pe.row < slot.rows &&
                           (slot.column < 0 ? pe.column < slot.columns : pe.column == unsigned(slot.column));
    vcd_.change(now, pe.operation, concerned ? static_cast<uint64_t>(slot.operation) : 0);
    vcd_.change(now, pe.valid, concerned ? 1 : 0);
    for (Register& r : pe.registers) {
      const float value = grid.value(pe.row, pe.column, r.which);
      const auto bits = std::bit_cast<uint32_t>(value);
      if (bits == r.last_bits) continue;
      r.last_bits = bits;
      vcd_.change(now, r.signal, r.wide ? bits : fp16_from_float(value));
    }
  }
}

}  // namespace duet::models
