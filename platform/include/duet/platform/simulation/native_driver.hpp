// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <systemc>
#include <vector>

#include "duet/platform/simulation/driver.hpp"

namespace duet::platform {

/// The driver's C code as it runs natively inside the simulation: its HAL turns register accesses into
/// transactions on the control bus and interrupts into events.
class NativeDriver : public sc_core::sc_module, public Driver {
 public:
  tlm_utils::simple_initiator_socket<NativeDriver> socket{"socket"};
  sc_core::sc_in<bool> interrupt{"interrupt"};

  NativeDriver(sc_core::sc_module_name name, const core::PackageLayout& package);

  void start(std::vector<uint8_t> image, std::array<uint32_t, DUET_ARGUMENTS> arguments) override;

  [[nodiscard]] bool is_finished() const override { return is_finished_; }
  [[nodiscard]] int status() const override { return status_; }
  [[nodiscard]] std::string diagnosis() const override;
  [[nodiscard]] DriverCounters counters() const override;
  void bind(tlm::tlm_base_target_socket_b<>& control_bus, sc_core::sc_signal<bool>& line) override;
  [[nodiscard]] const duet_driver& state() const { return driver_; }

 private:
  void run();
  int access(tlm::tlm_command command, uint64_t address, uint32_t& value);
  int wait_for_interrupt(uint64_t timeout_ns);

  duet_hal hal_{};
  duet_driver driver_{};
  sc_core::sc_time interrupt_latency_;
  std::vector<uint64_t> image_;  // 64-bit words, so that the tables are aligned
  std::array<uint32_t, DUET_ARGUMENTS> arguments_{};
  bool initialised_ = false;
  bool is_finished_ = false;
  int status_ = DUET_OK;
  uint64_t access_time_ps_ = 0;
  uint64_t accesses_ = 0;
  uint64_t interrupt_time_ps_ = 0;
  sc_core::sc_event start_;
};

}  // namespace duet::platform
