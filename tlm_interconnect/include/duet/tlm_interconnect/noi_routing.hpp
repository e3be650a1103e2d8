// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/tlm_interconnect/noi_topology.hpp"

namespace duet::tlm_interconnect {

/// Deterministic routes: for each source and destination the links in order. West-first stands here
/// with its first choice (x first); the flit level chooses among `candidates` as it goes.
class NoiRouting {
 public:
  /// `dead[link]` are links that no route may use (empty = none). Dimension-ordered and west-first
  /// routes that meet a missing or dead link are replaced by the table of shortest paths.
  NoiRouting(const NoiTopology& topology, core::NoiRouting kind, const std::vector<bool>& dead = {});

  /// Whether a route exists.
  [[nodiscard]] bool reachable(NodeId from, NodeId to) const {
    return from == to || next(from, to) != no_link;
  }
  /// First link on the way, no_link when there is none or the packet has arrived.
  [[nodiscard]] LinkId next(NodeId at, NodeId to) const { return next_[size_t{at} * nodes_ + to]; }
  /// All links from source to destination in order; empty when they are the same or there is no way.
  [[nodiscard]] std::vector<LinkId> path(NodeId from, NodeId to) const;
  /// The kind that is in force: `table` when the wanted one did not fit the links.
  [[nodiscard]] core::NoiRouting kind() const { return kind_; }

 private:
  bool fill_dimension_ordered(bool x_first, const std::vector<bool>& dead);
  void fill_table(const std::vector<bool>& dead);

  const NoiTopology* topology_;
  core::NoiRouting kind_;
  NodeId nodes_;
  std::vector<LinkId> next_;
};

}  // namespace duet::tlm_interconnect
