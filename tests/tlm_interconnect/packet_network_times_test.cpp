// SPDX-License-Identifier: Apache-2.0
// The packet level works off what happens inside when something can be seen outside: that must be in time,
// and how often somebody looks must not matter.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <tuple>
#include <variant>

#include "duet/tlm_interconnect/packet_network.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;

namespace {

struct Fault {
  LinkId link;
  unsigned lanes;
};

/// What is done to a network, in the order of its times.
struct Action {
  uint64_t at_ps;
  std::variant<NetworkPacket, Fault> what;
};

using Seen = std::tuple<uint64_t, uint32_t, NodeId, NetworkEvent::Kind, uint64_t>;

/// A mesh with links of different rates and lengths, and random traffic of all kinds over it.
struct Scene {
  core::NoiDescription noi;
  std::vector<Action> actions;
  std::mt19937 engine;

  uint32_t random(uint32_t below) { return static_cast<uint32_t>(engine() % below); }

  explicit Scene(unsigned seed) : engine(seed) {
    noi.columns = 3 + random(3);
    noi.rows = 2 + random(3);
    noi.local_ports = 1 + random(2);
    const core::NoiRouting routings[] = {core::NoiRouting::xy, core::NoiRouting::o1turn,
                                         core::NoiRouting::table};
    noi.routing = routings[random(3)];
    if (random(3) == 0) noi.bit_error_rate = 1e-6;
    const NoiTopology topology(noi);
    for (const NoiLink& link : topology.links()) {
      if (random(4) != 0) continue;
      noi.links.push_back({.from = link.from,
                           .to = link.to,
                           .bandwidth = 32e9 * (1 + random(7)),
                           .phy_latency = 1000 + random(9000)});
    }
    const uint32_t spacing = 1 + random(20'000);
    const bool faults = random(2) == 0;
    uint64_t now = 0;
    for (uint32_t token = 0; token < 1500; ++token) {
      now += random(2 * spacing);
      if (faults && random(100) == 0) {
        const auto links = static_cast<uint32_t>(topology.links().size());
        actions.push_back({now, Fault{random(links), random(3) == 0 ? 0 : 1 + random(16)}});
      }
      actions.push_back({now, packet(now, token)});
    }
  }

  NetworkPacket packet(uint64_t now, uint32_t token) {
    NetworkPacket packet;
    packet.token = token;
    packet.source = random(4);  // few sources, so that there are streams
    packet.destination = noi.columns * noi.rows - 1 - random(5);
    packet.traffic = static_cast<TrafficClass>(random(4));
    packet.bytes = random(12) == 0 ? random(150'000) : random(4000);
    if (random(25) == 0) {
      packet.multicast = true;
      packet.destination = random(2);
      packet.traffic = TrafficClass::write;
    }
    packet.first_ps = packet.last_ps = now + (random(10) == 0 ? random(100'000) : 0);
    if (random(5) == 0) packet.last_ps += random(50'000);
    return packet;
  }

  [[nodiscard]] PacketNetwork network() const {
    PacketNetwork network(noi);
    network.set_group(0, {1, 2, 4, 5});
    network.set_group(1, {0, 3, 5});
    return network;
  }
};

void act(PacketNetwork& network, const Action& action) {
  if (const auto* packet = std::get_if<NetworkPacket>(&action.what)) {
    network.send(*packet);
  } else {
    const auto& fault = std::get<Fault>(action.what);
    network.set_lanes(fault.link, fault.lanes);
  }
}

void note(const std::vector<NetworkEvent>& events, std::vector<Seen>& seen) {
  for (const NetworkEvent& event : events)
    seen.emplace_back(event.at_ps, event.token, event.node, event.kind, event.first_ps);
}

/// Looks only when the network says that there may be something to see.
std::vector<Seen> driven_by_its_events(const Scene& scene, PacketNetwork& network) {
  std::vector<Seen> seen;
  std::vector<NetworkEvent> events;
  const auto advance = [&](uint64_t now) {
    events.clear();
    network.advance(now, events);
    for (const NetworkEvent& event : events) REQUIRE(event.at_ps == now);
    note(events, seen);
  };
  for (const Action& action : scene.actions) {
    while (network.next_event_ps() < action.at_ps) advance(network.next_event_ps());
    if (std::holds_alternative<Fault>(action.what)) advance(action.at_ps);
    act(network, action);
  }
  while (network.next_event_ps() != never_ps) advance(network.next_event_ps());
  return seen;
}

/// Looks all the time.
std::vector<Seen> driven_densely(const Scene& scene, PacketNetwork& network) {
  constexpr uint64_t step_ps = 700;
  std::vector<Seen> seen;
  std::vector<NetworkEvent> events;
  uint64_t now = 0;
  for (const Action& action : scene.actions) {
    for (; now < action.at_ps; now += step_ps) network.advance(now, events);
    network.advance(action.at_ps, events);
    act(network, action);
  }
  for (; network.next_event_ps() != never_ps; now += step_ps) network.advance(now, events);
  note(events, seen);
  return seen;
}

}  // namespace

TEST_CASE("what the packet level shows does not depend on how often one looks, and comes in time") {
  const auto seed = GENERATE(range(0u, 60u));
  const Scene scene(seed);
  PacketNetwork rarely = scene.network();
  PacketNetwork often = scene.network();
  std::vector<Seen> expected = driven_densely(scene, often);
  std::vector<Seen> seen = driven_by_its_events(scene, rarely);
  std::sort(expected.begin(), expected.end());
  std::sort(seen.begin(), seen.end());
  REQUIRE(seen.size() >= 1500);
  CHECK(seen == expected);
  CHECK(rarely.replays() == often.replays());
  for (LinkId link = 0; link < rarely.topology().links().size(); ++link) {
    CHECK(rarely.link_bytes(link) == often.link_bytes(link));
    CHECK(rarely.link_busy_ps(link) == Approx(often.link_busy_ps(link)));
  }
}
