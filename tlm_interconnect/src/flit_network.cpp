// SPDX-License-Identifier: Apache-2.0
// Construction and the clockwork of the flit level; the routers are in flit_router.cpp, the ends in
// flit_network_ends.cpp.
#include "duet/tlm_interconnect/flit_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "duet/core/error.hpp"

namespace duet::tlm_interconnect {
namespace {

constexpr size_t ring_cycles = 256;  // a power of two, longer than a common link

}  // namespace

void check_flit_rate(const core::NoiDescription& description) {
  const double clocked_rate = description.flit_bytes * description.router_clock;
  const NoiTopology topology(description);
  for (const NoiLink& link : topology.links()) {
    if (link.bytes_per_ps * 1e12 > clocked_rate * (1 + 1e-9)) {
      throw core::UserError(fmt::format(
          "level: found 'flit' with link {}->{} of {}, allowed at most a flit per router cycle, {} (raise "
          "flit_bytes or router_clock)",
          link.from, link.to, core::format_quantity(link.bytes_per_ps * 1e12, core::Unit::bytes_per_second),
          core::format_quantity(clocked_rate, core::Unit::bytes_per_second)));
    }
  }
}

FlitNetwork::FlitNetwork(const core::NoiDescription& description)
    : description_(description),
      topology_(description),
      routing_(std::make_unique<NoiRouting>(topology_, description.routing)),
      clock_(description.router_clock),
      routers_(topology_.nodes()),
      ports_(0),
      network_ports_(0),
      vcs_(description.vcs),
      buffer_(description.buffer_flits),
      nodes_(routers_),
      is_active_(routers_, 0),
      ring_(ring_cycles),
      dead_(topology_.links().size(), false),
      write_order_(routers_),
      read_order_(routers_),
      random_(description.seed) {
  check_flit_rate(description);
  for (NodeId node = 0; node < routers_; ++node) {
    network_ports_ = std::max({network_ports_, static_cast<uint32_t>(topology_.outgoing(node).size()),
                               static_cast<uint32_t>(topology_.incoming(node).size())});
  }
  ports_ = network_ports_ + description.local_ports;
  flit_error_ = 1 - std::pow(1 - description.bit_error_rate, 8.0 * description.flit_bytes);
  build_ports();
}

void FlitNetwork::build_ports() {
  const uint32_t all_vcs = vcs_ == 32 ? ~uint32_t{0} : (1U << vcs_) - 1;
  const uint32_t classes = routing_->classes();
  class_vcs_.assign(classes, 0);
  for (uint32_t vc = 0; vc < vcs_; ++vc) {
    class_of_vc_.push_back(static_cast<uint8_t>(vc * classes / vcs_));
    class_vcs_[class_of_vc_.back()] |= 1U << vc;
  }
  inputs_.resize(size_t{routers_} * ports_);
  outputs_.resize(size_t{routers_} * ports_);
  input_vcs_.resize(inputs_.size() * vcs_);
  credits_.assign(outputs_.size() * vcs_, buffer_);
  vc_grant_.assign(credits_.size(), 0);
  vc_accept_.assign(credits_.size(), 0);
  buffers_.resize(input_vcs_.size() * buffer_);
  injectors_.resize(size_t{routers_} * description_.local_ports);
  injector_credits_.assign(injectors_.size() * vcs_, buffer_);
  ejection_.assign(routers_, 0);
  vc_requests_.resize(size_t{ports_} * classes);
  switch_candidates_.resize(size_t{ports_} * ports_);
  // From the grant of the switch to the send.
  const uint32_t leave = description_.switch_allocation_cycles - 1 + description_.traversal_cycles;
  const double period_ps = clock_.period_ps();
  for (OutputPort& port : outputs_) port.free_vcs = all_vcs;
  output_of_link_.resize(topology_.links().size());
  input_of_link_.resize(topology_.links().size());
  port_of_link_.resize(topology_.links().size());
  for (uint32_t router = 0; router < routers_; ++router) {
    for (uint32_t i = 0; i < topology_.outgoing(router).size(); ++i) {
      output_of_link_[topology_.outgoing(router)[i]] = port_index(router, i);
      port_of_link_[topology_.outgoing(router)[i]] = i;
    }
    for (uint32_t i = 0; i < topology_.incoming(router).size(); ++i) {
      input_of_link_[topology_.incoming(router)[i]] = port_index(router, i);
    }
    for (uint32_t i = 0; i < description_.local_ports; ++i) {
      OutputPort& out = outputs_[port_index(router, network_ports_ + i)];
      out.delay = leave + 2;
      out.cycles_per_flit = 1;
      InputPort& in = inputs_[port_index(router, network_ports_ + i)];
      in.local = true;
      in.credit_to = router * description_.local_ports + i;
      in.credit_delay = 2 + description_.credit_delay_cycles;
    }
  }
  for (LinkId id = 0; id < topology_.links().size(); ++id) {
    const NoiLink& link = topology_.links()[id];
    const auto cycles = std::max<uint32_t>(
        1, static_cast<uint32_t>(std::llround(static_cast<double>(link.phy_wire_ps) / period_ps)));
    OutputPort& out = outputs_[output_of_link_[id]];
    out.link = id;
    out.to_router = link.to;
    out.to_port = input_of_link_[id] - link.to * ports_;
    out.delay = leave + cycles + 1;
    out.cycles_per_flit = description_.flit_bytes / (link.bytes_per_ps * period_ps);
    InputPort& in = inputs_[input_of_link_[id]];
    in.credit_to = output_of_link_[id];
    in.credit_delay = cycles + 1 + description_.credit_delay_cycles;
  }
}

uint64_t FlitNetwork::zero_load_ps(NodeId from, NodeId to, uint64_t bytes) const {
  const uint32_t stages = description_.routing_cycles + description_.vc_allocation_cycles +
                          description_.switch_allocation_cycles + description_.traversal_cycles;
  const std::vector<LinkId> path = routing_->path(from, to, routing_->class_of(from, to));
  double slowest = 1;
  uint64_t cycles = 3 + stages;
  for (const LinkId link : path) {
    const OutputPort& out = outputs_[output_of_link_[link]];
    cycles += out.delay - 1 - (description_.switch_allocation_cycles - 1 + description_.traversal_cycles) +
              stages + static_cast<uint64_t>(out.cycles_per_flit - 1e-9);
    slowest = std::max(slowest, out.cycles_per_flit);
  }
  return clock_.edge_ps(cycles + static_cast<uint64_t>(std::ceil((flits_of(bytes) - 1) * slowest - 1e-9)));
}

uint32_t FlitNetwork::flits_of(uint64_t bytes) const {
  const uint64_t wire = bytes + description_.header_bytes;
  return static_cast<uint32_t>(
      std::max<uint64_t>((wire + description_.flit_bytes - 1) / description_.flit_bytes, 1));
}

uint64_t FlitNetwork::link_bytes(LinkId link) const {
  return link_flits(link) * description_.flit_bytes;
}

double FlitNetwork::link_busy_ps(LinkId link) const {
  const OutputPort& out = outputs_[output_of_link_[link]];
  return static_cast<double>(out.flits) * out.cycles_per_flit * clock_.period_ps();
}

void FlitNetwork::set_lanes(LinkId id, unsigned lanes) {
  const NoiLink& link = topology_.links()[id];
  dead_[id] = lanes == 0;
  if (lanes > 0) {
    const double rate = link.bytes_per_ps * std::min(lanes, link.lanes) / link.lanes;
    outputs_[output_of_link_[id]].cycles_per_flit = description_.flit_bytes / (rate * clock_.period_ps());
  }
  routing_ = std::make_unique<NoiRouting>(topology_, description_.routing, dead_);
}

void FlitNetwork::set_group(uint32_t group, std::vector<NodeId> members) {
  if (group >= groups_.size()) groups_.resize(group + 1);
  groups_[group] = std::move(members);
}

void FlitNetwork::activate(uint32_t router) {
  if (is_active_[router] != 0) return;
  is_active_[router] = 1;
  active_.push_back(router);
}

void FlitNetwork::later(uint64_t at, const Arrival& arrival) {
  if (at - cycle_ < ring_cycles) {
    ring_[at % ring_cycles].push_back(arrival);
    ++in_ring_;
  } else {
    far_.emplace_back(at, arrival);
  }
}

uint64_t FlitNetwork::next_event_ps() const {
  if (!active_.empty() || !injecting_.empty()) return clock_.edge_ps(cycle_);
  uint64_t next = starts_.empty() ? never_ps : starts_.front().cycle;
  for (const auto& [at, arrival] : far_) next = std::min(next, at);
  if (in_ring_ > 0) {
    uint64_t at = cycle_;
    while (ring_[at % ring_cycles].empty()) ++at;
    next = std::min(next, at);
  }
  return next == never_ps ? never_ps : clock_.edge_ps(std::max(next, cycle_));
}

void FlitNetwork::advance(uint64_t now_ps, std::vector<NetworkEvent>& events) {
  for (uint64_t next = next_event_ps(); next <= now_ps; next = next_event_ps()) {
    cycle_ = std::max(cycle_, clock_.cycle_at_or_after(next));
    step(events);
    ++cycle_;
  }
  // What is sent from now on cannot begin before the present.
  cycle_ = std::max(cycle_, clock_.cycle_at_or_after(now_ps));
}

void FlitNetwork::step(std::vector<NetworkEvent>& events) {
  if (!far_.empty()) {
    for (size_t i = 0; i < far_.size();) {
      if (far_[i].first - cycle_ >= ring_cycles) {
        ++i;
        continue;
      }
      later(far_[i].first, far_[i].second);
      far_.erase(far_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  auto& due = ring_[cycle_ % ring_cycles];
  for (const Arrival& arrival : due) arrive(arrival, events);  // what that sends comes in later cycles
  in_ring_ -= due.size();
  due.clear();
  while (!starts_.empty() && starts_.front().cycle <= cycle_) {
    const Start begin = starts_.front();
    std::pop_heap(starts_.begin(), starts_.end(), std::greater<>{});
    starts_.pop_back();
    start(begin);
  }
  for (size_t i = 0; i < injecting_.size();) {
    const NodeId node = injecting_[i];
    inject(node, events);
    if (nodes_[node].queue.empty() && nodes_[node].busy == 0) {
      nodes_[node].listed = false;
      injecting_[i] = injecting_.back();
      injecting_.pop_back();
    } else {
      ++i;
    }
  }
  for (size_t i = 0; i < active_.size();) {
    const uint32_t router = active_[i];
    router_step(router);
    bool idle = true;
    for (uint32_t port = 0; port < ports_ && idle; ++port) {
      const InputPort& in = inputs_[port_index(router, port)];
      idle = (in.routing | in.allocating | in.active) == 0;
    }
    if (idle) {
      is_active_[router] = 0;
      active_[i] = active_.back();
      active_.pop_back();
    } else {
      ++i;
    }
  }
}

unsigned FlitNetwork::retries() {
  unsigned count = 0;
  while (std::generate_canonical<double, 53>(random_) < flit_error_) ++count;
  return count;
}

}  // namespace duet::tlm_interconnect
