// SPDX-License-Identifier: Apache-2.0
// One cycle of one router of the flit level.
#include <algorithm>

#include "duet/tlm_interconnect/flit_network.hpp"

namespace duet::tlm_interconnect {
namespace {

/// The first set bit at or after `from`, cyclically. `mask` is not 0.
uint32_t first_from(uint32_t mask, uint32_t from) {
  const uint32_t above = from >= 32 ? 0 : mask >> from << from;
  return static_cast<uint32_t>(std::countr_zero(above != 0 ? above : mask));
}

}  // namespace

void FlitNetwork::router_step(uint32_t router) {
  // What one stage grants in a cycle, the next one sees in the cycle after: hence `ready`, and switch
  // allocation last, so that a virtual channel it frees cannot be given away in the same cycle.
  compute_routes(router);
  allocate_vcs(router);
  allocate_switch(router);
}

void FlitNetwork::compute_routes(uint32_t router) {
  for (uint32_t port = 0; port < ports_; ++port) {
    const uint32_t index = port_index(router, port);
    InputPort& in = inputs_[index];
    for (uint32_t mask = in.routing; mask != 0; mask &= mask - 1) {
      const auto vc = static_cast<uint32_t>(std::countr_zero(mask));
      const uint32_t id = vc_index(index, vc);
      InputVc& channel = input_vcs_[id];
      if (channel.ready > cycle_) continue;
      const uint32_t flit = buffers_[size_t{id} * buffer_ + channel.head];
      channel.out_port = static_cast<uint8_t>(choose_output(router, packets_[flit >> 2]));
      channel.state = VcState::allocating;
      channel.ready = cycle_ + description_.routing_cycles;
      in.routing &= ~(1U << vc);
      in.allocating |= 1U << vc;
    }
  }
}

uint32_t FlitNetwork::choose_output(uint32_t router, FlitPacket& packet) {
  LinkId link = no_link;
  if (packet.to != router) {
    link = routing_->next(router, packet.to, packet.route_class);
    if (routing_->adaptive()) {
      // The candidate with the most room behind it; the first one on a tie.
      uint32_t best = 0;
      for (const LinkId candidate : routing_->candidates(router, packet.to, packet.route_class)) {
        if (candidate == no_link) continue;
        const uint32_t output = output_of_link_[candidate];
        uint32_t room = 1;
        for (uint32_t vc = 0; vc < vcs_; ++vc) {
          if ((outputs_[output].free_vcs >> vc & 1) != 0) room += buffer_ + credits_[vc_index(output, vc)];
        }
        if (room > best) {
          best = room;
          link = candidate;
        }
      }
    }
    packet.lost = packet.lost || link == no_link;
  }
  if (link != no_link) return port_of_link_[link];
  uint32_t& turn = ejection_[router];
  turn = turn + 1 < description_.local_ports ? turn + 1 : 0;
  return network_ports_ + turn;
}

void FlitNetwork::allocate_vcs(uint32_t router) {
  const auto classes = static_cast<uint32_t>(class_vcs_.size());
  bool any = false;
  for (uint32_t port = 0; port < ports_; ++port) {
    const uint32_t index = port_index(router, port);
    for (uint32_t mask = inputs_[index].allocating; mask != 0; mask &= mask - 1) {
      const auto vc = static_cast<uint32_t>(std::countr_zero(mask));
      const InputVc& channel = input_vcs_[vc_index(index, vc)];
      // A packet keeps to the virtual channels of the class of routes in whose channel it lies.
      const uint32_t route_class = class_of_vc_[vc];
      const uint32_t free = outputs_[port_index(router, channel.out_port)].free_vcs & class_vcs_[route_class];
      if (channel.ready > cycle_ || free == 0) continue;
      vc_requests_[channel.out_port * classes + route_class].push_back(port * vcs_ + vc);
      any = true;
    }
  }
  if (!any) return;
  const uint32_t base = port_index(router, 0);
  for (uint32_t list = 0; list < vc_requests_.size(); ++list) {
    std::vector<uint32_t>& requests = vc_requests_[list];
    if (requests.empty()) continue;
    const uint32_t out_port = list / classes;
    OutputPort& out = outputs_[base + out_port];
    // Each free output VC grants one request, round-robin; each input VC accepts one grant, likewise.
    const uint32_t free = out.free_vcs & class_vcs_[list % classes];
    uint32_t granted[32];
    for (uint32_t mask = free; mask != 0; mask &= mask - 1) {
      const auto out_vc = static_cast<uint32_t>(std::countr_zero(mask));
      const uint32_t pointer = vc_grant_[vc_index(base + out_port, out_vc)];
      granted[out_vc] = requests.front();
      for (const uint32_t request : requests) {
        if (request >= pointer) {
          granted[out_vc] = request;
          break;
        }
      }
    }
    for (const uint32_t request : requests) {
      uint32_t mine = 0;
      for (uint32_t mask = free; mask != 0; mask &= mask - 1) {
        const auto out_vc = static_cast<uint32_t>(std::countr_zero(mask));
        if (granted[out_vc] == request) mine |= 1U << out_vc;
      }
      if (mine == 0) continue;
      const uint32_t input = base * vcs_ + request;
      const uint32_t pointer = vc_accept_[input];
      const uint32_t from = pointer / vcs_ == out_port ? pointer % vcs_ : 0;
      const uint32_t above = mine >> from << from;
      const auto out_vc = static_cast<uint32_t>(std::countr_zero(above != 0 ? above : mine));
      vc_grant_[vc_index(base + out_port, out_vc)] = request + 1 < ports_ * vcs_ ? request + 1 : 0;
      const uint32_t after = out_port * vcs_ + out_vc + 1;
      vc_accept_[input] = after < ports_ * vcs_ ? after : 0;
      InputVc& channel = input_vcs_[input];
      channel.out_vc = static_cast<uint8_t>(out_vc);
      channel.state = VcState::active;
      channel.ready = cycle_ + description_.vc_allocation_cycles;
      InputPort& in = inputs_[base + request / vcs_];
      in.allocating &= ~(1U << (request % vcs_));
      in.active |= 1U << (request % vcs_);
      out.free_vcs &= ~(1U << out_vc);
    }
    requests.clear();
  }
}

void FlitNetwork::allocate_switch(uint32_t router) {
  const uint32_t base = port_index(router, 0);
  uint32_t wanted_outputs = 0;
  uint32_t wanted_by[32] = {};  // inputs by output
  uint32_t bidders = 0;
  for (uint32_t port = 0; port < ports_; ++port) {
    const InputPort& in = inputs_[base + port];
    uint32_t bids = 0;  // outputs that this input has bid for
    for (uint32_t mask = in.active; mask != 0; mask &= mask - 1) {
      const auto vc = static_cast<uint32_t>(std::countr_zero(mask));
      const InputVc& channel = input_vcs_[vc_index(base + port, vc)];
      if (channel.ready > cycle_) continue;
      const uint32_t out_port = channel.out_port;
      const OutputPort& out = outputs_[base + out_port];
      if (credits_[vc_index(base + out_port, channel.out_vc)] == 0) continue;
      if (out.free_at > static_cast<double>(cycle_)) continue;
      uint32_t& candidate = switch_candidates_[size_t{port} * ports_ + out_port];
      if ((bids >> out_port & 1) != 0) {
        // One bid for each pair of ports: the virtual channel next in turn.
        const uint32_t turn = vc >= in.switch_offset ? vc - in.switch_offset : vc + vcs_ - in.switch_offset;
        const uint32_t other = candidate >= in.switch_offset ? candidate - in.switch_offset
                                                             : candidate + vcs_ - in.switch_offset;
        if (turn < other) candidate = vc;
        continue;
      }
      candidate = vc;
      bids |= 1U << out_port;
      wanted_by[out_port] |= 1U << port;
    }
    if (bids != 0) bidders |= 1U << port;
    wanted_outputs |= bids;
  }
  if (bidders == 0) return;
  uint32_t granted_to[32] = {};  // outputs by input
  for (uint32_t mask = wanted_outputs; mask != 0; mask &= mask - 1) {
    const auto out_port = static_cast<uint32_t>(std::countr_zero(mask));
    const uint32_t winner = first_from(wanted_by[out_port], outputs_[base + out_port].grant);
    granted_to[winner] |= 1U << out_port;
  }
  for (uint32_t mask = bidders; mask != 0; mask &= mask - 1) {
    const auto port = static_cast<uint32_t>(std::countr_zero(mask));
    if (granted_to[port] == 0) continue;
    InputPort& in = inputs_[base + port];
    const uint32_t out_port = first_from(granted_to[port], in.accept);
    outputs_[base + out_port].grant = port + 1 < ports_ ? port + 1 : 0;
    in.accept = out_port + 1 < ports_ ? out_port + 1 : 0;
    send_flit(router, port, switch_candidates_[size_t{port} * ports_ + out_port]);
  }
}

void FlitNetwork::send_flit(uint32_t router, uint32_t in_port, uint32_t vc) {
  const uint32_t in_index = port_index(router, in_port);
  InputPort& in = inputs_[in_index];
  const uint32_t id = vc_index(in_index, vc);
  InputVc& channel = input_vcs_[id];
  const uint32_t out_index = port_index(router, channel.out_port);
  OutputPort& out = outputs_[out_index];
  const uint32_t flit = buffers_[size_t{id} * buffer_ + channel.head];
  channel.head = static_cast<uint16_t>(channel.head + 1U < buffer_ ? channel.head + 1U : 0);
  --channel.count;
  in.switch_offset = vc + 1 < vcs_ ? vc + 1 : 0;
  --credits_[vc_index(out_index, channel.out_vc)];
  later(cycle_ + in.credit_delay, {none, in.credit_to, vc, in.local ? 1U : 0U});
  ++out.flits;
  // A rate that is no whole number of cycles keeps its fraction while flits follow each other.
  const auto now = static_cast<double>(cycle_);
  out.free_at = (out.free_at > now - 1 ? out.free_at : now) + out.cycles_per_flit;
  // A flit is through when its last bit is: a slow link keeps it for longer than a cycle.
  uint64_t at = cycle_ + out.delay + static_cast<uint64_t>(out.cycles_per_flit - 1e-9);
  if (flit_error_ > 0 && out.link != no_link) {
    at += uint64_t{retries()} * 2 * out.delay;
    at = std::max(at, out.last_arrival + 1);
    out.last_arrival = at;
  }
  if (out.link == no_link) {
    later(at, {router, ports_ + channel.out_port, channel.out_vc, flit});  // to the die
  } else {
    later(at, {out.to_router, out.to_port, channel.out_vc, flit});
  }
  if ((flit & 1) != 0) {
    out.free_vcs |= 1U << channel.out_vc;
    in.active &= ~(1U << vc);
    channel.state = VcState::idle;
    if (channel.count > 0) {
      channel.state = VcState::routing;
      channel.ready = cycle_ + 1;
      in.routing |= 1U << vc;
    }
  } else if (channel.count == 0) {
    in.active &= ~(1U << vc);
  }
}

}  // namespace duet::tlm_interconnect
