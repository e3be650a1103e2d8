// SPDX-License-Identifier: Apache-2.0
// What half of the traffic along y first is for: the busiest link of all-to-all multicasts and of reads.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <numeric>

#include "duet/tlm_interconnect/flit_network.hpp"
#include "duet/tlm_interconnect/packet_network.hpp"
#include "noi_mesh.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;
using duet::test::mesh;

namespace {

constexpr uint64_t piece = 4096;

uint64_t drain(NetworkModel& network) {
  std::vector<NetworkEvent> events;
  while (network.next_event_ps() != never_ps) network.advance(network.next_event_ps(), events);
  return static_cast<uint64_t>(
      std::ranges::count(events, NetworkEvent::Kind::delivered, &NetworkEvent::kind));
}

/// Pieces over the busiest link.
uint64_t busiest(const NetworkModel& network) {
  uint64_t bytes = 0;
  for (LinkId link = 0; link < network.topology().links().size(); ++link)
    bytes = std::max(bytes, network.link_bytes(link));
  CHECK(bytes % piece == 0);
  return bytes / piece;
}

/// Every node of a list multicasts a piece to all of them.
template <class Network>
uint64_t all_gather(const core::NoiDescription& noi, const std::vector<NodeId>& nodes) {
  Network network(noi);
  network.set_group(0, nodes);
  for (const NodeId node : nodes) network.send({node, 0, true, TrafficClass::write, piece, 0, 0, node});
  CHECK(drain(network) == nodes.size() * nodes.size());
  return busiest(network);
}

/// The chiplets of DUET's prefill package, 6 x 5 nodes with memory west, east and south of them.
struct Prefill {
  static bool is_chiplet(NodeId node) { return node % 6 >= 1 && node % 6 <= 4 && node / 6 <= 3; }
  static bool is_memory(NodeId node) { return !is_chiplet(node) && node != 24 && node != 29; }
  static std::vector<NodeId> chiplets() {
    std::vector<NodeId> nodes;
    for (NodeId node = 0; node < 30; ++node) {
      if (is_chiplet(node)) nodes.push_back(node);
    }
    return nodes;
  }
  /// Every memory sends a piece to each of the nodes.
  static uint64_t reads(core::NoiRouting routing, const std::vector<NodeId>& readers) {
    PacketNetwork network(mesh(6, 5, routing));
    uint32_t token = 0;
    for (const NodeId to : readers) {
      for (NodeId from = 0; from < 30; ++from) {
        if (is_memory(from)) network.send({from, to, false, TrafficClass::read_data, piece, 0, 0, token++});
      }
    }
    CHECK(drain(network) == 12 * readers.size());
    return busiest(network);
  }
};

}  // namespace

// The numbers of the table in docs/models/noi.md.
TEST_CASE("an all-gather of DUET's prefill chiplets loads its busiest link two thirds as much") {
  const auto chiplets = Prefill::chiplets();
  const auto [routing, expected] = GENERATE(table<core::NoiRouting, uint64_t>(
      {{core::NoiRouting::xy, 12}, {core::NoiRouting::yx, 12}, {core::NoiRouting::o1turn, 8}}));
  CHECK(all_gather<PacketNetwork>(mesh(6, 5, routing), chiplets) == expected);
  CHECK(all_gather<FlitNetwork>(mesh(6, 5, routing), chiplets) == expected);
}

TEST_CASE("reads of a chiplet from all memories come over several links under o1turn") {
  const auto [routing, by_all, worst, sum] = GENERATE(
      table<core::NoiRouting, uint64_t, uint64_t, uint64_t>({{core::NoiRouting::xy, 18, 10, 120},
                                                             {core::NoiRouting::yx, 16, 7, 104},
                                                             {core::NoiRouting::o1turn, 16, 5, 74}}));
  std::vector<uint64_t> alone;
  for (const NodeId chiplet : Prefill::chiplets()) alone.push_back(Prefill::reads(routing, {chiplet}));
  CHECK(*std::ranges::max_element(alone) == worst);
  CHECK(std::accumulate(alone.begin(), alone.end(), uint64_t{0}) == sum);
  CHECK(Prefill::reads(routing, Prefill::chiplets()) == by_all);
}

TEST_CASE("on an idle network the time of a packet is that of its own order's links") {
  core::NoiDescription noi = mesh(4, 3, core::NoiRouting::o1turn);
  noi.level = GENERATE(core::NoiLevel::packet, core::NoiLevel::flit);
  for (NodeId node = 0; node < 12; ++node) {
    // Every link a different length; every other node's slow, where that is in the closed form.
    for (const NodeId next : {node + 1, node + 4}) {
      if (next >= 12 || (next == node + 1 && next % 4 == 0)) continue;
      const bool slow = noi.level == core::NoiLevel::packet && node % 2 == 0;
      noi.links.push_back({.from = node,
                           .to = next,
                           .bandwidth = slow ? 64e9 : 256e9,
                           .phy_latency = 1000 * (1 + node + 12 * (next - node))});
    }
  }
  const auto network = [&noi]() -> std::unique_ptr<NetworkModel> {
    if (noi.level == core::NoiLevel::flit) return std::make_unique<FlitNetwork>(noi);
    return std::make_unique<PacketNetwork>(noi);
  };
  const NoiTopology topology(noi);
  for (NodeId from = 0; from < 12; ++from) {
    for (NodeId to = 0; to < 12; ++to) {
      const auto model = network();
      model->send({from, to, false, TrafficClass::write, 1024, 0, 0, 0});
      std::vector<NetworkEvent> events;
      while (model->next_event_ps() != never_ps) model->advance(model->next_event_ps(), events);
      REQUIRE(events.size() == 1);
      INFO(from << "->" << to);
      CHECK(events[0].at_ps == model->zero_load_ps(from, to, 1024));
      // Walk the way by hand and look that it is the one that was taken.
      const bool y_first = (from % 4 + to % 4) % 2 == 1;
      for (NodeId at = from; at != to;) {
        const bool along_y = y_first ? at / 4 != to / 4 : at % 4 == to % 4;
        const NodeId next = along_y ? (at < to ? at + 4 : at - 4) : (at % 4 < to % 4 ? at + 1 : at - 1);
        CHECK(model->link_bytes(topology.find(at, next)) == 1024);
        at = next;
      }
    }
  }
}
