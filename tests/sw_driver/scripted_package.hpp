// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <systemc>
#include <vector>

#include "duet/sw_driver/program.h"
#include "duet/sw_driver/regs.h"
#include "duet/tlm_interconnect/control_bus.hpp"
#include "duet/tlm_interconnect/register_block.hpp"

/// Compute chiplets as a driver sees them: real register blocks behind a control bus, and in place of the
/// arrays a script: a descriptor takes 2 us.
class ScriptedPackage : public sc_core::sc_module {
 public:
  static constexpr uint64_t stride = 0x10000;
  static constexpr uint64_t package_offset = 255 * stride;
  static constexpr uint32_t queue_depth = 16;

  duet::tlm_interconnect::ControlBus bus{"bus", sc_core::sc_time(20, sc_core::SC_NS)};
  sc_core::sc_signal<bool> interrupt{"interrupt"};

  ScriptedPackage(sc_core::sc_module_name name, unsigned chiplets)
      : sc_module(name), registers_("registers", duet::tlm_interconnect::package_registers(), latency()) {
    SC_HAS_PROCESS(ScriptedPackage);
    for (unsigned i = 0; i < chiplets; ++i) chiplets_.push_back(std::make_unique<Chiplet>(*this, i));
    bus.map(package_offset, 4096, registers_.socket);
    registers_.on_read(DUET_PACKAGE_interrupt_pending_low, [this] { return pending(); });
    SC_METHOD(update);
    sensitive << changed_;
  }

  uint64_t descriptors(unsigned chiplet) const { return chiplets_[chiplet]->total_descriptors; }
  uint64_t doorbells(unsigned chiplet) const { return chiplets_[chiplet]->total_doorbells; }
  uint64_t mode_switches(unsigned chiplet) const { return chiplets_[chiplet]->total_switches; }
  uint32_t last_argument(unsigned chiplet) const {
    return chiplets_[chiplet]->registers.value(DUET_CHIPLET_argument2);
  }
  /// That chiplet never finishes anything.
  void hang(unsigned chiplet) { chiplets_[chiplet]->hangs = true; }
  /// That chiplet stops until it is restarted.
  void hang_once(unsigned chiplet) {
    hang(chiplet);
    chiplets_[chiplet]->hangs_once = true;
  }
  unsigned restarts(unsigned chiplet) const { return chiplets_[chiplet]->restarts; }
  /// Its next `count` descriptors fail with uncorrectable data.
  void fail_next(unsigned chiplet, unsigned count) { chiplets_[chiplet]->failures = count; }

 private:
  static sc_core::sc_time latency() { return sc_core::sc_time(10, sc_core::SC_NS); }

  struct Chiplet {
    Chiplet(ScriptedPackage& owner, unsigned index)
        : package(owner),
          registers(fmt::format("chiplet_{}", index).c_str(), duet::tlm_interconnect::chiplet_registers(),
                    latency()) {
      owner.bus.map(index * stride, 4096, registers.socket);
      registers.on_write(DUET_CHIPLET_doorbell, [this](uint32_t count) { ring(count); });
      registers.on_write(DUET_CHIPLET_interrupt_clear, [this](uint32_t bits) { raise(status() & ~bits); });
      registers.on_write(DUET_CHIPLET_reset,
                         [this](uint32_t bits) { (bits & DUET_RESET_ALL) != 0 ? reset() : restart(); });
      registers.on_read(DUET_CHIPLET_doorbell_space, [this] { return queue_depth - waiting(); });
      sc_core::sc_spawn([this] { run(); });
    }
    uint32_t waiting() const { return static_cast<uint32_t>(queue.size()); }
    uint32_t status() const { return registers.value(DUET_CHIPLET_interrupt_status); }
    void raise(uint32_t bits) {
      registers.set_value(DUET_CHIPLET_interrupt_status, bits);
      package.changed_.notify(sc_core::SC_ZERO_TIME);
    }
    void reset() {
      queue.clear();
      ++epoch;
      for (const uint32_t zeroed :
           {uint32_t{DUET_CHIPLET_completed}, uint32_t{DUET_CHIPLET_doorbells_completed},
            uint32_t{DUET_CHIPLET_error}, uint32_t{DUET_CHIPLET_status}}) {
        registers.set_value(zeroed, 0);
      }
      raise(0);
    }
    void restart() {
      ++restarts;
      hangs = hangs && !hangs_once;
      registers.set_value(DUET_CHIPLET_error, 0);
      registers.set_value(DUET_CHIPLET_status, 0);
      rung.notify();
    }
    void fail(uint32_t bit) {
      registers.set_value(DUET_CHIPLET_error, registers.value(DUET_CHIPLET_error) | 1u << bit);
      registers.set_value(DUET_CHIPLET_status, DUET_STATUS_HALTED);
      raise(status() | DUET_INTERRUPT_ERROR);
    }
    void ring(uint32_t count) {
      if (waiting() == queue_depth) return fail(DUET_ERROR_DOORBELL_OVERFLOW);
      ++total_doorbells;
      queue.push_back({count, registers.value(DUET_CHIPLET_mode)});
      rung.notify();
    }
    void run() {
      for (;;) {
        while (queue.empty() || hangs || registers.value(DUET_CHIPLET_status) == DUET_STATUS_HALTED) {
          sc_core::wait(sc_core::sc_time(1, sc_core::SC_US), rung);
        }
        const auto [count, mode] = queue.front();
        const uint64_t began = epoch;
        sc_core::wait(2.0 * count, sc_core::SC_US);
        if (epoch != began) continue;
        if (failures > 0) {
          --failures;
          fail(DUET_ERROR_UNCORRECTABLE_DATA);
          continue;
        }
        if (mode != current_mode) ++total_switches;
        current_mode = mode;
        total_descriptors += count;
        queue.erase(queue.begin());
        bump(DUET_CHIPLET_completed, count);
        bump(DUET_CHIPLET_doorbells_completed, 1);
        raise(status() | DUET_INTERRUPT_DOORBELL_DONE);
      }
    }
    void bump(uint32_t offset, uint32_t by) { registers.set_value(offset, registers.value(offset) + by); }

