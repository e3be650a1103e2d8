// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "duet/core/platform_layout.hpp"

namespace duet::core {

/// A contiguous piece of one memory node.
struct MemoryExtent {
  unsigned package = 0;
  unsigned memory = 0;   ///< ordinal among the package's memory nodes
  uint64_t address = 0;  ///< linear address, as the NoI decodes it
  uint64_t bytes = 0;
};

/// Part of a memory node that belongs to an interleave set.
struct MemorySlot {
  unsigned memory = 0;  ///< ordinal of the memory node
  uint64_t base = 0;    ///< offset in the node
};

/// A list of equally large slots over which addresses go round in stripes.
struct InterleaveSet {
  std::vector<MemorySlot> slots;
  uint64_t slot_bytes = 0;

  [[nodiscard]] uint64_t bytes() const { return slot_bytes * slots.size(); }
};

/// The address map of a platform, 64 bits:
///
///     63:56  package + 1
///     55:52  region
///            0 memory, linear:      51:40 node, 39:0 offset
///            1 chiplet data window: 51:44 chiplet, see ChipletWindow
///            2 multicast group:     51:44 group, 43:0 offset in every member's data window
///            3 memory, interleaved: 51:44 set, 43:41 stripe, 40:0 offset
///            4 control registers:   51:44 chiplet (128 + m: memory node m, 255: the package), 11:0 register
///            5 modules of the user
///            6 reduction over a group: 51:44 group, 43:36 as in ChipletWindow, 35:30 place of the member
///              that gets the sum among the group's members, 29:0 offset in its SRAM
///
/// Interleaved windows are views of the linear memory: set 0 goes over all slots of the package, set
/// 1 + c over the slots near compute chiplet c (equally many for every chiplet, dealt out by distance), so
/// that near tensors and spread tensors live beside each other. Initiators split a transfer with
/// split(); only linear addresses travel over the NoI.
class AddressMap {
 public:
  static constexpr uint64_t stripes_bytes[] = {4096, 65536, 1 << 20, 16 << 20};
  static constexpr unsigned package_control = 255;
  static constexpr uint64_t control_stride = 1ull << 44;
  static constexpr unsigned reduction_member_shift = 30;
  static constexpr unsigned reduction_members = 64;

  explicit AddressMap(const std::vector<PackageLayout>& packages);

  [[nodiscard]] static uint64_t memory_base(unsigned package, unsigned memory) {
    return region(package, 0) | static_cast<uint64_t>(memory) << 40;
  }
  [[nodiscard]] static uint64_t chiplet_base(unsigned package, unsigned chiplet) {
    return region(package, 1) | static_cast<uint64_t>(chiplet) << 44;
  }
  [[nodiscard]] static uint64_t group_base(unsigned package, unsigned group) {
    return region(package, 2) | static_cast<uint64_t>(group) << 44;
  }
  [[nodiscard]] static uint64_t interleaved_base(unsigned package, unsigned set, unsigned stripe) {
    return region(package, 3) | static_cast<uint64_t>(set) << 44 | static_cast<uint64_t>(stripe) << 41;
  }
  [[nodiscard]] static uint64_t control_base(unsigned package, unsigned chiplet) {
    return region(package, 4) | static_cast<uint64_t>(chiplet) << 44;
  }
  [[nodiscard]] static uint64_t reduction_base(unsigned package, unsigned group, unsigned member) {
    return region(package, 6) | static_cast<uint64_t>(group) << 44 |
           static_cast<uint64_t>(member) << reduction_member_shift;
  }
  [[nodiscard]] static unsigned package_of(uint64_t address) {
    return static_cast<unsigned>(address >> 56) - 1;
  }

  [[nodiscard]] const std::vector<InterleaveSet>& sets(unsigned package) const { return sets_[package]; }

  /// Appends the extents of [address, address + bytes) in memory, at most one per slot of an
  /// interleaved window. Returns false, and appends nothing, when the range is not memory.
  [[nodiscard]] bool split(uint64_t address, uint64_t bytes, std::vector<MemoryExtent>& extents) const;

 private:
  static uint64_t region(unsigned package, uint64_t number) {
    return static_cast<uint64_t>(package + 1) << 56 | number << 52;
  }
  bool split_linear(uint64_t address, uint64_t bytes, std::vector<MemoryExtent>& extents) const;
  bool split_interleaved(uint64_t address, uint64_t bytes, std::vector<MemoryExtent>& extents) const;

  std::vector<std::vector<uint64_t>> node_bytes_;  // [package][memory]
  std::vector<std::vector<InterleaveSet>> sets_;   // [package][set]
};

/// What an offset in a compute chiplet's 44-bit data window means: SRAM from 0, event counters, and
/// mailboxes. A write of n bytes to mailbox c lands in the SRAM and adds n to event counter c; its
/// offset, of data in functional mode, is where it stands among all bytes that the mailbox ever gets. A
/// 4-byte write to a counter adds its value.
struct ChipletWindow {
  static constexpr uint64_t mailbox_bit = 1ull << 43;
  static constexpr uint64_t counter_bit = 1ull << 42;
  static constexpr uint64_t mailbox_offset_mask = (1ull << 36) - 1;
  static constexpr unsigned counters = 64;

  [[nodiscard]] static constexpr uint64_t mailbox(unsigned counter, uint64_t sram_offset) {
    return mailbox_bit | static_cast<uint64_t>(counter) << 36 | sram_offset;
  }
  [[nodiscard]] static constexpr uint64_t counter(unsigned index) { return counter_bit | index * 8ull; }
};

}  // namespace duet::core
