// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/noi_description.hpp"

namespace duet::tlm_interconnect {

using NodeId = uint32_t;
using LinkId = uint32_t;
inline constexpr LinkId no_link = ~LinkId{0};

/// One direction of a die-to-die link.
struct NoiLink {
  NodeId from = 0;
  NodeId to = 0;
  double bytes_per_ps = 0;   ///< with all lanes up
  uint64_t phy_wire_ps = 0;  ///< PHYs and wire, without the router
  unsigned lanes = 1;
};

/// Nodes and links of a network as the description gives them.
class NoiTopology {
 public:
  /// Throws core::UserError if the description is inconsistent.
  explicit NoiTopology(const core::NoiDescription& description);

  [[nodiscard]] unsigned columns() const { return columns_; }
  [[nodiscard]] unsigned rows() const { return rows_; }
  [[nodiscard]] NodeId nodes() const { return columns_ * rows_; }
  [[nodiscard]] const std::vector<NoiLink>& links() const { return links_; }
  /// Link from one node to another, or no_link.
  [[nodiscard]] LinkId find(NodeId from, NodeId to) const;
  [[nodiscard]] const std::vector<LinkId>& outgoing(NodeId node) const { return outgoing_[node]; }
  [[nodiscard]] const std::vector<LinkId>& incoming(NodeId node) const { return incoming_[node]; }
  /// Time in the router for the head of a packet, all pipeline stages.
  [[nodiscard]] uint64_t router_ps() const { return router_ps_; }

 private:
  void add_link(const core::NoiDescription& description, NodeId from, NodeId to);

  unsigned columns_;
  unsigned rows_;
  uint64_t router_ps_;
  std::vector<NoiLink> links_;
  std::vector<std::vector<LinkId>> outgoing_;
  std::vector<std::vector<LinkId>> incoming_;
};

}  // namespace duet::tlm_interconnect
