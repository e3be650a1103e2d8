// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace duet::models::riscv {

/// Memory that a hart may touch directly. `data` is the byte at `begin`; `end` is exclusive.
struct DirectMemory {
  uint8_t* data = nullptr;
  uint64_t begin = 0;
  uint64_t end = 0;
  bool readable = false;
  bool writable = false;
};

/// What an interpreter needs of its surroundings. Calls come in program order; the interpreter's
/// cycles_in_run() tells how far it is when they do.
class HartPort {
 public:
  virtual ~HartPort() = default;
  /// A naturally aligned access of 1, 2, 4 or 8 bytes. False: access fault.
  virtual bool read(uint64_t address, void* data, unsigned bytes) = 0;
  virtual bool write(uint64_t address, const void* data, unsigned bytes) = 0;
  /// Direct memory around the address, or an empty one.
  virtual DirectMemory direct_memory(uint64_t address) = 0;
  /// Clock cycles since reset, and ticks of the platform's timer.
  virtual uint64_t cycles() = 0;
  virtual uint64_t time_ticks() = 0;
};

}  // namespace duet::models::riscv
