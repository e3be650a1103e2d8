// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <systemc>
#include <utility>

#include "duet/models/riscv/board.hpp"
#include "duet/models/riscv/character_device.hpp"
#include "duet/platform/simulation/driver.hpp"
#include "duet/sw_driver/boot.h"

namespace duet::platform {

/// The driver as firmware on hart 0 of a board of its own, which takes jobs as boot.h describes. The board's
/// control window shows the package's control registers: chiplet c at c * control_stride, the package at 255.
class FirmwareDriver : public sc_core::sc_module, public Driver {
 public:
  static constexpr uint64_t control_stride = 0x1'0000;

  /// Throws core::UserError when the firmware cannot be loaded.
  FirmwareDriver(sc_core::sc_module_name name, const core::PackageLayout& package);

  void start(std::vector<uint8_t> image, std::array<uint32_t, DUET_ARGUMENTS> arguments) override;
  [[nodiscard]] bool is_finished() const override { return is_finished_; }
  [[nodiscard]] int status() const override { return status_; }
  [[nodiscard]] std::string diagnosis() const override { return diagnosis_; }
  [[nodiscard]] DriverCounters counters() const override;
  [[nodiscard]] std::string place() const override;
  void watch(uint64_t descriptors_done, bool chiplets_busy) override;
  void collect_protocol_violations(
      std::vector<tlm_interconnect::ProtocolMonitor::Violation>& all) const override;
  void set_memory_writer(MemoryWriter write) override { write_memory_ = std::move(write); }
  void bind(tlm::tlm_base_target_socket_b<>& control_bus, sc_core::sc_signal<bool>& interrupt) override;

  models::riscv::Board& board() { return *board_; }
  [[nodiscard]] const models::riscv::CharacterDevice& console() const { return *console_; }

  /// A shipped program ("dispatch", "selftest", "hello"), where it was built or installed. Throws
  /// core::UserError.
  static std::string shipped_elf(const std::string& program);

 private:
  [[nodiscard]] duet_boot& boot() const;
  void finish();
  void carry_out_load(unsigned hart);

  const core::DriverDescription& description_;
  std::unique_ptr<models::riscv::CharacterDevice> console_;
  std::unique_ptr<models::riscv::Board> board_;
  MemoryWriter write_memory_;
  uint64_t boot_address_ = 0;
  bool is_finished_ = true;
  void watch_job(uint64_t descriptors_done, bool chiplets_busy);

  std::pair<uint64_t, uint64_t> seen_;  // accesses and idle time at the last watch()
  uint64_t descriptors_seen_ = 0;
  uint64_t progress_ps_ = 0;  // when the job began, or its last descriptor was seen to be done
  uint64_t seen_ps_ = 0;      // when the core was last seen to wait, or to have accessed something
  int status_ = DUET_OK;
  std::string diagnosis_;
  sc_core::sc_event job_done_{"job_done"};
};

}  // namespace duet::platform
