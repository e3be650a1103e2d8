// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/noi_topology.hpp"

#include <cmath>

namespace duet::tlm_interconnect {
namespace {

bool missing(const core::NoiDescription& description, NodeId from, NodeId to) {
  for (const auto& pair : description.missing_links) {
    if (pair.from == from && pair.to == to) return true;
    if (pair.both_ways && pair.from == to && pair.to == from) return true;
  }
  return false;
}

}  // namespace

NoiTopology::NoiTopology(const core::NoiDescription& description)
    : columns_(description.columns), rows_(description.rows) {
  core::validate(description);
  const unsigned stages = description.routing_cycles + description.vc_allocation_cycles +
                          description.switch_allocation_cycles + description.traversal_cycles;
  router_ps_ = static_cast<uint64_t>(std::llround(stages * 1e12 / description.router_clock));
  outgoing_.resize(nodes());
  incoming_.resize(nodes());
  for (NodeId node = 0; node < nodes(); ++node) {
    const unsigned x = node % columns_;
    const unsigned y = node / columns_;
    if (x + 1 < columns_) add_link(description, node, node + 1);
    if (x > 0) add_link(description, node, node - 1);
    if (y + 1 < rows_) add_link(description, node, node + columns_);
    if (y > 0) add_link(description, node, node - columns_);
  }
  for (const auto& pair : description.extra_links) {
    add_link(description, pair.from, pair.to);
    if (pair.both_ways) add_link(description, pair.to, pair.from);
  }
}

void NoiTopology::add_link(const core::NoiDescription& description, NodeId from, NodeId to) {
  if (missing(description, from, to)) return;
  core::NoiLinkDescription link = description.link;
  for (const auto& other : description.links) {
    const bool forward = other.from == from && other.to == to;
    const bool backward = other.both_ways && other.from == to && other.to == from;
    if (!forward && !backward) continue;
    link.bandwidth = other.bandwidth.value_or(link.bandwidth);
    link.phy_latency = other.phy_latency.value_or(link.phy_latency);
    link.wire_length = other.wire_length.value_or(link.wire_length);
    link.lanes = other.lanes.value_or(link.lanes);
  }
  const double wire_ps = link.wire_length * description.wire_delay_ps_per_mm;
  const auto id = static_cast<LinkId>(links_.size());
  links_.push_back({from, to, link.bandwidth * 1e-12,
                    link.phy_latency + static_cast<uint64_t>(std::llround(wire_ps)), link.lanes});
  outgoing_[from].push_back(id);
  incoming_[to].push_back(id);
}

LinkId NoiTopology::find(NodeId from, NodeId to) const {
  if (from >= nodes()) return no_link;
  for (const LinkId id : outgoing_[from]) {
    if (links_[id].to == to) return id;
  }
  return no_link;
}

}  // namespace duet::tlm_interconnect
