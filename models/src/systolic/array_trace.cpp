// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/array_trace.hpp"

#include <fmt/format.h>

namespace duet::models {
namespace {

constexpr unsigned byte_count_bits = 32;

}  // namespace

ArrayTrace::ArrayTrace(core::VcdWriter& vcd, std::string_view scope, std::vector<std::string> modes,
                       double clock_hz)
    : vcd_(vcd),
      clock_(clock_hz),
      mode_(vcd.add_state(scope, "mode", std::move(modes))),
      stalled_(vcd.add_signal(scope, "stalled")),
      read_bytes_(vcd.add_signal(fmt::format("{}.sram", scope), "read_bytes", byte_count_bits)),
      write_bytes_(vcd.add_signal(fmt::format("{}.sram", scope), "write_bytes", byte_count_bits)) {}

}  // namespace duet::models
