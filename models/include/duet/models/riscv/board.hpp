// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <systemc>
#include <vector>

#include "duet/core/board_description.hpp"
#include "duet/core/statistics.hpp"
#include "duet/models/riscv/board_bus.hpp"
#include "duet/models/riscv/board_memory.hpp"
#include "duet/models/riscv/clint.hpp"
#include "duet/models/riscv/control_window.hpp"
#include "duet/models/riscv/elf_file.hpp"
#include "duet/models/riscv/exit_device.hpp"
#include "duet/models/riscv/hart.hpp"
#include "duet/models/riscv/plic.hpp"
#include "duet/models/riscv/uart.hpp"
#include "duet/tlm_interconnect/socket_checkers.hpp"

namespace duet::models::riscv {

/// How a program ended.
struct BoardOutcome {
  int exit_code = 0;
  std::string
      diagnosis;  ///< what the platform found wrong, one line per hart; empty when firmware exited itself
};

/// A board with RISC-V harts, RAM, boot ROM, timer, interrupt controller, UART, exit device and a window to
/// the packages' control bus. External interrupt i is source first_external_source + i of the PLIC.
class Board : public sc_core::sc_module {
 public:
  static constexpr unsigned first_external_source = 1;
  static constexpr unsigned uart_source = 10;
  static constexpr unsigned max_external = uart_source - first_external_source;
  static constexpr uint64_t boot_rom_bytes = 4096;
  /// Exit code of a program that the platform had to end.
  static constexpr int exit_guest_failure = 3;

  /// Interrupt lines from the packages, active high.
  sc_core::sc_vector<sc_core::sc_in<bool>> interrupts;

  /// Throws core::UserError when windows overlap.
  Board(sc_core::sc_module_name name, const core::BoardDescription& description, unsigned interrupt_lines,
        CharacterDevice& console);

  /// Where the control bus of the packages is bound; may stay unbound.
  auto& control_socket() { return control_window_.packages; }
  ControlWindow& control_window() { return control_window_; }

  /// Loads a program and points the boot ROM at its entry. Register a1 of every hart is `argument` at entry.
  /// Throws core::UserError when a segment does not lie in RAM.
  void load(const ElfFile& elf, uint64_t argument = 0);

  /// RAM from its first byte, for program images.
  std::span<uint8_t> ram() { return ram_.bytes(); }
  /// Debug access through the memory map, without time or side effects. Returns the bytes done.
  uint64_t read_debug(uint64_t address, std::span<uint8_t> data);
  uint64_t write_debug(uint64_t address, std::span<const uint8_t> data);

  Hart& hart(unsigned index) { return *harts_[index]; }
  [[nodiscard]] unsigned harts() const { return static_cast<unsigned>(harts_.size()); }
  [[nodiscard]] const ElfFile* elf() const { return elf_ ? &*elf_ : nullptr; }
  [[nodiscard]] const core::BoardDescription& description() const { return description_; }

  /// Set once a hart has exited, trapped for good or run out of time; all harts are halted then.
  [[nodiscard]] const std::optional<BoardOutcome>& outcome() const { return outcome_; }
  /// Ends the program from outside, as a debugger's kill does.
  void stop(int code, const std::string& why) { finish(code, why); }
  /// Called at that moment, from a process; by default the simulation is paused.
  void on_finish(std::function<void(const BoardOutcome&)> callback) { on_finish_ = std::move(callback); }

  /// Called when firmware writes a hart's number to the exit device's notify register, with its local time.
  void on_notify(std::function<void(unsigned hart, sc_core::sc_time now)> callback) {
    on_notify_ = std::move(callback);
  }
  /// Called when firmware writes a hart's number to the exit device's load register.
  void on_load(std::function<void(unsigned hart)> callback) { on_load_ = std::move(callback); }
  /// Sets a hart's msip from the platform's side.
  void raise_software_interrupt(unsigned hart);

  /// The memory map as a table, a line per window.
  [[nodiscard]] std::string memory_map() const;
  /// What the checkers have seen, if `check` is on.
  [[nodiscard]] std::vector<tlm_interconnect::ProtocolMonitor::Violation> protocol_violations() const;
  void register_statistics(core::StatisticsRegistry& registry) const;

 private:
  void finish(int code, std::string diagnosis);
  void unhandled_trap(unsigned hart);
  void time_out();
  void external_changed();
  uint64_t debug(tlm::tlm_command command, uint64_t address, uint8_t* data, uint64_t bytes);
  void write_boot_rom(uint64_t entry, uint64_t argument);

  core::BoardDescription description_;
  ReservationMonitor reservations_;
  std::vector<std::unique_ptr<Hart>> harts_;
  BoardBus bus_;
  BoardMemory ram_;
  BoardMemory boot_rom_;
  Clint clint_;
  Plic plic_;
  Uart uart_;
  ExitDevice exit_;
  ControlWindow control_window_;
  tlm_interconnect::SocketCheckers checkers_;
  tlm_utils::simple_initiator_socket<Board> debug_socket_{"debug_socket"};
  std::optional<ElfFile> elf_;
  std::optional<BoardOutcome> outcome_;
  std::function<void(const BoardOutcome&)> on_finish_;
  std::function<void(unsigned, sc_core::sc_time)> on_notify_;
  std::function<void(unsigned)> on_load_;
};

}  // namespace duet::models::riscv
