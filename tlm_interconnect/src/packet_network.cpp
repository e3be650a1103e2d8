// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/packet_network.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "duet/core/rounding.hpp"

namespace duet::tlm_interconnect {
namespace {

// A pair of nodes with more than this many packets under way is a stream and shares links as bulk.
constexpr uint64_t stream_packets = 2;

size_t class_of(const NetworkPacket& packet) {
  return static_cast<size_t>(packet.traffic);
}

uint64_t tree_key(const NetworkPacket& packet) {
  return (uint64_t{packet.source} << 40) | (uint64_t{packet.destination} << 8) | class_of(packet);
}

uint64_t round_ps(double ps) {
  return static_cast<uint64_t>(core::round_to_int(ps));
}

std::vector<double> capacities(const core::NoiDescription& description, const NoiTopology& topology) {
  std::vector<double> result;
  for (const NoiLink& link : topology.links()) result.push_back(link.bytes_per_ps);
  result.resize(result.size() + size_t{2} * topology.nodes(),
                description.link.bandwidth * 1e-12 * description.local_ports);
  return result;
}

}  // namespace

PacketNetwork::PacketNetwork(const core::NoiDescription& description)
    : description_(description),
      topology_(description),
      routing_(std::make_unique<NoiRouting>(topology_, description.routing)),
      links_(static_cast<uint32_t>(topology_.links().size())),
      cycle_ps_(round_ps(1e12 / description.router_clock)),
      dead_(links_, false),
      bulk_share_(capacities(description, topology_)),
      pair_numbers_(topology_.nodes()),
      write_order_(topology_.nodes()),
      read_order_(topology_.nodes()),
      random_(description.seed) {
  const std::vector<double> rates = capacities(description, topology_);
  channels_.resize(rates.size());
  for (uint32_t id = 0; id < rates.size(); ++id) {
    const bool local = id >= links_;
    channels_[id].bytes_per_ps = rates[id];
    channels_[id].packet_bytes_per_ps = local ? description.link.bandwidth * 1e-12 : rates[id];
    channels_[id].latency_ps = local ? cycle_ps_ : topology_.links()[id].phy_wire_ps;
  }
}

uint64_t PacketNetwork::wire_bytes(uint64_t bytes) const {
  const uint64_t packets =
      std::max<uint64_t>((bytes + description_.max_packet_bytes - 1) / description_.max_packet_bytes, 1);
  const uint64_t total = std::max<uint64_t>(bytes + packets * description_.header_bytes, 1);
  return (total + description_.flit_bytes - 1) / description_.flit_bytes * description_.flit_bytes;
}

PacketNetwork::Way PacketNetwork::way_of(NodeId from, NodeId to, unsigned route_class) const {
  Way way{2 * cycle_ps_ + topology_.router_ps(), std::numeric_limits<double>::infinity(), generation_};
  if (!routing_->reachable(from, to)) way.latency_ps = cycle_ps_;  // what finds no way is lost at its source
  LinkId link = routing_->next(from, to, route_class);
  for (; link != no_link; link = routing_->next(topology_.links()[link].to, to, route_class)) {
    way.latency_ps += topology_.router_ps() + channels_[link].latency_ps;
    way.bytes_per_ps = std::min(way.bytes_per_ps, channels_[link].bytes_per_ps);
  }
  return way;
}

uint64_t PacketNetwork::zero_load_ps(NodeId from, NodeId to, uint64_t bytes) const {
  const Way way = way_of(from, to, routing_->class_of(from, to));
  const double rate = std::min(way.bytes_per_ps, channels_[injection(from)].packet_bytes_per_ps);
  return way.latency_ps + round_ps(static_cast<double>(wire_bytes(bytes)) / rate);
}

PacketNetwork::Pair& PacketNetwork::pair_of(const NetworkPacket& packet) {
  std::vector<uint32_t>& numbers = pair_numbers_[packet.source];
  if (numbers.empty()) numbers.resize(size_t{routing_->classes()} * topology_.nodes(), no_pair);
  const unsigned route_class = route_class_of(*routing_, packet);
  uint32_t& number = numbers[size_t{route_class} * topology_.nodes() + packet.destination];
  if (number == no_pair) {
    number = static_cast<uint32_t>(pairs_.size());
    pairs_.emplace_back();
  }
  Pair& pair = pairs_[number];
  if (pair.way.generation != generation_) pair.way = way_of(packet.source, packet.destination, route_class);
  return pair;
}

void PacketNetwork::add_step(const Event& event) {
  const bool inner = event.step == Step::start || event.step == Step::hop;
  std::vector<Event>& steps = inner ? inner_steps_ : outer_steps_;
  steps.push_back(event);
  std::push_heap(steps.begin(), steps.end(), std::greater<>{});
}

void PacketNetwork::schedule(uint64_t at_ps, Step step, uint32_t index) {
  add_step({at_ps, flights_[index].order, step, index, 0});
}

void PacketNetwork::arrive_at(uint64_t at_ps, uint32_t bulk, uint32_t branch) {
  add_step({at_ps, bulks_[bulk].order, Step::arrive_bulk, bulk, branch});
}

/// Until the flight has ended.
void PacketNetwork::wake_for(uint64_t at_ps, uint32_t flight) {
  wakes_.push_back({at_ps, flight, flights_[flight].generation});
  std::push_heap(wakes_.begin(), wakes_.end(), std::greater<>{});
}

void PacketNetwork::end_flight(uint32_t flight) {
  ++flights_[flight].generation;
  free_flights_.push_back(flight);
}

void PacketNetwork::forget_wakes(uint64_t until_ps) {
  const auto stale = [this](const Wake& wake) { return flights_[wake.flight].generation != wake.generation; };
  while (!wakes_.empty() && (wakes_.front().at_ps <= until_ps || stale(wakes_.front()))) {
    std::pop_heap(wakes_.begin(), wakes_.end(), std::greater<>{});
    wakes_.pop_back();
  }
}

/// What happens inside is worked off when something may be seen outside, at its own times.
uint64_t PacketNetwork::next_event_ps() const {
  const uint64_t wake_ps = wakes_.empty() ? never_ps : wakes_.front().at_ps;
  const uint64_t outer_ps = outer_steps_.empty() ? never_ps : outer_steps_.front().at_ps;
  return std::min({wake_ps, outer_ps, bulk_share_.next_event_ps()});
}

uint64_t PacketNetwork::next_step_ps() const {
  const uint64_t inner_ps = inner_steps_.empty() ? never_ps : inner_steps_.front().at_ps;
  const uint64_t outer_ps = outer_steps_.empty() ? never_ps : outer_steps_.front().at_ps;
  return std::min({inner_ps, outer_ps, bulk_share_.next_event_ps()});
}

bool PacketNetwork::take_step(Event& step) {
  const bool inner =
      outer_steps_.empty() || (!inner_steps_.empty() && outer_steps_.front() > inner_steps_.front());
  std::vector<Event>& steps = inner ? inner_steps_ : outer_steps_;
  if (steps.empty() || steps.front().at_ps > now_ps_) return false;
  step = steps.front();
  std::pop_heap(steps.begin(), steps.end(), std::greater<>{});
  steps.pop_back();
  return true;
}

uint32_t PacketNetwork::ticket(const NetworkPacket& packet, NodeId node) {
  switch (packet.traffic) {
    case TrafficClass::read_request:
      return (description_.reads_pass_writes ? read_order_ : write_order_).ticket(packet.source, node);
    case TrafficClass::write:
      return write_order_.ticket(packet.source, node);
    default:
      return 0;
  }
}

void PacketNetwork::report(NetworkEvent::Kind kind, const NetworkPacket& packet, NodeId node, uint32_t ticket,
                           uint64_t first_ps, std::vector<NetworkEvent>& events) {
  const NetworkEvent event{kind, packet.token, node, first_ps, now_ps_};
  if (packet.traffic == TrafficClass::write ||
      (packet.traffic == TrafficClass::read_request && !description_.reads_pass_writes)) {
    write_order_.arrive(packet.source, node, ticket, event, events);
  } else if (packet.traffic == TrafficClass::read_request) {
    read_order_.arrive(packet.source, node, ticket, event, events);
  } else {
    events.push_back(event);
  }
}

void PacketNetwork::send(const NetworkPacket& packet) {
  uint32_t index = 0;
  if (free_flights_.empty()) {
    index = static_cast<uint32_t>(flights_.size());
    flights_.emplace_back();
  } else {
    index = free_flights_.back();
    free_flights_.pop_back();
  }
  Flight& flight = flights_[index];
  flight.packet = packet;
  flight.wire_bytes = wire_bytes(packet.bytes);
  flight.at = packet.source;
  flight.links_crossed = 0;
  flight.order = packets_++;
  const uint64_t start_ps = std::max(packet.first_ps, now_ps_);
  flight.earliest_ps = may_stream(packet, start_ps) ? start_ps : undisturbed_ps(flight, start_ps);
  wake_for(flight.earliest_ps, index);
  schedule(start_ps, Step::start, index);
}

/// When the tail of a short packet arrives if nothing is in its way.
uint64_t PacketNetwork::undisturbed_ps(const Flight& flight, uint64_t start_ps) {
  const Way& way = pair_of(flight.packet).way;
  const double rate = std::min(way.bytes_per_ps, channels_[injection(flight.packet.source)].bytes_per_ps);
  return start_ps + way.latency_ps + static_cast<uint64_t>(static_cast<double>(flight.wire_bytes) / rate);
}

/// Whether the packet may go as bulk. Of a short one that is decided when it starts. Bulk that starts may
/// make other bulk faster (by slowing what slowed that), so its start has to be worked off in time.
bool PacketNetwork::may_stream(const NetworkPacket& packet, uint64_t start_ps) {
  if (packet.multicast) return true;
  if (packet.bytes > description_.max_packet_bytes) {
    flow_of(packet);
    return true;
  }
  const size_t traffic = class_of(packet);
  Pair& pair = pair_of(packet);
  const bool streams = pair.flows[traffic] != no_flow ||
                       pair.sent_bytes[traffic] > stream_packets * description_.max_packet_bytes;
  pair.sent_bytes[traffic] += wire_bytes(packet.bytes);
  if (start_ps < pair.last_start_ps[traffic]) {
    // Those that were sent before it and start after it may stream because of it.
    for (const Event& event : inner_steps_) {
      if (event.step == Step::start && event.at_ps > start_ps) watch(event);
    }
  }
  pair.last_start_ps[traffic] = std::max(pair.last_start_ps[traffic], start_ps);
  return streams;
}

/// What was thought of the packet's time no longer holds: it is looked at when it moves next.
void PacketNetwork::watch(const Event& event) {
  Flight& flight = flights_[event.index];
  flight.ahead_ps = 0;
  flight.earliest_ps = event.at_ps;
  wake_for(event.at_ps, event.index);
}

void PacketNetwork::start(uint32_t index) {
  Flight& flight = flights_[index];
  const NetworkPacket& packet = flight.packet;
  bool bulk = packet.multicast || packet.bytes > description_.max_packet_bytes;
  if (!bulk) {
    Pair& pair = pair_of(packet);
    const uint64_t in_flight = pair.in_flight_bytes[class_of(packet)];
    const uint32_t flow = pair.flows[class_of(packet)];
    const bool streaming = in_flight > stream_packets * description_.max_packet_bytes;
    bulk = streaming || (flow != no_flow && bulk_share_.active(flows_[flow].id));
    if (bulk) {
      pair.sent_bytes[class_of(packet)] -= flight.wire_bytes;
    } else {
      pair.in_flight_bytes[class_of(packet)] += flight.wire_bytes;
    }
  }
  if (bulk) {
    start_bulk(flow_of(packet), flight);
    end_flight(index);
    return;
  }
  flight.ticket = ticket(packet, packet.destination);
  flight.head_ps = now_ps_;
  flight.tail_ps = std::max(packet.last_ps, now_ps_);
  flight.ahead_ps = pair_of(packet).way.latency_ps;
  const uint64_t begun = cross(injection(packet.source), flight, now_ps_);
  go_on(index, begun + cycle_ps_, cycle_ps_);
}

/// The head reaches the next router at `head_ps`; the tail has put `way_ps` behind it.
void PacketNetwork::go_on(uint32_t index, uint64_t head_ps, uint64_t way_ps) {
  Flight& flight = flights_[index];
  flight.head_ps = head_ps;
  flight.ahead_ps -= std::min(flight.ahead_ps, way_ps);
  // No channel on its way lets the tail catch up with what it has been held up by.
  if (flight.tail_ps + flight.ahead_ps > flight.earliest_ps) {
    flight.earliest_ps = flight.tail_ps + flight.ahead_ps;
    wake_for(flight.earliest_ps, index);
  }
  schedule(head_ps, Step::hop, index);
}

unsigned PacketNetwork::bit_errors(uint64_t bytes) {
  // Poisson by inversion, in pieces whose exponential does not underflow.
  unsigned count = 0;
  double mean = 8.0 * static_cast<double>(bytes) * description_.bit_error_rate;
  while (mean > 0) {
    const double part = std::min(mean, 30.0);
    mean -= part;
    const double limit = std::exp(-part);
    double product = static_cast<double>(random_() >> 11) * 0x1p-53;
    while (product > limit) {
      ++count;
      product *= static_cast<double>(random_() >> 11) * 0x1p-53;
    }
  }
  replays_ += count;
  return count;
}

uint64_t PacketNetwork::cross(uint32_t id, Flight& flight, uint64_t ready_ps) {
  Channel& channel = channels_[id];
  const double serial = static_cast<double>(flight.wire_bytes) / channel.bytes_per_ps;
  uint64_t begin = std::max(ready_ps, channel.free_ps);
  const uint64_t queued = begin - ready_ps;
  const uint32_t bulk = bulk_share_.flows_on(id);
  if (bulk > 0) {
    // Round-robin: the rest of the packet under way, then one packet of each other bulk flow. A
    // packet that follows another one has already waited for its turn there. What its own pair of nodes
    // sends as bulk comes after it, and has been delayed for it at the source.
    const uint32_t flow = pair_of(flight.packet).flows[class_of(flight.packet)];
    const FairShare::FlowId own = flow == no_flow ? FairShare::no_flow : flows_[flow].id;
    const uint32_t others = bulk - (bulk_share_.sends_on(own, id) ? 1 : 0);
    if (begin == ready_ps && others > 0) {
      const double packet_ps = description_.max_packet_bytes / channel.bytes_per_ps;
      begin += round_ps((others - 0.5) * packet_ps * bulk_share_.utilisation(id, own));
    }
    bulk_share_.steal(id, static_cast<double>(flight.wire_bytes), own);
  }
  if (description_.bit_error_rate > 0 && id < links_) {
    begin += bit_errors(flight.wire_bytes) * (2 * channel.latency_ps + round_ps(serial));
  }
  channel.free_ps = begin + round_ps(serial);
  if (bulk > 0) channel.charged_ps = channel.free_ps;
  channel.bytes += flight.wire_bytes;
  channel.busy_ps += serial;
  const uint64_t delayed = flight.tail_ps + (ready_ps - flight.head_ps);
  const double packet_serial = static_cast<double>(flight.wire_bytes) / channel.packet_bytes_per_ps;
  // Flits of packets that meet interleave: the one that was there first is delayed as much as the one that
  // comes second. Its way is reserved already, so the second one's tail bears both delays, which makes the
  // mean right (processor sharing against first come first served; Kleinrock, Queueing Systems 2,
  // section 4.4). A source sends one packet after the other, whole.
  const bool interleaves = id < links_ || id >= ejection(0);
  const uint64_t shared = interleaves ? queued : 0;
  flight.tail_ps = std::max(begin + round_ps(packet_serial) + shared, delayed) + channel.latency_ps;
  if (flight.links_crossed++ == 0) {
    flight.source_free_ps = begin + round_ps(packet_serial);
  } else {
    hold_source(flight, begin, packet_serial + static_cast<double>(shared));
  }
  return begin;
}

void PacketNetwork::hold_source(Flight& flight, uint64_t begin_ps, double duration_ps) {
  const uint64_t buffered =
      uint64_t{flight.links_crossed - 1} * description_.buffer_flits * description_.flit_bytes;
  if (buffered >= flight.wire_bytes) return;
  const double outside =
      static_cast<double>(flight.wire_bytes - buffered) / static_cast<double>(flight.wire_bytes);
  const uint64_t until = begin_ps + round_ps(duration_ps * outside);
  if (until <= flight.source_free_ps) return;
  Channel& source = channels_[injection(flight.packet.source)];
  source.free_ps += round_ps(static_cast<double>(until - flight.source_free_ps) * source.packet_bytes_per_ps /
                             source.bytes_per_ps);
  flight.source_free_ps = until;
}

void PacketNetwork::hop(uint32_t index) {
  Flight& flight = flights_[index];
  const uint64_t ready = flight.head_ps + topology_.router_ps();
  if (flight.at == flight.packet.destination) {
    flight.head_ps = cross(ejection(flight.at), flight, ready) + cycle_ps_;
    schedule(flight.tail_ps, Step::arrive, index);
    return;
  }
  const LinkId link =
      routing_->next(flight.at, flight.packet.destination, route_class_of(*routing_, flight.packet));
  if (link == no_link) {
    schedule(flight.tail_ps, Step::lost, index);
    return;
  }
  const uint64_t begun = cross(link, flight, ready);
  flight.at = topology_.links()[link].to;
  const uint64_t latency_ps = channels_[link].latency_ps;
  go_on(index, begun + latency_ps, topology_.router_ps() + latency_ps);
}

uint32_t PacketNetwork::flow_of(const NetworkPacket& packet) {
  uint32_t& flow = packet.multicast ? trees_.try_emplace(tree_key(packet), no_flow).first->second
                                    : pair_of(packet).flows[class_of(packet)];
  if (flow == no_flow) {
    flow = static_cast<uint32_t>(flows_.size());
    const std::vector<NodeId> unicast{packet.destination};
    flows_.push_back({0,
                      packet.source,
                      route_class_of(*routing_, packet),
                      packet.multicast ? groups_[packet.destination] : unicast,
                      {},
                      {},
                      generation_});
    route(flows_.back());
    flows_.back().id = bulk_share_.add_flow(flows_.back().channels);
  }
  return flow;
}

void PacketNetwork::route(Flow& flow) {
  flow.generation = generation_;
  flow.channels.assign(1, injection(flow.source));
  flow.branches.clear();
  // A tree: each member's way starts where it leaves what is there already.
  std::unordered_map<NodeId, uint64_t> reached{{flow.source, cycle_ps_}};
  for (const NodeId member : flow.members) {
    if (!routing_->reachable(flow.source, member)) {
      flow.branches.push_back({member, 0, false});
      continue;
    }
    const std::vector<LinkId> path = routing_->path(flow.source, member, flow.route_class);
    size_t first = path.size();
    while (first > 0 && !reached.contains(topology_.links()[path[first - 1]].to)) --first;
    NodeId at = first == 0 ? flow.source : topology_.links()[path[first - 1]].to;
    for (size_t i = first; i < path.size(); ++i) {
      const uint64_t arrival = reached[at] + topology_.router_ps() + channels_[path[i]].latency_ps;
      at = topology_.links()[path[i]].to;
      reached[at] = arrival;
      flow.channels.push_back(path[i]);
    }
    flow.channels.push_back(ejection(member));
    flow.branches.push_back({member, reached[at] + topology_.router_ps() + cycle_ps_, true});
  }
}

void PacketNetwork::start_bulk(uint32_t flow_index, const Flight& flight) {
  const NetworkPacket& packet = flight.packet;
  Flow& flow = flows_[flow_index];
  if (flow.generation != generation_ && !bulk_share_.active(flow.id)) {
    route(flow);
    bulk_share_.reroute(flow.id, flow.channels, now_ps_);
  }
  uint32_t index = 0;
  if (free_bulks_.empty()) {
    index = static_cast<uint32_t>(bulks_.size());
    bulks_.emplace_back();
  } else {
    index = free_bulks_.back();
    free_bulks_.pop_back();
  }
  Bulk& bulk = bulks_[index];
  bulk.packet = packet;
  bulk.order = flight.order;
  bulk.wire_bytes = flight.wire_bytes;
  bulk.left = false;
  bulk.flow = flow_index;
  bulk.open = static_cast<uint32_t>(flow.branches.size());
  bulk.begun_ps = now_ps_;
  bulk.tickets.clear();
  bool any = flow.branches.empty();
  for (const Branch& branch : flow.branches) {
    bulk.tickets.push_back(ticket(packet, branch.node));
    any = any || branch.reachable;
  }
  if (!any) {
    for (uint32_t i = 0; i < flow.branches.size(); ++i) arrive_at(now_ps_, index, i);
    return;
  }
  double ahead = 0;  // short packets that the source sends before
  Channel& source = channels_[injection(flow.source)];
  const uint64_t charged = std::max(source.charged_ps, now_ps_);
  if (!bulk_share_.active(flow.id) && source.free_ps > charged) {
    ahead = static_cast<double>(source.free_ps - charged) * source.bytes_per_ps;
    source.charged_ps = source.free_ps;
  }
  double again = 0;  // what the slowest link's go back N sends a second time
  if (description_.bit_error_rate > 0) {
    for (const uint32_t id : flow.channels) {
      if (id >= links_) continue;
      const double round_trip =
          2.0 * static_cast<double>(channels_[id].latency_ps) * channels_[id].bytes_per_ps;
      again = std::max(again, bit_errors(flight.wire_bytes) * (round_trip + description_.flit_bytes));
    }
  }
  bulk_share_.begin(flow.id, static_cast<double>(flight.wire_bytes) + ahead + again, now_ps_, packet.last_ps,
                    index);
}

void PacketNetwork::finish_bulk(uint32_t index, std::vector<NetworkEvent>& events) {
  Bulk& bulk = bulks_[index];
  const Flow& flow = flows_[bulk.flow];
  for (const uint32_t id : flow.channels) {
    channels_[id].bytes += bulk.wire_bytes;
    channels_[id].busy_ps += static_cast<double>(bulk.wire_bytes) / channels_[id].bytes_per_ps;
  }
  if (bulk.packet.multicast) {
    events.push_back({NetworkEvent::Kind::left_source, bulk.packet.token, flow.source, now_ps_, now_ps_});
  }
  bulk.left = true;
  for (uint32_t i = 0; i < flow.branches.size(); ++i) {
    arrive_at(now_ps_ + flow.branches[i].latency_ps, index, i);
  }
  if (flow.branches.empty()) free_bulks_.push_back(index);
}

void PacketNetwork::lose_bulk(Flow& flow) {
  std::vector<uint32_t> dropped;
  bulk_share_.cancel(flow.id, dropped);
  for (const uint32_t index : dropped) {
    for (uint32_t i = 0; i < flow.branches.size(); ++i) arrive_at(now_ps_, index, i);
  }
}

void PacketNetwork::arrive_bulk(uint32_t index, uint32_t branch_index, std::vector<NetworkEvent>& events) {
  Bulk& bulk = bulks_[index];
  const Branch& branch = flows_[bulk.flow].branches[branch_index];
  report(branch.reachable ? NetworkEvent::Kind::delivered : NetworkEvent::Kind::lost, bulk.packet,
         branch.node, bulk.tickets[branch_index], bulk.begun_ps + branch.latency_ps, events);
  if (--bulk.open > 0) return;
  if (bulk.packet.multicast && !bulk.left) {  // no way to any member: it never will
    events.push_back(
        {NetworkEvent::Kind::left_source, bulk.packet.token, flows_[bulk.flow].source, now_ps_, now_ps_});
  }
  free_bulks_.push_back(index);
}

void PacketNetwork::advance(uint64_t now_ps, std::vector<NetworkEvent>& events) {
  for (uint64_t next = next_step_ps(); next <= now_ps; next = next_step_ps()) {
    now_ps_ = std::max(now_ps_, next);
    // What leaves now has left for those that start now, whether they are sent later or have been sent
    // before.
    if (bulk_share_.next_event_ps() <= now_ps_) {
      finished_.clear();
      bulk_share_.advance(now_ps_, finished_);
      for (const FairShare::Finished& done : finished_) finish_bulk(done.token, events);
    }
    for (Event event{}; take_step(event);) {
      switch (event.step) {
        case Step::start:
          start(event.index);
          break;
        case Step::hop:
          hop(event.index);
          break;
        case Step::arrive:
        case Step::lost: {
          Flight& flight = flights_[event.index];
          Pair& pair = pair_of(flight.packet);
          pair.in_flight_bytes[class_of(flight.packet)] -= flight.wire_bytes;
          pair.sent_bytes[class_of(flight.packet)] -= flight.wire_bytes;
          report(event.step == Step::arrive ? NetworkEvent::Kind::delivered : NetworkEvent::Kind::lost,
                 flight.packet, flight.packet.destination, flight.ticket, flight.head_ps, events);
          end_flight(event.index);
          break;
        }
        case Step::arrive_bulk:
          arrive_bulk(event.index, event.branch, events);
          break;
      }
    }
  }
  forget_wakes(now_ps);
  now_ps_ = std::max(now_ps_, now_ps);
}

void PacketNetwork::set_group(uint32_t group, std::vector<NodeId> members) {
  groups_[group] = std::move(members);
  std::erase_if(trees_,
                [group](const auto& entry) { return static_cast<uint32_t>(entry.first >> 8) == group; });
}

void PacketNetwork::set_lanes(LinkId id, unsigned lanes) {
  const NoiLink& link = topology_.links()[id];
  dead_[id] = lanes == 0;
  const double rate = link.bytes_per_ps * std::min(lanes, link.lanes) / link.lanes;
  if (lanes > 0) channels_[id].bytes_per_ps = channels_[id].packet_bytes_per_ps = rate;
  bulk_share_.set_capacity(id, rate);
  routing_ = std::make_unique<NoiRouting>(topology_, description_.routing, dead_);
  ++generation_;
  // What is under way may find a faster way than when it was sent.
  for (const Event& event : inner_steps_) watch(event);
  for (Flow& flow : flows_) {
    if (!bulk_share_.active(flow.id)) continue;
    route(flow);
    bulk_share_.reroute(flow.id, flow.channels, now_ps_);
    if (std::none_of(flow.branches.begin(), flow.branches.end(),
                     [](const Branch& b) { return b.reachable; })) {
      lose_bulk(flow);
    }
  }
}

}  // namespace duet::tlm_interconnect
