// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "duet/core/field.hpp"

namespace duet::core {

/// The board that runs the driver on simulated RISC-V harts. All values but the chiplets' control window
/// are *assumed*; the memory map follows QEMU's `virt` machine where that has the device, so that firmware
/// finds its way.
struct BoardDescription {
  unsigned harts = 1;
  double frequency_hz = 1e9;
  double cycles_per_instruction = 1;
  uint64_t quantum_instructions = 10'000;
  double timebase_hz = 10e6;
  uint64_t ram_base = 0x8000'0000;
  uint64_t ram_bytes = 64ull << 20;
  uint64_t boot_rom_base = 0x1'0000;
  uint64_t exit_base = 0x10'0000;
  uint64_t clint_base = 0x200'0000;
  uint64_t plic_base = 0xc00'0000;
  uint64_t uart_base = 0x1000'0000;
  uint64_t control_base = 0x4000'0000;
  uint64_t control_bytes = 256ull << 20;
  double device_latency_ps = 20e3;
  double control_latency_ps = 10e3;
  double timeout_ps = 0;
  std::string console = "terminal";
  bool check = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using B = BoardDescription;
    visit("harts", &B::harts, {.min = 1, .max = 32, .text = "RISC-V harts that share the board's memory."});
    visit("frequency", &B::frequency_hz,
          {.unit = Unit::hertz, .min = 1e6, .max = 10e9, .text = "Clock of the harts, *assumed*."});
    visit("cycles_per_instruction", &B::cycles_per_instruction,
          {.min = 0.1, .max = 100, .text = "Mean cost of an instruction with caches that hit, *assumed*."});
    visit("quantum_instructions", &B::quantum_instructions,
          {.min = 1,
           .max = 1e9,
           .text = "Instructions that a hart may run ahead of simulated time; also the longest delay of an "
                   "interrupt to a hart that does not wait for it."});
    visit("timebase", &B::timebase_hz,
          {.unit = Unit::hertz, .min = 1e3, .max = 1e9, .text = "Frequency of the timer (mtime, time CSR)."});
    visit("ram_base", &B::ram_base, {.min = 0, .text = "First address of RAM."});
    visit("ram_size", &B::ram_bytes,
          {.unit = Unit::bytes,
           .min = 65536,
           .max = 16e9,
           .text = "Size of RAM, which holds the program image."});
    visit("boot_rom_base", &B::boot_rom_base, {.min = 0, .text = "First address of the 4 KiB boot ROM."});
    visit("exit_base", &B::exit_base, {.min = 0, .text = "First address of the exit device."});
    visit("clint_base", &B::clint_base,
          {.min = 0, .text = "First address of the timer and software interrupts."});
    visit("plic_base", &B::plic_base, {.min = 0, .text = "First address of the interrupt controller."});
    visit("uart_base", &B::uart_base, {.min = 0, .text = "First address of the UART."});
    visit("control_base", &B::control_base,
          {.min = 0, .text = "First address of the window to the chiplets' control registers."});
    visit("control_size", &B::control_bytes,
          {.unit = Unit::bytes, .min = 4096, .max = 64e9, .text = "Size of the control window."});
    visit("device_latency", &B::device_latency_ps,
          {.unit = Unit::picoseconds,
           .min = 0,
           .max = 1e9,
           .text = "Time of an access to a device of the board."});
    visit("control_latency", &B::control_latency_ps,
          {.unit = Unit::picoseconds,
           .min = 1,
           .max = 1e9,
           .text = "Time each way between the board and the control bus of the packages."});
    visit("timeout", &B::timeout_ps,
          {.unit = Unit::picoseconds,
           .min = 0,
           .text = "Simulated time after which firmware that has not exited is taken for hung; 0: never."});
    visit("console", &B::console,
          {.text = "Where the UART goes: 'terminal', 'none', 'pty', or the path of a file."});
    visit("check", &B::check,
          {.text = "Puts a base-protocol checker on each socket of the board: harts and devices."});
  }
};

}  // namespace duet::core
