// SPDX-License-Identifier: Apache-2.0
// Routing tables over whatever links there are, from shortest paths by Boost.Graph.
#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/visitors.hpp>
#include <limits>

#include "duet/tlm_interconnect/noi_routing.hpp"

namespace duet::tlm_interconnect {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;
constexpr unsigned far_away = std::numeric_limits<unsigned>::max();

/// Hops from `root` to every node over the edges of the graph.
std::vector<unsigned> hops_from(const Graph& graph, NodeId root) {
  std::vector<unsigned> hops(boost::num_vertices(graph), far_away);
  hops[root] = 0;
  // A colour map of our own: clang-tidy does not follow the reference count of Boost's.
  std::vector<boost::default_color_type> colours(hops.size());
  boost::breadth_first_search(
      graph, root,
      boost::visitor(boost::make_bfs_visitor(boost::record_distances(hops.data(), boost::on_tree_edge{})))
          .color_map(
              boost::make_iterator_property_map(colours.begin(), boost::get(boost::vertex_index, graph))));
  return hops;
}

}  // namespace

void NoiRouting::fill_shortest() {
  std::fill(next_.begin(), next_.end(), std::array<LinkId, 2>{no_link, no_link});
  Graph backwards(nodes_);
  for (LinkId id = 0; id < topology_->links().size(); ++id) {
    if (usable(id)) boost::add_edge(topology_->links()[id].to, topology_->links()[id].from, backwards);
  }
  for (NodeId to = 0; to < nodes_; ++to) {
    const std::vector<unsigned> hops = hops_from(backwards, to);
    for (NodeId at = 0; at < nodes_; ++at) {
      if (at == to || hops[at] == far_away) continue;
      // Among equals the first link, which is one along x: dimension-ordered where the mesh is whole.
      for (const LinkId link : topology_->outgoing(at)) {
        if (!usable(link) || hops[topology_->links()[link].to] != hops[at] - 1) continue;
        choices(at, to)[0] = link;
        break;
      }
    }
  }
}

void NoiRouting::fill_up_down() {
  std::fill(next_.begin(), next_.end(), std::array<LinkId, 2>{no_link, no_link});
  Graph graph(nodes_);
  for (LinkId id = 0; id < topology_->links().size(); ++id) {
    const NoiLink& link = topology_->links()[id];
    // Only links that work both ways: the order of the nodes must make each of them up one way.
    if (usable(id) && usable(topology_->find(link.to, link.from))) boost::add_edge(link.from, link.to, graph);
  }
  // Level of each node below the root of its part, and a total order from it: up is towards smaller.
  const NodeId middle = topology_->rows() / 2 * topology_->columns() + topology_->columns() / 2;
  std::vector<unsigned> level = hops_from(graph, middle);
  for (NodeId node = 0; node < nodes_; ++node) {
    if (level[node] != far_away) continue;
    const std::vector<unsigned> other = hops_from(graph, node);
    for (NodeId member = 0; member < nodes_; ++member) level[member] = std::min(level[member], other[member]);
  }
  auto above = [&level](NodeId a, NodeId b) { return level[a] != level[b] ? level[a] < level[b] : a < b; };
  std::vector<NodeId> order(nodes_);
  for (NodeId node = 0; node < nodes_; ++node) order[node] = node;
  std::sort(order.begin(), order.end(), above);
  const std::vector<NodeId> bottom_up(order.rbegin(), order.rend());
  auto both_ways = [this](LinkId id) {
    const NoiLink& link = topology_->links()[id];
    return usable(id) && usable(topology_->find(link.to, link.from));
  };
  for (NodeId to = 0; to < nodes_; ++to) {
    // Nodes from which links down alone lead there take them, whatever they came by; the others go up,
    // and are only ever come to from below. So no packet turns from down to up.
    std::vector<unsigned> down(nodes_, far_away);
    down[to] = 0;
    for (const NodeId at : bottom_up) {
      for (const LinkId link : topology_->outgoing(at)) {
        const NodeId below = topology_->links()[link].to;
        if (at == to || !both_ways(link) || !above(at, below) || down[below] == far_away) continue;
        if (down[below] + 1 >= down[at]) continue;
        down[at] = down[below] + 1;
        choices(at, to)[0] = link;
      }
    }
    std::vector<unsigned> total = down;
    for (const NodeId at : order) {
      if (down[at] != far_away) continue;
      for (const LinkId link : topology_->outgoing(at)) {
        const NodeId up = topology_->links()[link].to;
        if (!both_ways(link) || !above(up, at) || total[up] == far_away || total[up] + 1 >= total[at])
          continue;
        total[at] = total[up] + 1;
        choices(at, to)[0] = link;
      }
    }
  }
}

}  // namespace duet::tlm_interconnect
