// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

#include "duet/models/riscv/device.hpp"

namespace duet::models::riscv {

/// Ends the program. A 4-byte write to offset 0 of 0x5555 is success and of 0x3333 | code << 16 failure,
/// as in SiFive's test finisher, which QEMU's `virt` machine has. A write of a hart's number to
/// offset 8 says that this hart took a trap that the firmware does not handle; mcause, mepc and
/// mtval of the hart tell the rest. A write of a hart's number to offset 16 notifies the platform, and
/// one to offset 24 has it carry out a duet_load, see sw_driver's boot.h.
class ExitDevice : public Device {
 public:
  static constexpr uint64_t window_bytes = 0x1000;

  ExitDevice(sc_core::sc_module_name name, sc_core::sc_time latency, std::function<void(int code)> on_exit,
             std::function<void(unsigned hart)> on_unhandled_trap,
             std::function<void(unsigned hart, sc_core::sc_time now)> on_notify,
             std::function<void(unsigned hart)> on_load);

 protected:
  bool load(uint64_t offset, unsigned bytes, sc_core::sc_time now, bool debug, uint64_t& value) override;
  bool store(uint64_t offset, unsigned bytes, sc_core::sc_time now, uint64_t value) override;

 private:
  std::function<void(int)> on_exit_;
  std::function<void(unsigned)> on_unhandled_trap_;
  std::function<void(unsigned, sc_core::sc_time)> on_notify_;
  std::function<void(unsigned)> on_load_;
};

}  // namespace duet::models::riscv
