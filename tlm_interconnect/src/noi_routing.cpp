// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/noi_routing.hpp"

#include <fmt/format.h>

#include <deque>

#include "duet/core/error.hpp"

namespace duet::tlm_interconnect {

NoiRouting::NoiRouting(const NoiTopology& topology, core::NoiRouting kind, const std::vector<bool>& dead)
    : topology_(&topology), kind_(kind), nodes_(topology.nodes()), next_(size_t{nodes_} * nodes_, no_link) {
  if (kind == core::NoiRouting::table) {
    fill_table(dead);
  } else if (!fill_dimension_ordered(kind != core::NoiRouting::yx, dead)) {
    kind_ = core::NoiRouting::table;
    fill_table(dead);
  }
}

bool NoiRouting::fill_dimension_ordered(bool x_first, const std::vector<bool>& dead) {
  const unsigned columns = topology_->columns();
  for (NodeId at = 0; at < nodes_; ++at) {
    for (NodeId to = 0; to < nodes_; ++to) {
      if (at == to) continue;
      const bool same_column = at % columns == to % columns;
      const bool same_row = at / columns == to / columns;
      const bool along_x = x_first ? !same_column : same_row;
      const NodeId step_x = to % columns > at % columns ? at + 1 : at - 1;
      const NodeId step_y = to / columns > at / columns ? at + columns : at - columns;
      const LinkId link = topology_->find(at, along_x ? step_x : step_y);
      if (link == no_link || (!dead.empty() && dead[link])) return false;
      next_[size_t{at} * nodes_ + to] = link;
    }
  }
  return true;
}

void NoiRouting::fill_table(const std::vector<bool>& dead) {
  std::fill(next_.begin(), next_.end(), no_link);
  std::deque<NodeId> queue;
  for (NodeId to = 0; to < nodes_; ++to) {
    // Breadth-first from the destination against the direction of the links.
    std::vector<bool> seen(nodes_, false);
    seen[to] = true;
    queue.assign(1, to);
    while (!queue.empty()) {
      const NodeId at = queue.front();
      queue.pop_front();
      for (const LinkId link : topology_->incoming(at)) {
        const NodeId from = topology_->links()[link].from;
        if (seen[from] || (!dead.empty() && dead[link])) continue;
        seen[from] = true;
        next_[size_t{from} * nodes_ + to] = link;
        queue.push_back(from);
      }
    }
  }
}

std::vector<LinkId> NoiRouting::path(NodeId from, NodeId to) const {
  std::vector<LinkId> links;
  for (NodeId at = from; at != to;) {
    const LinkId link = next(at, to);
    if (link == no_link) return {};
    links.push_back(link);
    at = topology_->links()[link].to;
  }
  return links;
}

}  // namespace duet::tlm_interconnect
