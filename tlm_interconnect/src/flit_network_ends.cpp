// SPDX-License-Identifier: Apache-2.0
// The ends of the flit level: packets out of transfers, injection, arrival, multicast trees.
#include <algorithm>
#include <functional>
#include <map>

#include "duet/tlm_interconnect/flit_network.hpp"

namespace duet::tlm_interconnect {

void FlitNetwork::send(const NetworkPacket& packet) {
  uint32_t index = 0;
  if (free_transfers_.empty()) {
    index = static_cast<uint32_t>(transfers_.size());
    transfers_.emplace_back();
  } else {
    index = free_transfers_.back();
    free_transfers_.pop_back();
  }
  Transfer& transfer = transfers_[index];
  transfer.packet = packet;
  build_tree(transfer);
  const uint64_t packets = std::max<uint64_t>(
      (packet.bytes + description_.max_packet_bytes - 1) / description_.max_packet_bytes, 1);
  for (Branch& branch : transfer.branches) branch.packets_left = static_cast<uint32_t>(packets);
  transfer.packets_at_source = static_cast<uint32_t>(packets * transfer.roots.size());
  for (uint64_t i = 0; i < packets; ++i) {
    // Data that come between two times come evenly; a packet leaves when it is complete.
    const uint64_t bytes =
        std::min<uint64_t>(packet.bytes - i * description_.max_packet_bytes, description_.max_packet_bytes);
    const uint64_t window = packet.last_ps > packet.first_ps ? packet.last_ps - packet.first_ps : 0;
    const auto part = static_cast<double>(i + 1) / static_cast<double>(packets);
    const uint64_t at_ps =
        packet.first_ps + (packets == 1 ? window : static_cast<uint64_t>(static_cast<double>(window) * part));
    const uint64_t at = std::max(cycle_, clock_.cycle_at_or_after(at_ps));
    for (const uint32_t root : transfer.roots) {
      starts_.push_back({at, sequence_++, index, flits_of(packet.bytes == 0 ? 0 : bytes), root});
      std::push_heap(starts_.begin(), starts_.end(), std::greater<>{});
    }
  }
}

void FlitNetwork::build_tree(Transfer& transfer) {
  const NetworkPacket& packet = transfer.packet;
  transfer.branches.clear();
  transfer.roots.clear();
  auto ticket = [this, &packet](NodeId node) -> uint32_t {
    if (packet.traffic == TrafficClass::write) return write_order_.ticket(packet.source, node);
    if (packet.traffic != TrafficClass::read_request) return 0;
    return (description_.reads_pass_writes ? read_order_ : write_order_).ticket(packet.source, node);
  };
  if (!packet.multicast) {
    transfer.branches.push_back(
        {packet.source, packet.destination, true, ticket(packet.destination), 0, 0, false, {}});
    transfer.roots.push_back(0);
    transfer.open = 1;
    return;
  }
  // Union of the members' ways; then pieces between nodes that are members or have several children.
  const std::vector<NodeId>& members = groups_.at(packet.destination);
  std::map<NodeId, NodeId> parent{{packet.source, packet.source}};
  for (const NodeId member : members) {
    std::vector<LinkId> path = routing_->path(packet.source, member, route_class_of(*routing_, packet));
    size_t first = path.size();
    while (first > 0 && !parent.contains(topology_.links()[path[first - 1]].to)) --first;
    for (size_t i = first; i < path.size(); ++i) {
      parent[topology_.links()[path[i]].to] = topology_.links()[path[i]].from;
    }
    parent.try_emplace(member, packet.source);
  }
  std::map<NodeId, unsigned> children;
  for (const auto& [node, from] : parent) {
    if (node != from) ++children[from];
  }
  auto is_member = [&members](NodeId node) {
    return std::find(members.begin(), members.end(), node) != members.end();
  };
  std::map<NodeId, uint32_t> branch_to;
  std::function<uint32_t(NodeId)> branch_of = [&](NodeId node) -> uint32_t {
    if (const auto found = branch_to.find(node); found != branch_to.end()) return found->second;
    NodeId from = parent[node];
    while (from != packet.source && !is_member(from) && children[from] < 2) from = parent[from];
    const auto index = static_cast<uint32_t>(transfer.branches.size());
    const bool member = is_member(node);
    transfer.branches.push_back({from, node, member, member ? ticket(node) : 0, 0, 0, false, {}});
    branch_to[node] = index;
    if (from == packet.source) {
      transfer.roots.push_back(index);
    } else {
      const uint32_t up = branch_of(from);
      transfer.branches[up].children.push_back(index);
    }
    return index;
  };
  for (const NodeId member : members) branch_of(member);
  transfer.open = static_cast<uint32_t>(transfer.branches.size());
}

void FlitNetwork::start(const Start& begin) {
  enqueue(transfers_[begin.transfer].packet.source, begin.transfer, begin.branch, begin.flits);
}

void FlitNetwork::enqueue(NodeId node, uint32_t transfer, uint32_t branch, uint32_t flits) {
  uint32_t index = 0;
  if (free_packets_.empty()) {
    index = static_cast<uint32_t>(packets_.size());
    packets_.emplace_back();
  } else {
    index = free_packets_.back();
    free_packets_.pop_back();
  }
  const NetworkPacket& packet = transfers_[transfer].packet;
  packets_[index] = {transfer,
                     flits,
                     branch,
                     transfers_[transfer].branches[branch].to,
                     false,
                     packet.source == node,
                     static_cast<uint8_t>(route_class_of(*routing_, packet)),
                     0};
  flits_inside_ += flits;
  nodes_[node].queue.push_back(index);
  if (!nodes_[node].listed) {
    nodes_[node].listed = true;
    injecting_.push_back(node);
  }
}

void FlitNetwork::inject(NodeId node, std::vector<NetworkEvent>& events) {
  Node& source = nodes_[node];
  for (uint32_t port = 0; port < description_.local_ports; ++port) {
    const uint32_t id = node * description_.local_ports + port;
    Injector& injector = injectors_[id];
    const uint32_t credit = id * vcs_;
    bool head = false;
    if (injector.packet == none) {
      if (source.queue.empty()) continue;
      // A virtual channel is free again when the tail of its last packet has gone in.
      const uint32_t usable = class_vcs_[packets_[source.queue.front()].route_class];
      uint32_t vc = injector.vc;
      bool found = false;
      for (uint32_t i = 0; i < vcs_ && !found; ++i) {
        vc = vc + 1 < vcs_ ? vc + 1 : 0;
        found = (usable >> vc & 1) != 0 && injector_credits_[credit + vc] > 0;
      }
      if (!found) continue;
      injector.vc = vc;
      injector.packet = source.queue.front();
      injector.flits_left = packets_[injector.packet].flits;
      source.queue.pop_front();
      ++source.busy;
      head = true;
    }
    if (injector_credits_[credit + injector.vc] == 0) continue;
    --injector_credits_[credit + injector.vc];
    const bool tail = --injector.flits_left == 0;
    const uint32_t flit = injector.packet << 2 | (head ? 2U : 0U) | (tail ? 1U : 0U);
    later(cycle_ + 2, {node, network_ports_ + port, injector.vc, flit});
    if (tail) {
      Transfer& transfer = transfers_[packets_[injector.packet].transfer];
      if (transfer.packet.multicast && packets_[injector.packet].from_source &&
          --transfer.packets_at_source == 0) {
        const uint64_t now = clock_.edge_ps(cycle_);
        events.push_back({NetworkEvent::Kind::left_source, transfer.packet.token, node, now, now});
      }
      injector.packet = none;
      --source.busy;
    }
  }
}

void FlitNetwork::arrive(const Arrival& arrival, std::vector<NetworkEvent>& events) {
  if (arrival.router == none) {
    ++(arrival.flit != 0 ? injector_credits_ : credits_)[vc_index(arrival.port, arrival.vc)];
    return;
  }
  if (arrival.port >= ports_) {
    sink(arrival, events);
    return;
  }
  const uint32_t index = port_index(arrival.router, arrival.port);
  const uint32_t id = vc_index(index, arrival.vc);
  InputVc& channel = input_vcs_[id];
  uint32_t slot = channel.head + channel.count;
  if (slot >= buffer_) slot -= buffer_;
  buffers_[size_t{id} * buffer_ + slot] = arrival.flit;
  ++channel.count;
  if (channel.state == VcState::idle) {
    channel.state = VcState::routing;
    channel.ready = cycle_;
    inputs_[index].routing |= 1U << arrival.vc;
  } else if (channel.state == VcState::active) {
    inputs_[index].active |= 1U << arrival.vc;
  }
  activate(arrival.router);
}

void FlitNetwork::sink(const Arrival& arrival, std::vector<NetworkEvent>& events) {
  const uint32_t out = port_index(arrival.router, arrival.port - ports_);
  later(cycle_ + 2 + description_.credit_delay_cycles, {none, out, arrival.vc, 0});
  FlitPacket& packet = packets_[arrival.flit >> 2];
  if ((arrival.flit & 2) != 0) packet.head_ps = clock_.edge_ps(cycle_);
  --flits_inside_;
  if ((arrival.flit & 1) != 0) packet_arrived(arrival.flit >> 2, events);
}

void FlitNetwork::packet_arrived(uint32_t index, std::vector<NetworkEvent>& events) {
  const FlitPacket packet = packets_[index];
  free_packets_.push_back(index);
  Transfer& transfer = transfers_[packet.transfer];
  Branch& branch = transfer.branches[packet.branch];
  branch.lost = branch.lost || packet.lost;
  if (branch.first_ps == 0) branch.first_ps = packet.head_ps;
  for (const uint32_t child : branch.children) {
    transfer.branches[child].lost = branch.lost;
    enqueue(branch.to, packet.transfer, child, packet.flits);
  }
  if (--branch.packets_left == 0) finish_branch(packet.transfer, packet.branch, events);
}

void FlitNetwork::finish_branch(uint32_t index, uint32_t branch_index, std::vector<NetworkEvent>& events) {
  Transfer& transfer = transfers_[index];
  const Branch& branch = transfer.branches[branch_index];
  const NetworkPacket& packet = transfer.packet;
  const auto kind = branch.lost ? NetworkEvent::Kind::lost : NetworkEvent::Kind::delivered;
  const NetworkEvent event{kind, packet.token, branch.to, branch.first_ps, clock_.edge_ps(cycle_)};
  if (branch.member) {
    if (packet.traffic == TrafficClass::write ||
        (packet.traffic == TrafficClass::read_request && !description_.reads_pass_writes)) {
      write_order_.arrive(packet.source, branch.to, branch.ticket, event, events);
    } else if (packet.traffic == TrafficClass::read_request) {
      read_order_.arrive(packet.source, branch.to, branch.ticket, event, events);
    } else {
      events.push_back(event);
    }
  }
  if (--transfer.open == 0) free_transfers_.push_back(index);
}

}  // namespace duet::tlm_interconnect
