// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <systemc>

#include "duet/models/riscv/control_window.hpp"
#include "duet/models/riscv/cosimulation_door.hpp"
#include "duet/platform/simulation/driver.hpp"

namespace duet::platform {

/// The driver as a process outside, which reaches the package's control window through the co-simulation
/// door. Each start leaves the program in a file, opens the door and waits for a client; the job ends with
/// the client's BYE, whose value is the driver's status.
///
/// The file is a duet_job (boot.h), whose `program` is the offset of the program image in the file. The
/// window shows chiplet c at c * control_stride and the package at 255, as a board does.
class ExternalDriver : public sc_core::sc_module, public Driver {
 public:
  static constexpr uint64_t control_stride = 0x1'0000;

  ExternalDriver(sc_core::sc_module_name name, const core::PackageLayout& package);

  /// Throws core::UserError when the file cannot be written or the door cannot be opened.
  void start(std::vector<uint8_t> image, std::array<uint32_t, DUET_ARGUMENTS> arguments) override;
  [[nodiscard]] bool is_finished() const override { return is_finished_; }
  [[nodiscard]] int status() const override { return status_; }
  [[nodiscard]] std::string diagnosis() const override { return diagnosis_; }
  [[nodiscard]] DriverCounters counters() const override;
  void bind(tlm::tlm_base_target_socket_b<>& control_bus, sc_core::sc_signal<bool>& interrupt) override;

  /// Called with the door's endpoint and the file's name when a client may come.
  void on_open(std::function<void(const std::string& endpoint, const std::string& file)> callback) {
    on_open_ = std::move(callback);
  }

 private:
  void finish();

  std::string file_;
  models::riscv::ControlWindow window_;
  models::riscv::CosimulationDoor door_;
  std::function<void(const std::string&, const std::string&)> on_open_;
  bool is_finished_ = true;
  int status_ = DUET_OK;
  std::string diagnosis_;
};

}  // namespace duet::platform