    ScriptedPackage& package;
    duet::tlm_interconnect::RegisterBlock registers;
    std::vector<std::pair<uint32_t, uint32_t>> queue;  // descriptors, mode
    sc_core::sc_event rung;
    uint64_t epoch = 0;
    uint32_t current_mode = 0;
    bool hangs = false;
    bool hangs_once = false;
    unsigned restarts = 0;
    unsigned failures = 0;
    uint64_t total_descriptors = 0;
    uint64_t total_doorbells = 0;
    uint64_t total_switches = 0;
  };

  uint32_t pending() const {
    uint32_t bits = 0;
    for (size_t i = 0; i < chiplets_.size(); ++i) {
      const uint32_t enabled = chiplets_[i]->registers.value(DUET_CHIPLET_interrupt_enable);
      if ((chiplets_[i]->status() & enabled) != 0) bits |= 1u << i;
    }
    return bits;
  }
  void update() { interrupt.write(pending() != 0); }

  duet::tlm_interconnect::RegisterBlock registers_;
  std::vector<std::unique_ptr<Chiplet>> chiplets_;
  sc_core::sc_event changed_{"changed"};
};

/// A program image with `rounds` dispatches of two descriptors each to every chiplet, alternating in mode.
inline std::vector<uint8_t> scripted_program(uint32_t chiplets, uint32_t rounds) {
  constexpr uint32_t groups_at = 40;  // behind the header, aligned to 8 bytes
  constexpr uint32_t dispatches_at = groups_at + sizeof(duet_program_group);
  const auto queues_at = dispatches_at + rounds * static_cast<uint32_t>(sizeof(duet_dispatch));
  const uint64_t all = (uint64_t{1} << chiplets) - 1;
  std::vector<uint8_t> image(queues_at + chiplets * sizeof(uint64_t));
  const duet_program header{DUET_PROGRAM_MAGIC, DUET_PROGRAM_VERSION, chiplets, 1, rounds,
                            groups_at,          dispatches_at,        queues_at};
  std::memcpy(image.data(), &header, sizeof header);
  std::memcpy(image.data() + groups_at, &all, sizeof all);
  for (uint32_t i = 0; i < rounds; ++i) {
    const duet_dispatch dispatch{all, i % 2, 2, static_cast<uint16_t>(i)};
    std::memcpy(image.data() + dispatches_at + i * sizeof dispatch, &dispatch, sizeof dispatch);
  }
  for (uint32_t i = 0; i < chiplets; ++i) {
    const uint64_t queue = uint64_t{0x100000} * (i + 1);
    std::memcpy(image.data() + queues_at + i * sizeof queue, &queue, sizeof queue);
  }
  return image;
}
