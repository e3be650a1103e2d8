// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/exit_device.hpp"

namespace duet::models::riscv {
namespace {

constexpr uint64_t finisher_offset = 0;
constexpr uint64_t trap_offset = 8;
constexpr uint64_t notify_offset = 16;
constexpr uint64_t load_offset = 24;
constexpr uint64_t pass = 0x5555;
constexpr uint64_t fail = 0x3333;

}  // namespace

ExitDevice::ExitDevice(sc_core::sc_module_name name, sc_core::sc_time latency,
                       std::function<void(int)> on_exit, std::function<void(unsigned)> on_unhandled_trap,
                       std::function<void(unsigned, sc_core::sc_time)> on_notify,
                       std::function<void(unsigned)> on_load)
    : Device(name, latency),
      on_exit_(std::move(on_exit)),
      on_unhandled_trap_(std::move(on_unhandled_trap)),
      on_notify_(std::move(on_notify)),
      on_load_(std::move(on_load)) {}

bool ExitDevice::load(uint64_t offset, unsigned bytes, sc_core::sc_time /*now*/, bool /*debug*/,
                      uint64_t& value) {
  value = 0;
  return bytes == 4 && offset % 8 == 0 && offset <= load_offset;
}

bool ExitDevice::store(uint64_t offset, unsigned bytes, sc_core::sc_time now, uint64_t value) {
  if (bytes != 4) return false;
  if (offset == trap_offset) {
    on_unhandled_trap_(static_cast<unsigned>(value));
    return true;
  }
  if (offset == notify_offset) {
    on_notify_(static_cast<unsigned>(value), now);
    return true;
  }
  if (offset == load_offset) {
    on_load_(static_cast<unsigned>(value));
    return true;
  }
  if (offset != finisher_offset) return false;
  if ((value & 0xffffu) == pass) {
    on_exit_(0);
  } else if ((value & 0xffffu) == fail) {
    const auto code = static_cast<int>(value >> 16);
    on_exit_(code == 0 ? 1 : code);
  }
  return true;
}

}  // namespace duet::models::riscv
