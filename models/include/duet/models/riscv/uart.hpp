// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "duet/models/riscv/character_device.hpp"
#include "duet/models/riscv/device.hpp"

namespace duet::models::riscv {

/// The programmer's view of a 16550 UART with byte-wide registers at a stride of 1. Characters leave at
/// once; the baud rate is stored and has no effect.
class Uart : public Device {
 public:
  static constexpr uint64_t window_bytes = 0x1000;
  using Line = std::function<void(bool level)>;

  Uart(sc_core::sc_module_name name, CharacterDevice& console, sc_core::sc_time latency, Line line);

 protected:
  bool load(uint64_t offset, unsigned bytes, sc_core::sc_time now, bool debug, uint64_t& value) override;
  bool store(uint64_t offset, unsigned bytes, sc_core::sc_time now, uint64_t value) override;

 private:
  void receive();
  void update();
  void poll_input();

  CharacterDevice* console_;
  Line line_;
  std::optional<char> received_;
  uint8_t interrupt_enable_ = 0;
  uint8_t line_control_ = 0;
  uint8_t modem_control_ = 0;
  uint8_t scratch_ = 0;
  uint8_t divisor_[2] = {1, 0};
  bool transmit_empty_pending_ = false;
  sc_core::sc_event poll_{"poll"};
};

}  // namespace duet::models::riscv
