// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/noi_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>
#include <sstream>

#include "duet/core/clock.hpp"
#include "duet/core/error.hpp"

namespace duet::tlm_interconnect {
namespace {

template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

/// Counts what comes out of a network between two times.
struct Meter {
  uint64_t from_ps = 0;
  uint64_t to_ps = never_ps;
  std::vector<uint64_t> created_ps;
  std::vector<uint32_t> flits;
  uint64_t open = 0;  ///< measured packets that are under way
  double latency_ps = 0;
  uint64_t packets = 0;
  uint64_t accepted_flits = 0;

  uint32_t add(uint64_t at_ps, uint32_t packet_flits) {
    created_ps.push_back(at_ps);
    flits.push_back(packet_flits);
    if (measured(at_ps)) ++open;
    return static_cast<uint32_t>(created_ps.size() - 1);
  }
  [[nodiscard]] bool measured(uint64_t at_ps) const { return at_ps >= from_ps && at_ps < to_ps; }
  void take(const std::vector<NetworkEvent>& events) {
    for (const NetworkEvent& event : events) {
      if (event.kind != NetworkEvent::Kind::delivered) continue;
      const uint64_t created = created_ps[event.token];
      if (measured(event.at_ps)) accepted_flits += flits[event.token];
      if (!measured(created)) continue;
      --open;
      ++packets;
      latency_ps += static_cast<double>(event.at_ps - created);
    }
  }
};

std::vector<double> busy(const NetworkModel& network) {
  std::vector<double> result;
  for (LinkId link = 0; link < network.topology().links().size(); ++link) {
    result.push_back(network.link_busy_ps(link));
  }
  return result;
}

uint64_t flit_hops(const NetworkModel& network, unsigned flit_bytes) {
  uint64_t bytes = 0;
  for (LinkId link = 0; link < network.topology().links().size(); ++link) bytes += network.link_bytes(link);
  return bytes / flit_bytes;
}

}  // namespace

TrafficPattern::TrafficPattern(std::string_view text, unsigned columns, unsigned rows)
    : columns_(columns), rows_(rows) {
  if (text == "uniform") return;
  if (text == "transpose") {
    kind_ = Kind::transpose;
    return;
  }
  if (text == "neighbour") {
    kind_ = Kind::neighbour;
    return;
  }
  if (text.starts_with("hotspot:")) {
    kind_ = Kind::hotspot;
    const std::string_view rest = text.substr(8);
    const size_t colon = rest.find(':');
    if (colon != std::string_view::npos && parse(rest.substr(0, colon), hotspot_) &&
        parse(rest.substr(colon + 1), weight_) && hotspot_ < columns * rows && weight_ >= 0) {
      return;
    }
  }
  throw core::UserError(
      fmt::format("traffic: found '{}', allowed uniform, transpose, neighbour, hotspot:NODE:WEIGHT with a "
                  "node from 0 to {}",
                  text, columns * rows - 1));
}

NodeId TrafficPattern::destination(NodeId source, double random) const {
  const NodeId nodes = columns_ * rows_;
  const unsigned x = source % columns_;
  const unsigned y = source / columns_;
  switch (kind_) {
    case Kind::uniform:
      return std::min(static_cast<NodeId>(random * nodes), nodes - 1);
    case Kind::transpose:
      return x * rows_ + y;
    case Kind::neighbour:
      return (y + 1) % rows_ * columns_ + (x + 1) % columns_;
    case Kind::hotspot:
      break;
  }
  const double ticket = random * (nodes - 1 + weight_);
  if (ticket >= nodes - 1) return hotspot_;
  const auto other = static_cast<NodeId>(ticket);
  return other < hotspot_ ? other : other + 1;
}

std::vector<TracePacket> read_trace(std::istream& in, NodeId nodes, std::string_view name) {
  std::vector<TracePacket> trace;
  std::string line;
  for (unsigned number = 1; std::getline(in, line); ++number) {
    if (const size_t comment = line.find('#'); comment != std::string::npos) line.resize(comment);
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::istringstream fields(line);
    TracePacket packet;
    char comma[3] = {};
    fields >> packet.cycle >> comma[0] >> packet.source >> comma[1] >> packet.destination >> comma[2] >>
        packet.bytes;
    const bool good = !fields.fail() && comma[0] == ',' && comma[1] == ',' && comma[2] == ',';
    if (!good || packet.source >= nodes || packet.destination >= nodes) {
      throw core::UserError(
          fmt::format("{}:{}:1: found '{}', allowed cycle,source,destination,bytes with nodes "
                      "from 0 to {}",
                      name, number, line, nodes - 1));
    }
    trace.push_back(packet);
  }
  std::stable_sort(trace.begin(), trace.end(),
                   [](const TracePacket& a, const TracePacket& b) { return a.cycle < b.cycle; });
  return trace;
}

LoadPoint measure(NetworkModel& network, const core::NoiDescription& description,
                  const TrafficPattern& pattern, const TrafficRun& run) {
  const core::Clock clock(description.router_clock);
  const NodeId nodes = network.topology().nodes();
  std::mt19937_64 engine(run.seed);
  auto random = [&engine] { return static_cast<double>(engine() >> 11) * 0x1p-53; };
  // Bernoulli trials node after node, cycle after cycle: the number of those without a packet in between is
  // geometric (Devroye, Non-Uniform Random Variate Generation, section X.2).
  const double log_of_none = std::log1p(-std::min(run.load / run.packet_flits, 1.0));
  const auto skipped = [&] {
    return static_cast<uint64_t>(std::min(std::log1p(-random()) / log_of_none, 1e15));
  };
  uint64_t trial = skipped();
  Meter meter;
  meter.from_ps = clock.edge_ps(run.warmup_cycles);
  meter.to_ps = clock.edge_ps(run.warmup_cycles + run.measured_cycles);
  std::vector<NetworkEvent> events;
  std::vector<double> busy_before;
  std::vector<double> busy_after;
  LoadPoint point;
  for (uint64_t cycle = 0;; ++cycle) {
    const uint64_t now_ps = clock.edge_ps(cycle);
    if (cycle == run.warmup_cycles) busy_before = busy(network);
    if (cycle == run.warmup_cycles + run.measured_cycles) busy_after = busy(network);
    if (cycle >= run.warmup_cycles + run.measured_cycles) {
      if (meter.open == 0) break;
      if (cycle > run.warmup_cycles + run.measured_cycles + run.drain_cycles) {
        point.stable = false;
        break;
      }
    }
    for (; trial < nodes; trial += 1 + skipped()) {
      const auto source = static_cast<NodeId>(trial);
      NetworkPacket packet;
      packet.source = source;
      packet.destination = pattern.destination(source, random());
      packet.traffic = TrafficClass::write_response;  // no promise of order, as in other simulators
      packet.bytes = uint64_t{run.packet_flits} * description.flit_bytes - description.header_bytes;
      packet.first_ps = packet.last_ps = now_ps;
      packet.token = meter.add(now_ps, run.packet_flits);
      network.send(packet);
    }
    trial -= nodes;
    if (network.next_event_ps() > now_ps) continue;
    events.clear();
    network.advance(now_ps, events);
    meter.take(events);
  }
  point.load = run.load;
  point.packets = meter.packets;
  point.packet_latency_cycles =
      meter.packets == 0 ? 0 : meter.latency_ps / static_cast<double>(meter.packets) / clock.period_ps();
  point.stable = point.stable && point.packet_latency_cycles < run.unstable_latency_cycles;
  point.accepted_flits_per_node_cycle = static_cast<double>(meter.accepted_flits) /
                                        static_cast<double>(run.measured_cycles) / static_cast<double>(nodes);
  point.flit_hops = flit_hops(network, description.flit_bytes);
  const double measured_ps = static_cast<double>(meter.to_ps - meter.from_ps);
  for (size_t i = 0; i < busy_after.size(); ++i) {
    point.link_utilisation.push_back((busy_after[i] - busy_before[i]) / measured_ps);
  }
  return point;
}

LoadPoint measure(NetworkModel& network, const core::NoiDescription& description,
                  const std::vector<TracePacket>& trace) {
  const core::Clock clock(description.router_clock);
  Meter meter;
  std::vector<NetworkEvent> events;
  LoadPoint point;
  uint64_t flits = 0;
  for (const TracePacket& line : trace) {
    NetworkPacket packet;
    packet.source = line.source;
    packet.destination = line.destination;
    packet.bytes = line.bytes;
    packet.first_ps = packet.last_ps = clock.edge_ps(line.cycle);
    const auto packet_flits = static_cast<uint32_t>(
        std::max<uint64_t>((line.bytes + description.flit_bytes - 1) / description.flit_bytes, 1));
    flits += packet_flits;
    packet.token = meter.add(packet.first_ps, packet_flits);
    network.send(packet);
  }
  uint64_t end_ps = 0;
  while (network.next_event_ps() != never_ps) {
    events.clear();
    network.advance(network.next_event_ps(), events);
    if (!events.empty()) end_ps = events.back().at_ps;
    meter.take(events);
  }
  const double cycles = std::max(static_cast<double>(end_ps) / clock.period_ps(), 1.0);
  const double node_cycles = cycles * network.topology().nodes();
  point.load = static_cast<double>(flits) / node_cycles;
  point.packets = meter.packets;
  point.packet_latency_cycles =
      meter.packets == 0 ? 0 : meter.latency_ps / static_cast<double>(meter.packets) / clock.period_ps();
  point.accepted_flits_per_node_cycle = static_cast<double>(meter.accepted_flits) / node_cycles;
  point.flit_hops = flit_hops(network, description.flit_bytes);
  for (const double busy_ps : busy(network)) {
    point.link_utilisation.push_back(end_ps == 0 ? 0.0 : busy_ps / static_cast<double>(end_ps));
  }
  return point;
}

}  // namespace duet::tlm_interconnect
