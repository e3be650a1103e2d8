// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>
#include <vector>

#include "duet/tlm_interconnect/noi_topology.hpp"

namespace duet::tlm_interconnect {

/// Routes of a network: for each node and destination the next link, and for west-first, which is
/// adaptive, all links that a packet may take next.
///
/// - xy, yx: dimension-ordered.
/// - o1turn: both of them side by side, each a class of routes that shares no virtual channel with the other
///   (Seo et al., ISCA 2005). There each packet draws its order; here source and destination, or a tree's
///   root, fix it (core::goes_y_first), so that packets stay in order and a pair has one way.
/// - west_first: all hops to the west first, then any minimal one (Glass and Ni, ISCA 1992); around a
///   missing link where the turn model leaves a way.
/// - table: shortest paths; if their channel dependencies have a cycle, up*-down* paths from the node in
///   the middle (Schroeder et al., Autonet, 1991), which are free of deadlock in any topology.
class NoiRouting {
 public:
  /// `dead[link]` are links that no route may use (empty = none). Wanted routes that then do not reach every
  /// node are replaced by the table, in all classes.
  NoiRouting(const NoiTopology& topology, core::NoiRouting kind, const std::vector<bool>& dead = {});

  /// Classes of routes: two for o1turn (0 along x first, 1 along y first), one for the others. A packet keeps
  /// its class.
  [[nodiscard]] unsigned classes() const { return classes_; }
  /// Class of what goes from one node to another.
  [[nodiscard]] unsigned class_of(NodeId from, NodeId to) const {
    return pair_parity_[from] ^ pair_parity_[to];
  }
  /// Class of a multicast from a node and of a sum to it.
  [[nodiscard]] unsigned class_of_tree(NodeId root) const { return tree_class_[root]; }

  /// Whether a route exists, which then does in every class.
  [[nodiscard]] bool reachable(NodeId from, NodeId to) const {
    return from == to || next(from, to, 0) != no_link;
  }
  /// The link to take next, the first choice if there is one; no_link when there is none or the packet
  /// has arrived.
  [[nodiscard]] LinkId next(NodeId at, NodeId to, unsigned route_class) const {
    return candidates(at, to, route_class)[0];
  }
  /// All links that a packet may take next; no_link fills up.
  [[nodiscard]] const std::array<LinkId, 2>& candidates(NodeId at, NodeId to, unsigned route_class) const {
    return next_[(size_t{route_class} * nodes_ + to) * nodes_ + at];
  }
  /// Whether some node has a choice.
  [[nodiscard]] bool adaptive() const { return kind_ == core::NoiRouting::west_first; }
  /// First choices from source to destination; empty when they are the same or there is no way.
  [[nodiscard]] std::vector<LinkId> path(NodeId from, NodeId to, unsigned route_class) const;
  /// The kind in force: `table` when the wanted one did not fit the links.
  [[nodiscard]] core::NoiRouting kind() const { return kind_; }

  /// Channel dependencies (Dally and Seitz, IEEE ToC C-36(5), 1987): the links of a cycle in order, or
  /// nothing, which proves the routes free of deadlock. Classes share no channel: each is looked at alone.
  [[nodiscard]] std::vector<LinkId> find_cycle() const;
  /// "1->2, 2->6, 6->5, ..." for messages.
  [[nodiscard]] std::string describe(const std::vector<LinkId>& links) const;

 private:
  [[nodiscard]] bool usable(LinkId link) const { return link != no_link && (dead_.empty() || !dead_[link]); }
  std::array<LinkId, 2>& choices(NodeId at, NodeId to, unsigned route_class = 0) {
    return next_[(size_t{route_class} * nodes_ + to) * nodes_ + at];
  }
  [[nodiscard]] bool complete() const;
  [[nodiscard]] std::vector<LinkId> find_cycle_in(unsigned route_class) const;
  void fill_dimension_ordered(unsigned route_class, bool x_first);
  void fill_west_first();
  void fill_table();
  void fill_shortest();
  void fill_up_down();

  const NoiTopology* topology_;
  core::NoiRouting kind_;
  NodeId nodes_;
  unsigned classes_;
  std::vector<uint8_t> pair_parity_;  ///< of each node: a pair whose parities differ is of class 1
  std::vector<uint8_t> tree_class_;   ///< of each root
  std::vector<bool> dead_;
  std::vector<std::array<LinkId, 2>> next_;  ///< by class and destination: choices lie near each other
};

/// Throws core::UserError when the routes that the description asks for do not reach every node from every
/// other or their channel dependencies have a cycle, which it names.
void prove_deadlock_free(const core::NoiDescription& description);

}  // namespace duet::tlm_interconnect
