// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/core/field.hpp"

namespace duet::core {

/// An on-chip SRAM with interleaved banks and several ports.
struct SramDescription {
  uint64_t bytes = 1 << 20;
  uint32_t ports = 2;
  uint32_t banks = 16;
  uint32_t bank_bytes_per_cycle = 32;
  uint32_t port_bytes_per_cycle = 512;
  double clock_hz = 700e6;
  uint32_t access_cycles = 2;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using S = SramDescription;
    visit("bytes", &S::bytes, {.unit = Unit::bytes, .min = 64, .max = 1e12, .text = "capacity"});
    visit("ports", &S::ports,
          {.min = 1, .max = 64, .text = "target sockets, each with a bandwidth of its own"});
    visit("banks", &S::banks,
          {.min = 1, .max = 1024, .text = "banks; consecutive words lie in consecutive banks"});
    visit("bank_bytes_per_cycle", &S::bank_bytes_per_cycle,
          {.unit = Unit::bytes,
           .min = 1,
           .max = 4096,
           .text = "width of a bank: one access of a word a cycle"});
    visit("port_bytes_per_cycle", &S::port_bytes_per_cycle,
          {.unit = Unit::bytes, .min = 1, .max = 65536, .text = "bytes that a port moves in a cycle"});
    visit("clock", &S::clock_hz,
          {.unit = Unit::hertz, .min = 1e6, .max = 1e10, .text = "clock of banks and ports"});
    visit("access_cycles", &S::access_cycles,
          {.min = 1, .max = 100, .text = "cycles from access to first data"});
  }

  /// Bytes/s of all banks together.
  [[nodiscard]] double bank_bytes_per_second() const { return clock_hz * banks * bank_bytes_per_cycle; }
  /// Bytes/s of one port.
  [[nodiscard]] double port_bytes_per_second() const { return clock_hz * port_bytes_per_cycle; }
};

}  // namespace duet::core
