// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/csr_file.hpp"

namespace duet::models::riscv {
namespace {

constexpr uint64_t extension(char letter) {
  return uint64_t{1} << (letter - 'A');
}
constexpr uint64_t misa =
    uint64_t{2} << 62 | extension('I') | extension('M') | extension('A') | extension('C') | extension('U');
constexpr uint64_t user_xlen_64 = uint64_t{2} << 32;
constexpr uint64_t interrupt_bits = 1u << 3 | 1u << 7 | 1u << 11;

bool is_event_counter(unsigned number) {  // mhpmcounter3.., mhpmevent3.., all zero
  return (number >= 0xb03 && number <= 0xb1f) || (number >= 0x323 && number <= 0x33f);
}

}  // namespace

uint64_t CsrFile::highest_priority(uint64_t ready) {
  for (const Interrupt line : {Interrupt::external, Interrupt::software, Interrupt::timer}) {
    if ((ready >> static_cast<unsigned>(line)) & 1u) return interrupt_flag | static_cast<uint64_t>(line);
  }
  return 0;
}

bool CsrFile::read_counter(unsigned number, Privilege privilege, uint64_t& value) {
  if (number >= csr_cycle && number <= 0xc1f) {
    if (privilege != Privilege::machine && ((mcounteren_ >> (number & 31u)) & 1u) == 0) return false;
    if (number == csr_time) {
      value = counters_->time_ticks();
      return true;
    }
    number = number - csr_cycle + csr_mcycle;
  }
  if (number == csr_mcycle) {
    value = counters_->cycles() + cycle_offset_;
  } else if (number == csr_minstret) {
    value = counters_->instructions() + instret_offset_;
  } else if (is_event_counter(number)) {
    value = 0;
  } else {
    return false;
  }
  return true;
}

bool CsrFile::read(unsigned number, Privilege privilege, uint64_t& value) {
  if (static_cast<unsigned>(privilege) < ((number >> 8) & 3u)) return false;
  switch (number) {
    case csr_mstatus:
      value = mstatus | user_xlen_64;
      return true;
    case csr_misa:
      value = misa;
      return true;
    case csr_mie:
      value = mie;
      return true;
    case csr_mtvec:
      value = mtvec;
      return true;
    case csr_mcounteren:
      value = mcounteren_;
      return true;
    case csr_mscratch:
      value = mscratch;
      return true;
    case csr_mepc:
      value = mepc;
      return true;
    case csr_mcause:
      value = mcause;
      return true;
    case csr_mtval:
      value = mtval;
      return true;
    case csr_mip:
      value = mip;
      return true;
    case csr_mhartid:
      value = hart_id_;
      return true;
    case csr_menvcfg:
    case csr_mcountinhibit:
    case csr_mvendorid:
    case csr_marchid:
    case csr_mimpid:
    case csr_mconfigptr:
      value = 0;
      return true;
    case csr_pmpcfg0:
    case csr_pmpcfg2:
      value = pmp.configuration(number - csr_pmpcfg0);
      return true;
    default:
      break;
  }
  if (number >= csr_pmpaddr0 && number < csr_pmpaddr0 + Pmp::entries) {
    value = pmp.address(number - csr_pmpaddr0);
    return true;
  }
  return read_counter(number, privilege, value);
}

void CsrFile::write_status(uint64_t value) {
  constexpr uint64_t writable = status_mie | status_mpie | status_mprv | status_tw;
  mstatus = (mstatus & ~writable) | (value & writable);
  const uint64_t previous = (value & status_mpp) >> 11;
  if (previous == 0 || previous == 3) mstatus = (mstatus & ~status_mpp) | (previous << 11);
}

bool CsrFile::write(unsigned number, Privilege privilege, uint64_t value) {
  if (static_cast<unsigned>(privilege) < ((number >> 8) & 3u) || (number >> 10) == 3) return false;
  switch (number) {
    case csr_mstatus:
      write_status(value);
      return true;
    case csr_mie:
      mie = value & interrupt_bits;
      return true;
    case csr_mtvec:
      mtvec = value & ~uint64_t{2};
      return true;
    case csr_mcounteren:
      mcounteren_ = value & 7u;
      return true;
    case csr_mscratch:
      mscratch = value;
      return true;
    case csr_mepc:
      mepc = value & ~uint64_t{1};
      return true;
    case csr_mcause:
      mcause = value;
      return true;
    case csr_mtval:
      mtval = value;
      return true;
    case csr_misa:
    case csr_mip:
    case csr_menvcfg:
    case csr_mcountinhibit:
      return true;
    case csr_mcycle:
      cycle_offset_ = value - counters_->cycles();
      return true;
    case csr_minstret:
      // The write takes effect after this instruction, which does not count itself.
      instret_offset_ = value - counters_->instructions() - 1;
      return true;
    case csr_pmpcfg0:
    case csr_pmpcfg2:
      pmp.set_configuration(number - csr_pmpcfg0, value);
      return true;
    default:
      break;
  }
  if (number >= csr_pmpaddr0 && number < csr_pmpaddr0 + Pmp::entries) {
    pmp.set_address(number - csr_pmpaddr0, value);
    return true;
  }
  return is_event_counter(number);
}

void CsrFile::reset() {
  const uint64_t lines = mip;
  *this = CsrFile(hart_id_, *counters_);
  mip = lines;
}

uint64_t CsrFile::enter_trap(uint64_t cause, uint64_t pc, uint64_t value, Privilege from) {
  const uint64_t enabled = mstatus & status_mie;
  mstatus = (mstatus & ~(status_mie | status_mpie | status_mpp)) | (enabled ? status_mpie : 0) |
            (static_cast<uint64_t>(from) << 11);
  mcause = cause;
  mepc = pc;
  mtval = value;
  const uint64_t base = mtvec & ~uint64_t{3};
  const bool vectored = (mtvec & 1u) != 0 && (cause & interrupt_flag) != 0;
  return vectored ? base + 4 * (cause & ~interrupt_flag) : base;
}

uint64_t CsrFile::leave_trap(Privilege& privilege) {
  privilege = static_cast<Privilege>((mstatus & status_mpp) >> 11);
  const uint64_t enabled = mstatus & status_mpie;
  mstatus = (mstatus & ~(status_mie | status_mpp)) | (enabled ? status_mie : 0) | status_mpie;
  if (privilege != Privilege::machine) mstatus &= ~status_mprv;
  return mepc;
}

}  // namespace duet::models::riscv
