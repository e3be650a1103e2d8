// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/core/cycle_window.hpp"
#include "duet/core/trace/vcd_writer.hpp"

namespace duet::models {

/// What the waveforms of both kinds of array have in common: when a cycle is, and below `scope` the mode
/// bits, `stalled` and the SRAM port.
class ArrayTrace {
 public:
  /// Cycles whose values a window of GTKWave has room for.
  static constexpr uint64_t view_cycles = 24;

  /// Cycle 0 of the next kernel counts as this cycle. Without a function it lies at that clock edge.
  void start_at(uint64_t cycle, std::function<uint64_t(uint64_t cycle)> time_ps = {}) {
    first_cycle_ = cycle;
    time_ps_ = std::move(time_ps);
  }
  /// Only these cycles are looked at.
  void set_window(const core::CycleWindow& window) { window_ = window; }

 protected:
  ArrayTrace(core::VcdWriter& vcd, std::string_view scope, std::vector<std::string> modes, double clock_hz);
  ~ArrayTrace() = default;

  /// The time of a kernel's cycle, if the window holds it; shows mode and port.
  template <class Mode, class Port>
  std::optional<uint64_t> begin(uint64_t cycle, Mode mode, const Port& port) {
    const uint64_t index = first_cycle_ + cycle;
    if (!window_.contains(index)) return std::nullopt;
    const uint64_t now = time_ps_ ? time_ps_(index) : clock_.edge_ps(index);
    vcd_.change(now, mode_, static_cast<uint64_t>(mode));
    vcd_.change(now, stalled_, port.stalled ? 1 : 0);
    vcd_.change(now, read_bytes_, port.read_bytes);
    vcd_.change(now, write_bytes_, port.written_bytes);
    return now;
  }

  core::VcdWriter& vcd_;

 private:
  core::Clock clock_;
  uint64_t first_cycle_ = 0;
  std::function<uint64_t(uint64_t)> time_ps_;
  core::CycleWindow window_;
  core::VcdSignal mode_, stalled_, read_bytes_, write_bytes_;
};

}  // namespace duet::models
