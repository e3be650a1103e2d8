// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/systolic_trace.hpp"

#include <fmt/format.h>

#include <bit>

#include "duet/models/numerics/fp16.hpp"

namespace duet::models {
namespace {

constexpr unsigned half_bits = 16;
constexpr unsigned single_bits = 32;
// Bits of an FP16 value that a float holds exactly; normal numbers are the usual case.
uint16_t half_of(uint32_t bits, float value) {
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude < 0x38800000U || magnitude > 0x477FE000U) return fp16_from_float(value);
  return static_cast<uint16_t>(((bits >> 16) & 0x8000U) | ((magnitude - 0x38000000U) >> 13));
}

constexpr std::string_view register_names[pe_registers] = {"we", "ns", "ssm1", "ssm2", "accumulator"};

const std::vector<std::string>& operation_names() {
  static const std::vector<std::string> names{"none",        "mac_first", "mac",    "decay",
                                              "decay_first", "input",     "output", "deposit"};
  return names;
}

}  // namespace

SystolicTrace::SystolicTrace(core::VcdWriter& vcd, std::string_view scope,
                             const core::SystolicArrayDescription& array, double clock_hz)
    : ArrayTrace(vcd, scope, {"gemm", "ssm"}, clock_hz),
      wide_(array.accumulation == core::Accumulation::fp32) {
  result_valid_ = vcd.add_signal(fmt::format("{}.sram", scope), "result_valid");
  sfu_valid_ = vcd.add_signal(fmt::format("{}.sfu", scope), "valid");
  for (unsigned row = 0; row < array.rows; ++row) {
    // Partial sums of y pass by the units, so words are as wide as the sums.
    const core::VcdSignal word = vcd.add_signal(fmt::format("{}.sfu", scope), fmt::format("word[{}]", row),
                                                wide_ ? single_bits : half_bits);
    if (word) sfu_words_.push_back({row, word});
    for (unsigned column = 0; column < array.columns; ++column) {
      const std::string path = fmt::format("{}.pe[{}][{}]", scope, row, column);
      if (!vcd.wants(path)) continue;
      Pe pe{row,
            column,
            vcd.add_state(path, "operation", operation_names()),
            vcd.add_signal(path, "valid"),
            std::nullopt,
            {}};
      for (unsigned i = 0; i < pe_registers; ++i) {
        const auto which = static_cast<PeRegister>(i);
        const bool wide_register = wide_ && which != PeRegister::ns;
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
  const std::optional<uint64_t> time_ps = begin(cycle, mode, port);
  if (!time_ps) return;
  const uint64_t now = *time_ps;
  vcd_.change(now, result_valid_, port.result_valid ? 1 : 0);
  vcd_.change(now, sfu_valid_, port.sfu_valid ? 1 : 0);
  if (port.stalled) return;  // no register changes
  for (const SfuWord& word : sfu_words_) {
    const float value = word.row < port.west.size() ? port.west[word.row] : 0.0F;
    const auto bits = std::bit_cast<uint32_t>(value);
    vcd_.change(now, word.signal, wide_ ? bits : half_of(bits, value));
  }
  for (Pe& pe : pes_) {
    const Slot& slot = grid.slot_at(pe.row + pe.column);
    const bool concerned = slot.operation != SlotOperation::none && pe.row < slot.rows &&
                           (slot.column < 0 ? pe.column < slot.columns : pe.column == unsigned(slot.column));
    const auto operation = concerned ? slot.operation : SlotOperation::none;
    if (operation != pe.last_operation) {
      pe.last_operation = operation;
      vcd_.change(now, pe.operation, static_cast<uint64_t>(operation));
      vcd_.change(now, pe.valid, concerned ? 1 : 0);
    }
    for (Register& r : pe.registers) {
      const float value = grid.value(pe.row, pe.column, r.which);
      const auto bits = std::bit_cast<uint32_t>(value);
      if (bits == r.last_bits) continue;
      r.last_bits = bits;
      vcd_.change(now, r.signal, r.wide ? bits : half_of(bits, value));
    }
  }
}

}  // namespace duet::models
