// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/models/riscv/pmp.hpp"
#include "duet/models/riscv/trap.hpp"

namespace duet::models::riscv {

/// Numbers of the control and status registers that other parts name.
enum CsrNumber : uint16_t {
  csr_mstatus = 0x300,
  csr_misa = 0x301,
  csr_mie = 0x304,
  csr_mtvec = 0x305,
  csr_mcounteren = 0x306,
  csr_menvcfg = 0x30a,
  csr_mcountinhibit = 0x320,
  csr_mscratch = 0x340,
  csr_mepc = 0x341,
  csr_mcause = 0x342,
  csr_mtval = 0x343,
  csr_mip = 0x344,
  csr_pmpcfg0 = 0x3a0,
  csr_pmpcfg2 = 0x3a2,
  csr_pmpaddr0 = 0x3b0,
  csr_mcycle = 0xb00,
  csr_minstret = 0xb02,
  csr_cycle = 0xc00,
  csr_time = 0xc01,
  csr_instret = 0xc02,
  csr_mvendorid = 0xf11,
  csr_marchid = 0xf12,
  csr_mimpid = 0xf13,
  csr_mhartid = 0xf14,
  csr_mconfigptr = 0xf15
};

/// Where the counters come from: simulated time, and the instructions that have retired.
class CounterSource {
 public:
  virtual ~CounterSource() = default;
  virtual uint64_t cycles() = 0;
  virtual uint64_t time_ticks() = 0;
  virtual uint64_t instructions() = 0;
};

/// Control and status registers of machine and user mode and the trap state machine.
/// RISC-V privileged ISA 20211203, chapter 3.
class CsrFile {
 public:
  static constexpr uint64_t status_mie = 1u << 3;
  static constexpr uint64_t status_mpie = 1u << 7;
  static constexpr uint64_t status_mpp = 3u << 11;
  static constexpr uint64_t status_mprv = 1u << 17;
  static constexpr uint64_t status_tw = 1u << 21;

  CsrFile(uint64_t hart_id, CounterSource& counters) : hart_id_(hart_id), counters_(&counters) {}

  /// Reads a register as code of that privilege; false: illegal instruction.
  bool read(unsigned number, Privilege privilege, uint64_t& value);
  /// Writes a register as code of that privilege; false: illegal instruction.
  bool write(unsigned number, Privilege privilege, uint64_t value);

  void reset();

  /// Takes an exception or interrupt: updates mstatus, mcause, mepc, mtval. Returns the new pc.
  uint64_t enter_trap(uint64_t cause, uint64_t pc, uint64_t value, Privilege from);
  /// MRET: restores mstatus. Returns the new pc and sets the privilege.
  uint64_t leave_trap(Privilege& privilege);

  /// The interrupt to take now, as an mcause value, or 0.
  [[nodiscard]] uint64_t interrupt_to_take(Privilege privilege) const {
    const uint64_t ready = mip & mie;
    if (ready == 0 || (privilege == Privilege::machine && (mstatus & status_mie) == 0)) return 0;
    return highest_priority(ready);
  }
  /// WFI ends when an enabled interrupt is pending, whatever mstatus.MIE says.
  [[nodiscard]] bool wakes() const { return (mip & mie) != 0; }
  /// Privilege of loads and stores, which mstatus.MPRV may lower.
  [[nodiscard]] Privilege data_privilege(Privilege privilege) const {
    if (privilege == Privilege::machine && (mstatus & status_mprv) != 0) {
      return static_cast<Privilege>((mstatus >> 11) & 3u);
    }
    return privilege;
  }

  uint64_t mstatus = 0;
  uint64_t mie = 0;
  uint64_t mip = 0;  ///< set from the interrupt lines, read-only for software
  uint64_t mtvec = 0;
  uint64_t mscratch = 0;
  uint64_t mepc = 0;
  uint64_t mcause = 0;
  uint64_t mtval = 0;
  Pmp pmp;

 private:
  static uint64_t highest_priority(uint64_t ready);
  bool read_counter(unsigned number, Privilege privilege, uint64_t& value);
  void write_status(uint64_t value);

  uint64_t hart_id_;
  CounterSource* counters_;
  uint64_t mcounteren_ = 0;
  uint64_t cycle_offset_ = 0;
  uint64_t instret_offset_ = 0;
};

}  // namespace duet::models::riscv
