// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "duet/sw_driver/driver.h"
#include "duet/sw_driver/regs.h"

namespace duet::test {

/// A package as the driver sees it through its HAL: registers that remember, and chiplets that finish
/// one doorbell each time the driver waits for an interrupt. Independent of the SystemC models.
class MockPackage {
 public:
  struct Doorbell {
    uint32_t chiplet;
    uint32_t descriptors;
    uint32_t mode;
    bool operator==(const Doorbell&) const = default;
  };

  explicit MockPackage(uint32_t chiplets) : chiplets_(chiplets) {
    hal.context = this;
    hal.read32 = [](void* context, uint64_t address, uint32_t* value) {
      return static_cast<MockPackage*>(context)->read(address, *value);
    };
    hal.write32 = [](void* context, uint64_t address, uint32_t value) {
      return static_cast<MockPackage*>(context)->write(address, value);
    };
    hal.wait_for_interrupt = [](void* context, uint64_t) {
      return static_cast<MockPackage*>(context)->wait();
    };
    hal.time_ns = [](void* context) { return static_cast<MockPackage*>(context)->now_ns; };
    driver.hal = &hal;
    driver.package_base = package_base;
    driver.chiplet_base = 0;
    driver.chiplet_stride = stride;
    driver.chiplets = chiplets;
    driver.timeout_ns = 1000;
  }

  static constexpr uint64_t stride = 0x1000;
  static constexpr uint64_t package_base = 0x100000;

  struct ChipletState {
    uint32_t identity = 0x54455544u;
    uint32_t version = 0x00010000u;
    uint32_t mode = 0;
    uint32_t interrupt_enable = 0;
    uint32_t interrupt_status = 0;
    uint32_t error = 0;
    uint32_t error_info = 0;
    uint32_t doorbells_completed = 0;
    uint32_t resets = 0;
    uint32_t restarts = 0;
    uint32_t reads_until_quiet = 0;  ///< of STATUS, before its transfers have ended
    bool hangs = false;              ///< until it is restarted
    uint64_t queue_base = 0;
    std::array<uint32_t, DUET_ARGUMENTS> arguments{};
    std::deque<uint32_t> queued;
    size_t most_queued = 0;
  };

  duet_hal hal{};
  duet_driver driver{};
  std::vector<Doorbell> doorbells;
  std::vector<uint64_t> groups = std::vector<uint64_t>(256, 0);
  bool hangs = false;  ///< no interrupt ever comes
  bool stuck = false;  ///< the line is up although nobody interrupts, and chiplets stand still
  uint64_t now_ns = 0;
  uint64_t failing_address = ~0ull;  ///< an access to it is a bus error
  int fail_at_doorbell = -1;         ///< the chiplet that takes it sets ERROR
  int hang_after_doorbell = -1;      ///< the chiplet that takes it hangs
  duet_error error_bit = DUET_ERROR_BAD_DESCRIPTOR;
  ChipletState& chiplet(uint32_t index) { return state_[index]; }

 private:
  int read(uint64_t address, uint32_t& value) {
    if (address == failing_address) return DUET_BUS_ERROR;
    if (address >= package_base) {
      const uint64_t offset = address - package_base;
      value = 0;
      if (offset == DUET_PACKAGE_interrupt_pending_low || offset == DUET_PACKAGE_interrupt_pending_high) {
        const uint32_t first = offset == DUET_PACKAGE_interrupt_pending_low ? 0 : 32;
        for (uint32_t i = first; i < chiplets_ && i < first + 32; ++i) {
          if (state_[i].interrupt_status & state_[i].interrupt_enable) value |= 1u << (i % 32);
        }
      }
      return DUET_OK;
    }
    ChipletState& chiplet = state_[address / stride];
    switch (address % stride) {
      case DUET_CHIPLET_identity:
        value = chiplet.identity;
        break;
      case DUET_CHIPLET_version:
        value = chiplet.version;
        break;
      case DUET_CHIPLET_mode:
        value = chiplet.mode;
        break;
      case DUET_CHIPLET_interrupt_status:
        value = chiplet.interrupt_status;
        break;
      case DUET_CHIPLET_error:
        value = chiplet.error;
        break;
      case DUET_CHIPLET_error_info:
        value = chiplet.error_info;
        break;
      case DUET_CHIPLET_doorbells_completed:
      case DUET_CHIPLET_completed:  // a descriptor a doorbell
        value = chiplet.doorbells_completed;
        break;
      case DUET_CHIPLET_status:
        value = chiplet.reads_until_quiet == 0 ? 0 : DUET_STATUS_TRANSFERS;
        if (chiplet.reads_until_quiet != 0) --chiplet.reads_until_quiet;
        break;
      default:
        return DUET_BUS_ERROR;
    }
    return DUET_OK;
  }

