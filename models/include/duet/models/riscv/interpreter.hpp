// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "duet/models/riscv/csr_file.hpp"
#include "duet/models/riscv/hart_port.hpp"
#include "duet/models/riscv/instruction.hpp"
#include "duet/models/riscv/reservation_monitor.hpp"
#include "duet/models/riscv/trap.hpp"

namespace duet::models::riscv {

/// Why Interpreter::run returned.
enum class Stop : uint8_t {
  budget,              ///< the given number of instructions has run
  wait_for_interrupt,  ///< WFI, and no enabled interrupt is pending
  breakpoint,          ///< pc stands on a breakpoint, which has not run
  watchpoint,          ///< the last instruction touched a watchpoint
  trap_loop,           ///< the trap handler itself traps, over and over
  requested            ///< request_stop()
};

struct Watchpoint {
  uint64_t begin = 0;
  uint64_t end = 0;  ///< exclusive
  bool on_read = false;
  bool on_write = false;
  bool operator==(const Watchpoint&) const = default;
};

/// A RISC-V hart, RV64IMAC + Zicsr + Zifencei with machine and user mode and PMP, as a decode-cache
/// interpreter: each 4 KiB page of code is decoded once, instruction by instruction as it is reached,
/// and stays decoded until FENCE.I. Traps are precise. Misaligned loads and stores trap.
class Interpreter : private CounterSource {
 public:
  Interpreter(unsigned hart_id, HartPort& port, ReservationMonitor& reservations);
  ~Interpreter() override;
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  void reset(uint64_t pc);

  /// Runs at most that many instructions.
  Stop run(uint64_t max_instructions);

  /// Instructions (and traps) of the current or last run: what it costs in cycles at one per instruction.
  [[nodiscard]] uint64_t cycles_in_run() const { return budget_ - remaining_; }
  /// Instructions retired since reset. While run() is active the one in flight counts.
  [[nodiscard]] uint64_t retired() const { return retired_before_ + (budget_ - remaining_) - not_retired_; }

  [[nodiscard]] uint64_t x(unsigned index) const { return x_[index]; }
  void set_x(unsigned index, uint64_t value) {
    if (index != 0) x_[index] = value;
  }
  [[nodiscard]] uint64_t pc() const { return pc_; }
  void set_pc(uint64_t pc) { pc_ = pc & ~uint64_t{1}; }
  [[nodiscard]] Privilege privilege() const { return privilege_; }
  CsrFile& csrs() { return csrs_; }
  [[nodiscard]] unsigned hart_id() const { return hart_id_; }

  void set_interrupt(Interrupt line, bool level);
  void request_stop() { stop_requested_ = true; }

  /// Forgets decoded instructions or direct memory in [begin, end).
  void invalidate_code(uint64_t begin, uint64_t end);
  void invalidate_direct_memory();

  void add_breakpoint(uint64_t address);
  void remove_breakpoint(uint64_t address);
  void add_watchpoint(const Watchpoint& watchpoint);
  void remove_watchpoint(const Watchpoint& watchpoint);
  /// The watchpoint and address that ended the last run with Stop::watchpoint.
  [[nodiscard]] const std::optional<std::pair<Watchpoint, uint64_t>>& watch_hit() const { return watch_hit_; }
  /// EBREAK ends run with Stop::breakpoint instead of trapping, as with a debugger attached.
  void set_ebreak_stops(bool enabled) { ebreak_stops_ = enabled; }

  /// Called for every exception that is taken.
  void on_exception(std::function<void(const Trap&)> callback) { on_exception_ = std::move(callback); }
  /// The last exception; in a trap loop the one that led into it.
  [[nodiscard]] const std::optional<Trap>& last_exception() const { return last_exception_; }

 private:
  static constexpr unsigned page_bits = 12;
  static constexpr uint64_t page_bytes = uint64_t{1} << page_bits;
  static constexpr unsigned page_halfwords = page_bytes / 2;
  static constexpr unsigned direct_entries = 256;
  static constexpr unsigned code_entries = 256;

  struct CodePage;
  /// Translation of one page to host memory; a tag that no aligned address equals marks absence.
  struct DirectPage {
    uint64_t read_tag = ~uint64_t{0};
    uint64_t write_tag = ~uint64_t{0};
    uintptr_t offset = 0;
  };
  uint64_t cycles() override { return port_->cycles(); }
  uint64_t time_ticks() override { return port_->time_ticks(); }
  uint64_t instructions() override { return retired() - 1; }  // the CSR access is in flight

  CodePage* code_page(uint64_t pc);
  void decode_at(CodePage& page, unsigned index);
  bool fetch(uint64_t address, uint16_t& halfword);

  template <class T>
  T* direct(uint64_t address, uint64_t DirectPage::*tag) {
    DirectPage& page = direct_[(address >> page_bits) % direct_entries];
    if ((address & (~(page_bytes - 1) | (sizeof(T) - 1))) != page.*tag) return nullptr;
    return reinterpret_cast<T*>(page.offset + address);
  }
  uint8_t* fill_direct(uint64_t address, Access access);
  bool load_slow(uint64_t address, void* data, unsigned bytes);
  bool store_slow(uint64_t address, const void* data, unsigned bytes);
  bool may_access(uint64_t address, unsigned bytes, Access access, Exception misaligned, Exception fault);
  void note_watchpoint(uint64_t address, unsigned bytes, bool is_write);
  template <class T>
  bool read_modify_write(const Instruction& instruction);
  template <class T>
  bool load_reserved(const Instruction& instruction);
  template <class T>
  bool store_conditional(const Instruction& instruction);
  bool execute_atomic(const Instruction& instruction);

  bool fail(Exception cause, uint64_t value);
  bool enter_exception();
  bool access_csr(const Instruction& instruction);
  void change_privilege(Privilege privilege);
  [[nodiscard]] bool needs_attention() const { return stop_requested_ || watch_hit_.has_value(); }

  std::array<uint64_t, 33> x_{};
  uint64_t pc_ = 0;
  Privilege privilege_ = Privilege::machine;
  unsigned hart_id_;
  HartPort* port_;
  ReservationMonitor* reservations_;
  CsrFile csrs_;

  uint64_t budget_ = 0;
  uint64_t remaining_ = 0;
  uint64_t not_retired_ = 0;
  uint64_t retired_before_ = 0;

  std::array<DirectPage, direct_entries> direct_{};
  std::array<CodePage*, code_entries> code_{};
  std::unordered_map<uint64_t, std::unique_ptr<CodePage>> code_pages_;

  bool stop_requested_ = false;
  bool ebreak_stops_ = false;
  std::set<uint64_t> breakpoints_;
  std::vector<Watchpoint> watchpoints_;
  std::optional<std::pair<Watchpoint, uint64_t>> watch_hit_;

  Trap pending_trap_;
  unsigned traps_in_a_row_ = 0;  // without an MRET in between
  uint64_t retired_at_trap_ = 0;
  std::optional<Trap> last_exception_;
  std::function<void(const Trap&)> on_exception_;
};

}  // namespace duet::models::riscv
