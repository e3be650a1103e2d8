// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/uart.hpp"

namespace duet::models::riscv {
namespace {

enum Offset : uint64_t {
  data = 0,
  interrupt_enable,
  interrupt_identity,
  line_control,
  modem_control,
  line_status,
  modem_status,
  scratch
};
constexpr uint8_t received_enable = 1;
constexpr uint8_t transmit_enable = 2;
constexpr uint8_t divisor_latch = 0x80;
constexpr uint8_t data_ready = 1;
constexpr uint8_t transmitter_empty = 0x60;

}  // namespace

Uart::Uart(sc_core::sc_module_name name, CharacterDevice& console, sc_core::sc_time latency, Line line)
    : Device(name, latency), console_(&console), line_(std::move(line)) {
  SC_HAS_PROCESS(Uart);
  SC_METHOD(poll_input);
  dont_initialize();
  sensitive << poll_;
}

void Uart::receive() {
  if (!received_) received_ = console_->get();
}

void Uart::update() {
  const bool received = received_ && (interrupt_enable_ & received_enable) != 0;
  const bool transmitted = transmit_empty_pending_ && (interrupt_enable_ & transmit_enable) != 0;
  line_(received || transmitted);
}

void Uart::poll_input() {
  receive();
  update();
  // Software that waits for input by interrupt is served once per millisecond of simulated time.
  if ((interrupt_enable_ & received_enable) != 0) poll_.notify(sc_core::sc_time(1, sc_core::SC_MS));
}

bool Uart::load(uint64_t offset, unsigned bytes, sc_core::sc_time /*now*/, bool debug, uint64_t& value) {
  if (bytes != 1 || offset > scratch) return false;
  const bool divisor = (line_control_ & divisor_latch) != 0;
  switch (offset) {
    case data:
      if (divisor) {
        value = divisor_[0];
      } else {
        if (!debug) receive();
        value = received_ ? static_cast<uint8_t>(*received_) : 0;
        if (!debug) received_.reset();
      }
      break;
    case interrupt_enable:
      value = divisor ? divisor_[1] : interrupt_enable_;
      break;
    case interrupt_identity:
      value = 1;
      if (received_ && (interrupt_enable_ & received_enable) != 0) {
        value = 4;
      } else if (transmit_empty_pending_ && (interrupt_enable_ & transmit_enable) != 0) {
        value = 2;
        if (!debug) transmit_empty_pending_ = false;
      }
      break;
    case line_control:
      value = line_control_;
      break;
    case modem_control:
      value = modem_control_;
      break;
    case line_status:
      if (!debug) receive();
      value = transmitter_empty | (received_ ? data_ready : 0);
      break;
    case modem_status:
      value = 0;
      break;
    default:
      value = scratch_;
  }
  if (!debug) update();
  return true;
}

bool Uart::store(uint64_t offset, unsigned bytes, sc_core::sc_time /*now*/, uint64_t value) {
  if (bytes != 1 || offset > scratch) return false;
  const auto byte = static_cast<uint8_t>(value);
  const bool divisor = (line_control_ & divisor_latch) != 0;
  switch (offset) {
    case data:
      if (divisor) {
        divisor_[0] = byte;
      } else {
        console_->put(static_cast<char>(byte));
        transmit_empty_pending_ = true;
      }
      break;
    case interrupt_enable:
      if (divisor) {
        divisor_[1] = byte;
      } else {
        if ((byte & ~interrupt_enable_ & transmit_enable) != 0) transmit_empty_pending_ = true;
        interrupt_enable_ = byte & 0xfu;
        if ((interrupt_enable_ & received_enable) != 0) poll_.notify(sc_core::SC_ZERO_TIME);
      }
      break;
    case line_control:
      line_control_ = byte;
      break;
    case modem_control:
      modem_control_ = byte;
      break;
    case scratch:
      scratch_ = byte;
      break;
    default:  // FIFO control, line and modem status: nothing to set
      break;
  }
  update();
  return true;
}

}  // namespace duet::models::riscv
