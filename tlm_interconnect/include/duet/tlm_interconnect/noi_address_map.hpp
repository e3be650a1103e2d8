// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "duet/tlm_interconnect/noi_topology.hpp"

namespace duet::tlm_interconnect {

/// Which node, or which multicast group, an address of the package belongs to.
class NoiAddressMap {
 public:
  struct Window {
    uint64_t base;
    uint64_t size;
    NodeId node;
    uint64_t target_base;
  };
  struct GroupWindow {
    uint64_t base = 0;
    uint64_t stride = 0;
    uint64_t target_offset = 0;
    uint32_t groups = 0;
  };
  /// Group windows whose addresses have a member's place in the bits from `member_shift` on.
  struct ReductionWindow : GroupWindow {
    unsigned member_shift = 0;
    uint32_t members = 0;  ///< a power of two
  };
  struct Route {
    enum class Kind : uint8_t { node, multicast, reduction };
    Kind kind;
    uint32_t destination;     ///< node or group
    uint64_t target_address;  ///< address that the target sees
    uint32_t member = 0;      ///< of a reduction: who gets the sum, among the group's members
  };

  /// Throws core::UserError when the range is empty, wraps, or overlaps another one.
  void add(uint64_t base, uint64_t size, NodeId node, uint64_t target_base);
  void set_group_window(const GroupWindow& window);
  void set_reduction_window(const ReductionWindow& window);

  /// Nothing when the bytes do not lie in one window altogether.
  [[nodiscard]] std::optional<Route> find(uint64_t address, uint64_t bytes) const;
  [[nodiscard]] const std::vector<Window>& windows() const { return windows_; }
  /// The window that the address lies in.
  [[nodiscard]] const Window* window_of(uint64_t address) const;

 private:
  void check_free(uint64_t base, uint64_t size) const;

  std::vector<Window> windows_;  ///< by base
  GroupWindow group_;
  ReductionWindow reduction_;
};

}  // namespace duet::tlm_interconnect
