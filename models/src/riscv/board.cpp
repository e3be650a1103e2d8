// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/board.hpp"

#include <fmt/format.h>

#include <cstring>

#include "duet/core/error.hpp"
#include "duet/models/riscv/diagnosis.hpp"

namespace duet::models::riscv {
namespace {

sc_core::sc_time picoseconds(double value) {
  return sc_core::sc_time::from_value(static_cast<uint64_t>(value));
}

HartParameters hart_parameters(const core::BoardDescription& board, unsigned hart) {
  return {hart,
          board.frequency_hz,
          board.cycles_per_instruction,
          board.quantum_instructions,
          board.timebase_hz,
          board.boot_rom_base};
}

}  // namespace

Board::Board(sc_core::sc_module_name name, const core::BoardDescription& description,
             unsigned interrupt_lines, CharacterDevice& console)
    : sc_module(name),
      interrupts("interrupts", interrupt_lines),
      description_(description),
      bus_("bus"),
      ram_("ram", description.ram_bytes, true, sc_core::SC_ZERO_TIME),
      boot_rom_("boot_rom", boot_rom_bytes, false, sc_core::SC_ZERO_TIME),
      clint_("clint", description.harts, description.timebase_hz, picoseconds(description.device_latency_ps),
             [this](unsigned hart, Interrupt line, bool level) { harts_[hart]->set_interrupt(line, level); }),
      plic_("plic", description.harts, picoseconds(description.device_latency_ps),
            [this](unsigned hart, bool level) { harts_[hart]->set_interrupt(Interrupt::external, level); }),
      uart_("uart", console, picoseconds(description.device_latency_ps),
            [this](bool level) { plic_.set_source(uart_source, level); }),
      exit_(
          "exit", picoseconds(description.device_latency_ps), [this](int code) { finish(code, ""); },
          [this](unsigned hart) { unhandled_trap(hart); },
          [this](unsigned hart, sc_core::sc_time now) {
            if (on_notify_) on_notify_(hart, now);
          },
          [this](unsigned hart) {
            if (on_load_) on_load_(hart);
          }),
      control_window_("control", picoseconds(description.control_latency_ps)) {
  if (interrupt_lines > max_external)
    throw core::UserError(
        fmt::format("board: {} interrupt lines, allowed {}", interrupt_lines, max_external));
  for (unsigned i = 0; i < description.harts; ++i) {
    harts_.push_back(std::make_unique<Hart>(fmt::format("hart{}", i).c_str(), hart_parameters(description, i),
                                            reservations_));
    checkers_.bind(harts_.back()->socket, bus_.socket, harts_.back()->socket, description.check);
    harts_.back()->on_trap_loop([this](Hart& hart) {
      finish(exit_guest_failure, describe_trap(hart, *hart.interpreter().last_exception(), elf()));
    });
  }
  debug_socket_.bind(bus_.socket);
  bus_.map("boot_rom", description.boot_rom_base, boot_rom_bytes,
           checkers_.before(boot_rom_.socket, description.check));
  bus_.map("exit", description.exit_base, ExitDevice::window_bytes,
           checkers_.before(exit_.socket, description.check));
  bus_.map("clint", description.clint_base, Clint::window_bytes,
           checkers_.before(clint_.socket, description.check));
  bus_.map("plic", description.plic_base, Plic::window_bytes,
           checkers_.before(plic_.socket, description.check));
  bus_.map("uart", description.uart_base, Uart::window_bytes,
           checkers_.before(uart_.socket, description.check));
  bus_.map("control", description.control_base, description.control_bytes,
           checkers_.before(control_window_.socket, description.check));
  bus_.map("ram", description.ram_base, description.ram_bytes,
           checkers_.before(ram_.socket, description.check));
  SC_HAS_PROCESS(Board);
  SC_METHOD(external_changed);
  for (auto& line : interrupts) sensitive << line;
  if (description.timeout_ps > 0) SC_THREAD(time_out);
}

std::vector<tlm_interconnect::ProtocolMonitor::Violation> Board::protocol_violations() const {
  std::vector<tlm_interconnect::ProtocolMonitor::Violation> all;
  checkers_.collect(all);
  return all;
}

void Board::external_changed() {
  for (unsigned i = 0; i < interrupts.size(); ++i)
    plic_.set_source(first_external_source + i, interrupts[i].read());
}

void Board::raise_software_interrupt(unsigned hart) {
  clint_.raise_software_interrupt(hart);
}

void Board::write_boot_rom(uint64_t entry, uint64_t argument) {
  const uint32_t code[] = {
      0x00000297,  // auipc t0, 0
      0x0202b583,  // ld a1, 32(t0)
      0x0182b283,  // ld t0, 24(t0)
      0xf1402573,  // csrr a0, mhartid
      0x00028067,  // jr t0
      0x00000013,  // nop
  };
  std::memcpy(boot_rom_.bytes().data(), code, sizeof code);
  std::memcpy(boot_rom_.bytes().data() + 24, &entry, sizeof entry);
  std::memcpy(boot_rom_.bytes().data() + 32, &argument, sizeof argument);
}

void Board::load(const ElfFile& elf, uint64_t argument) {
  const uint64_t ram_end = description_.ram_base + description_.ram_bytes;
  for (const ElfFile::Segment& segment : elf.segments()) {
    if (segment.address < description_.ram_base || segment.address + segment.bytes > ram_end) {
      throw core::UserError(fmt::format("{}: found a segment at {:#x}+{:#x}, allowed RAM, {:#x}+{:#x}",
                                        elf.path(), segment.address, segment.bytes, description_.ram_base,
                                        description_.ram_bytes));
    }
    uint8_t* const to = ram_.bytes().data() + (segment.address - description_.ram_base);
    std::memset(to, 0, segment.bytes);
    std::memcpy(to, segment.data.data(), segment.data.size());
  }
  elf_ = elf;
  write_boot_rom(elf.entry(), argument);
}

uint64_t Board::debug(tlm::tlm_command command, uint64_t address, uint8_t* data, uint64_t bytes) {
  uint64_t done = 0;
  while (done < bytes) {
    // Devices take single registers, memories anything.
    uint64_t chunk = std::min<uint64_t>(bytes - done, 4096);
    unsigned count = 0;
    for (; chunk != 0 && count == 0; chunk = chunk > 8 ? 8 : chunk / 2) {
      tlm::tlm_generic_payload payload;
      payload.set_command(command);
      payload.set_address(address + done);
      payload.set_data_ptr(data + done);
      payload.set_data_length(static_cast<unsigned>(chunk));
      payload.set_streaming_width(static_cast<unsigned>(chunk));
      count = debug_socket_->transport_dbg(payload);
    }
    if (count == 0) break;
    done += count;
  }
  return done;
}

uint64_t Board::read_debug(uint64_t address, std::span<uint8_t> data) {
  return debug(tlm::TLM_READ_COMMAND, address, data.data(), data.size());
}

uint64_t Board::write_debug(uint64_t address, std::span<const uint8_t> data) {
  std::vector<uint8_t> copy(data.begin(), data.end());
  const uint64_t done = debug(tlm::TLM_WRITE_COMMAND, address, copy.data(), copy.size());
  for (const auto& hart : harts_) hart->interpreter().invalidate_code(address, address + done);
  return done;
}

void Board::finish(int code, std::string diagnosis) {
  if (outcome_) return;
  outcome_ = BoardOutcome{code, std::move(diagnosis)};
  for (const auto& hart : harts_) hart->halt();
  if (on_finish_) {
    on_finish_(*outcome_);
  } else {
    sc_core::sc_pause();
  }
}

void Board::unhandled_trap(unsigned index) {
  if (index >= harts_.size())
    return finish(exit_guest_failure, fmt::format("trap report for hart {}, which does not exist", index));
  Interpreter& hart = harts_[index]->interpreter();
  CsrFile& csrs = hart.csrs();
  if ((csrs.mcause & interrupt_flag) != 0) {
    return finish(exit_guest_failure,
                  fmt::format("hart {}: unexpected interrupt {}", index, csrs.mcause & ~interrupt_flag));
  }
  Trap trap{static_cast<Exception>(csrs.mcause), csrs.mepc, csrs.mtval};
  if (hart.last_exception() && hart.last_exception()->pc == trap.pc) trap.ra = hart.last_exception()->ra;
  finish(exit_guest_failure, describe_trap(*harts_[index], trap, elf()));
}

void Board::time_out() {
  wait(picoseconds(description_.timeout_ps));
  if (outcome_) return;
  std::string text = fmt::format("the program did not end within {} of simulated time (endless loop?)",
                                 core::format_quantity(description_.timeout_ps, core::Unit::picoseconds));
  for (const auto& hart : harts_) text += "\n" + describe_place(*hart, elf());
  finish(exit_guest_failure, std::move(text));
}

std::string Board::memory_map() const {
  std::string table;
  for (const BoardBus::Window& window : bus_.windows()) {
    table +=
        fmt::format("{:#014x} - {:#014x}  {:>10}  {}\n", window.base, window.base + window.bytes - 1,
                    core::format_quantity(static_cast<double>(window.bytes), core::Unit::bytes), window.name);
  }
  return table;
}

void Board::register_statistics(core::StatisticsRegistry& registry) const {
  for (const auto& hart : harts_) {
    const Hart* const source = hart.get();
    const std::string prefix = std::string(hart->name()) + ".";
    const auto add = [&](const char* stat, const char* unit, const char* text,
                         uint64_t (Hart::*value)() const) {
      registry.add(prefix + stat, unit, text,
                   [source, value] { return static_cast<double>((source->*value)()); });
    };
    add("instructions", "1", "instructions retired", &Hart::instructions);
    add("bus_accesses", "1", "accesses that went over the bus, memory with DMI left out",
        &Hart::bus_accesses);
    add("bus_time", "ps", "time that these accesses took", &Hart::bus_time_ps);
    add("idle_time", "ps", "time in WFI", &Hart::idle_time_ps);
  }
}

}  // namespace duet::models::riscv
