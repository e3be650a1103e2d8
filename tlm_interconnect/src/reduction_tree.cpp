// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/reduction_tree.hpp"

#include <algorithm>
#include <map>

namespace duet::tlm_interconnect {
namespace {

void add_up(const ReductionTree& tree, uint32_t vertex, const std::vector<std::vector<float>>& summands,
            std::vector<float>& sum) {
  const ReductionTree::Vertex& here = tree.vertices[vertex];
  const auto add = [&sum](const std::vector<float>& other) {
    if (sum.empty()) {
      sum = other;
      return;
    }
    std::transform(sum.begin(), sum.end(), other.begin(), sum.begin(),
                   [](float a, float b) { return a + b; });
  };
  if (here.member != ReductionTree::none) add(summands[here.member]);
  for (const uint32_t child : here.children) {
    std::vector<float> part;
    add_up(tree, child, summands, part);
    add(part);
  }
}

}  // namespace

std::vector<float> ReductionTree::sum(const std::vector<std::vector<float>>& summands) const {
  std::vector<float> result;
  add_up(*this, 0, summands, result);
  return result;
}

std::optional<ReductionTree> ReductionTree::make(const NetworkModel& network, NodeId root,
                                                 const std::vector<NodeId>& members) {
  const std::vector<NoiLink>& links = network.topology().links();
  std::map<NodeId, NodeId> next;
  std::map<NodeId, unsigned> ways_in;
  for (const NodeId member : members) {
    const std::vector<LinkId> way = network.way_of_sum(member, root);
    if (way.empty() && member != root) return std::nullopt;
    for (const LinkId link : way) {
      if (!next.emplace(links[link].from, links[link].to).second) break;  // joins another member's way
      ++ways_in[links[link].to];
    }
  }
  ReductionTree tree;
  std::map<NodeId, uint32_t> vertex_of;
  const auto add = [&](NodeId node) {
    if (vertex_of.try_emplace(node, static_cast<uint32_t>(tree.vertices.size())).second)
      tree.vertices.push_back({node, none, none, {}});
    return vertex_of[node];
  };
  add(root);
  for (const NodeId member : members) {
    tree.of_member.push_back(add(member));
    tree.vertices[tree.of_member.back()].member = static_cast<uint32_t>(tree.of_member.size() - 1);
  }
  for (const auto& [node, ways] : ways_in) {
    if (ways > 1) add(node);
  }
  for (const auto& [node, vertex] : vertex_of) {
    if (vertex == 0) continue;
    NodeId at = next.at(node);
    while (!vertex_of.contains(at)) at = next.at(at);
    tree.vertices[vertex].parent = vertex_of[at];
    tree.vertices[vertex_of[at]].children.push_back(vertex);
  }
  return tree;
}

}  // namespace duet::tlm_interconnect
