// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "duet/tlm_interconnect/network_model.hpp"

namespace duet::tlm_interconnect {

/// How the summands of a reduction meet on their way to the root: the members' ways, joined where they meet.
/// Each vertex adds what its children send and what its own die gives, and hands on one sum.
struct ReductionTree {
  static constexpr uint32_t none = ~uint32_t{0};

  struct Vertex {
    NodeId node = 0;
    uint32_t parent = none;
    uint32_t member = none;          ///< place among the members, if its die has a summand
    std::vector<uint32_t> children;  ///< vertices, by node

    [[nodiscard]] uint32_t summands() const {
      return static_cast<uint32_t>(children.size()) + (member != none ? 1 : 0);
    }
  };

  std::vector<Vertex> vertices;     ///< the first is the root
  std::vector<uint32_t> of_member;  ///< vertex of each member

  /// A leaf's summand is nobody's sum yet: it goes straight to the parent.
  [[nodiscard]] bool is_leaf(uint32_t vertex) const {
    return vertex != 0 && vertices[vertex].children.empty();
  }
  /// The sum of the members' numbers, in the order in which the vertices add them.
  [[nodiscard]] std::vector<float> sum(const std::vector<std::vector<float>>& summands) const;

  /// Nothing when some member has no way to the root. The root is one of the members.
  static std::optional<ReductionTree> make(const NetworkModel& network, NodeId root,
                                           const std::vector<NodeId>& members);
};

}  // namespace duet::tlm_interconnect
