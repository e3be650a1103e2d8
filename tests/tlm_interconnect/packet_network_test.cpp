// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/packet_network.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace duet;
using namespace duet::tlm_interconnect;

namespace {

/// Runs a network until nothing is left to do; arrival time by token.
std::map<uint32_t, uint64_t> drain(NetworkModel& network, std::vector<NetworkEvent>* log = nullptr) {
  std::map<uint32_t, uint64_t> arrivals;
  std::vector<NetworkEvent> events;
  while (network.next_event_ps() != never_ps) {
    const uint64_t now = network.next_event_ps();
    events.clear();
    network.advance(now, events);
    for (const NetworkEvent& event : events) {
      if (event.kind == NetworkEvent::Kind::delivered) arrivals[event.token] = now;
    }
    if (log != nullptr) log->insert(log->end(), events.begin(), events.end());
  }
  return arrivals;
}

NetworkPacket packet(NodeId from, NodeId to, uint64_t bytes, uint64_t at_ps, uint32_t token) {
  return {from, to, false, TrafficClass::write, bytes, at_ps, at_ps, token};
}

}  // namespace

TEST_CASE("zero-load latency of the packet level is the closed form for all pairs") {
  core::NoiDescription noi;
  noi.columns = 5;
  noi.rows = 4;
  noi.link.wire_length = 0;
  noi.routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::o1turn);
  const unsigned flits = GENERATE(1u, 8u);
  PacketNetwork network(noi);
  uint64_t at = 0;
  uint32_t token = 0;
  std::vector<uint64_t> sent;
  for (NodeId from = 0; from < 20; ++from) {
    for (NodeId to = 0; to < 20; ++to) {
      network.send(packet(from, to, flits * 256, at, token++));
      sent.push_back(at);
      at += 1'000'000;
    }
  }
  const auto arrivals = drain(network);
  for (NodeId from = 0; from < 20; ++from) {
    for (NodeId to = 0; to < 20; ++to) {
      const uint64_t hops = static_cast<uint64_t>(std::abs(int(from % 5) - int(to % 5)) +
                                                  std::abs(int(from / 5) - int(to / 5)));
      // Cycles of 1 ns: 3 + R + h * (R + link) + (L - 1), R = 4, link = 2.
      const uint64_t expected = (3 + 4 + hops * 6 + flits - 1) * 1000;
      CHECK(arrivals.at(from * 20 + to) - sent[from * 20 + to] == expected);
      CHECK(network.zero_load_ps(from, to, flits * 256) == expected);
    }
  }
}

TEST_CASE("a bulk stream takes as long in small pieces as in large ones") {
  core::NoiDescription noi;
  const uint64_t total = 16 << 20;
  auto finish = [&](uint64_t piece) {
    PacketNetwork network(noi);
    uint32_t token = 0;
    for (uint64_t sent = 0; sent < total; sent += piece) network.send(packet(0, 15, piece, 0, token++));
    const uint32_t streams = token;
    // A competitor over the middle of the way, of fixed size.
    for (uint64_t sent = 0; sent < total / 2; sent += 65536) network.send(packet(1, 3, 65536, 0, token++));
    const auto arrivals = drain(network);
    return std::pair(double(arrivals.at(streams - 1)), double(arrivals.at(token - 1)));
  };
  const auto [coarse, other_coarse] = finish(1 << 20);
  CHECK(coarse == Approx((total + total / 2) / 0.256).epsilon(0.01));
  for (const uint64_t piece : {256u << 10, 64u << 10, 16u << 10, 4u << 10}) {
    INFO(piece);
    const auto [fine, other_fine] = finish(piece);
    CHECK(fine == Approx(coarse).epsilon(0.01));
    CHECK(other_fine == Approx(other_coarse).epsilon(0.01));
  }
}

TEST_CASE("a flow held back elsewhere leaves its share to the others") {
  core::NoiDescription noi;
  noi.columns = 4;
  noi.rows = 1;
  noi.links.push_back({.from = 2, .to = 3, .bandwidth = 64e9});
  PacketNetwork network(noi);
  network.send(packet(0, 3, 1 << 20, 0, 0));  // 64 GB/s behind the slow link
  network.send(packet(0, 2, 3 << 20, 0, 1));  // the other 192 GB/s of 0 -> 1 -> 2
  const auto arrivals = drain(network);
  CHECK(double(arrivals.at(0)) == Approx((1 << 20) / 0.064).epsilon(0.01));
  CHECK(double(arrivals.at(1)) == Approx((3 << 20) / 0.192).epsilon(0.01));
}

TEST_CASE("writes of one pair of nodes arrive in order, whatever their sizes") {
  core::NoiDescription noi;
  // A multicast may go another way than a packet to one of its members.
  noi.routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::o1turn);
  PacketNetwork network(noi);
  network.set_group(0, {5, 6, 10});
  std::mt19937 engine(4);
  auto random = [&engine] { return static_cast<unsigned>(engine()); };
  std::map<std::pair<NodeId, NodeId>, std::vector<uint32_t>> sent;
  std::map<uint32_t, NetworkPacket> packets;
  for (uint32_t token = 0; token < 20000; ++token) {
    const NodeId from = random() % 4;
    const uint64_t bytes = random() % 10 == 0 ? random() % 200000 : random() % 3000;
    NetworkPacket p = packet(from, 4 + random() % 12, bytes, uint64_t{token} * 3000, token);
    if (random() % 20 == 0) {
      p.multicast = true;
      p.destination = 0;
      for (const NodeId member : {5u, 6u, 10u}) sent[{from, member}].push_back(token);
    } else {
      sent[{from, p.destination}].push_back(token);
    }
    packets[token] = p;
    network.send(p);
  }
  std::vector<NetworkEvent> log;
  drain(network, &log);
  std::map<std::pair<NodeId, NodeId>, std::vector<uint32_t>> received;
  for (const NetworkEvent& event : log) {
    if (event.kind == NetworkEvent::Kind::delivered) {
      received[{packets.at(event.token).source, event.node}].push_back(event.token);
    }
  }
  CHECK(received == sent);
}

TEST_CASE("bytes on the links are those that were sent") {
  core::NoiDescription noi;
  PacketNetwork network(noi);
  network.send(packet(0, 3, 1 << 20, 0, 0));
  network.send(packet(0, 3, 256, 0, 1));
  network.send(packet(1, 2, 4096, 100, 2));
  drain(network);
  CHECK(network.link_bytes(network.topology().find(0, 1)) == (1 << 20) + 256);
  CHECK(network.link_bytes(network.topology().find(1, 2)) == (1 << 20) + 256 + 4096);
  CHECK(network.link_bytes(network.topology().find(2, 1)) == 0);
  CHECK(network.link_busy_ps(network.topology().find(0, 1)) == Approx(((1 << 20) + 256) / 0.256));
}