  int write(uint64_t address, uint32_t value) {
    if (address == failing_address) return DUET_BUS_ERROR;
    if (address >= package_base) {
      switch (address - package_base) {
        case DUET_PACKAGE_group_select:
          group_ = value;
          break;
        case DUET_PACKAGE_group_members_low:
          members_ = (members_ & ~0xffffffffull) | value;
          break;
        case DUET_PACKAGE_group_members_high:
          members_ = (members_ & 0xffffffffull) | uint64_t{value} << 32;
          break;
        case DUET_PACKAGE_group_commit:
          groups[group_] = members_;
          break;
        default:
          return DUET_BUS_ERROR;
      }
      return DUET_OK;
    }
    const auto index = static_cast<uint32_t>(address / stride);
    ChipletState& chiplet = state_[index];
    const auto offset = static_cast<uint32_t>(address % stride);
    switch (offset) {
      case DUET_CHIPLET_mode:
        chiplet.mode = value;
        break;
      case DUET_CHIPLET_interrupt_enable:
        chiplet.interrupt_enable = value;
        break;
      case DUET_CHIPLET_interrupt_clear:
        chiplet.interrupt_status &= ~value;
        break;
      case DUET_CHIPLET_queue_base_low:
        chiplet.queue_base = (chiplet.queue_base & ~0xffffffffull) | value;
        break;
      case DUET_CHIPLET_queue_base_high:
        chiplet.queue_base = (chiplet.queue_base & 0xffffffffull) | uint64_t{value} << 32;
        break;
      case DUET_CHIPLET_reset:
        if (value == DUET_RESET_RESTART) {
          ++chiplet.restarts;
          chiplet.hangs = false;
          chiplet.error = 0;
          break;
        }
        ++chiplet.resets;
        chiplet.error = 0;
        chiplet.hangs = false;
        chiplet.doorbells_completed = 0;
        chiplet.queued.clear();
        break;
      case DUET_CHIPLET_doorbell:
        if (static_cast<int>(doorbells.size()) == fail_at_doorbell) {
          chiplet.error = 1u << error_bit;
          chiplet.error_info = 7;
          chiplet.interrupt_status |= DUET_INTERRUPT_ERROR;
        }
        if (static_cast<int>(doorbells.size()) == hang_after_doorbell) chiplet.hangs = true;
        doorbells.push_back({index, value, chiplet.mode});
        chiplet.queued.push_back(value);
        chiplet.most_queued = std::max(chiplet.most_queued, chiplet.queued.size());
        break;
      default:
        if (offset < DUET_CHIPLET_argument0 || offset > DUET_CHIPLET_argument3) return DUET_BUS_ERROR;
        chiplet.arguments[(offset - DUET_CHIPLET_argument0) / 4] = value;
    }
    return DUET_OK;
  }

  int wait() {
    now_ns += 100;
    if (stuck) return DUET_OK;
    if (hangs) return DUET_TIMED_OUT;
    bool progress = false;
    for (const ChipletState& chiplet : state_) progress = progress || chiplet.interrupt_status != 0;
    for (ChipletState& chiplet : state_) {
      if (chiplet.error != 0 || chiplet.hangs || chiplet.queued.empty()) continue;
      progress = true;
      chiplet.queued.pop_front();
      ++chiplet.doorbells_completed;
      chiplet.interrupt_status |= DUET_INTERRUPT_DOORBELL_DONE;
    }
    return progress ? DUET_OK : DUET_TIMED_OUT;
  }

  uint32_t chiplets_;
  std::vector<ChipletState> state_ = std::vector<ChipletState>(DUET_MAX_CHIPLETS);
  uint32_t group_ = 0;
  uint64_t members_ = 0;
};

/// A program image in memory of its own.
class TestProgram {
 public:
  TestProgram(const std::vector<duet_program_group>& groups, const std::vector<duet_dispatch>& dispatches,
              const std::vector<uint64_t>& queues) {
    duet_program header{};
    header.magic = DUET_PROGRAM_MAGIC;
    header.version = DUET_PROGRAM_VERSION;
    header.chiplets = static_cast<uint32_t>(queues.size());
    header.groups = static_cast<uint32_t>(groups.size());
    header.dispatches = static_cast<uint32_t>(dispatches.size());
    header.group_offset = sizeof header;
    header.dispatch_offset =
        header.group_offset + static_cast<uint32_t>(groups.size() * sizeof(duet_program_group));
    header.queue_offset =
        header.dispatch_offset + static_cast<uint32_t>(dispatches.size() * sizeof(duet_dispatch));
    words_.resize((header.queue_offset + queues.size() * 8) / 8);
    auto* bytes = reinterpret_cast<uint8_t*>(words_.data());
    std::copy_n(reinterpret_cast<const uint8_t*>(&header), sizeof header, bytes);
    std::copy_n(reinterpret_cast<const uint8_t*>(groups.data()), groups.size() * sizeof(duet_program_group),
                bytes + header.group_offset);
    std::copy_n(reinterpret_cast<const uint8_t*>(dispatches.data()),
                dispatches.size() * sizeof(duet_dispatch), bytes + header.dispatch_offset);
    std::copy_n(reinterpret_cast<const uint8_t*>(queues.data()), queues.size() * 8,
                bytes + header.queue_offset);
  }
  [[nodiscard]] duet_program* get() { return reinterpret_cast<duet_program*>(words_.data()); }

 private:
  std::vector<uint64_t> words_;
};

}  // namespace duet::test
