// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/flit_network.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "duet/core/error.hpp"
#include "duet/tlm_interconnect/noi_traffic.hpp"
#include "noi_reference.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;

namespace {

core::NoiDescription booksim_mesh(unsigned columns, unsigned rows, unsigned vcs, unsigned link_cycles = 1) {
  core::NoiDescription noi;
  noi.level = core::NoiLevel::flit;
  noi.columns = columns;
  noi.rows = rows;
  noi.vcs = vcs;
  noi.local_ports = 1;
  noi.link.phy_latency = link_cycles * 1000;
  noi.link.wire_length = 0;
  return noi;
}

struct Curve {
  const char* name;
  unsigned columns, rows, vcs, packet_flits;
};
const Curve curves[] = {{"4x4_uniform_vc1_pkt1", 4, 4, 1, 1}, {"4x4_uniform_vc1_pkt8", 4, 4, 1, 8},
                        {"4x4_uniform_vc4_pkt1", 4, 4, 4, 1}, {"4x4_uniform_vc4_pkt8", 4, 4, 4, 8},
                        {"6x4_uniform_vc1_pkt1", 6, 4, 1, 1}, {"6x4_uniform_vc1_pkt8", 6, 4, 1, 8},
                        {"6x4_uniform_vc4_pkt1", 6, 4, 4, 1}, {"6x4_uniform_vc4_pkt8", 6, 4, 4, 8}};

LoadPoint point(const Curve& curve, double load, uint64_t seed, uint64_t cycles) {
  const core::NoiDescription noi = booksim_mesh(curve.columns, curve.rows, curve.vcs);
  FlitNetwork network(noi);
  TrafficRun run;
  run.load = load;
  run.packet_flits = curve.packet_flits;
  run.seed = seed;
  run.warmup_cycles = 5000;
  run.measured_cycles = cycles;
  return measure(network, noi, TrafficPattern("uniform", curve.columns, curve.rows), run);
}

}  // namespace

TEST_CASE("zero-load latency of the flit level is the closed form for all pairs") {
  // Pipelines of tests/reference/noi/zeroload.csv that are not speculative, by their stages.
  struct Pipeline {
    const char* name;
    unsigned routing, vc, sw, traversal;
  };
  const Pipeline pipeline = GENERATE(Pipeline{"p4", 1, 1, 1, 1}, Pipeline{"rd0", 0, 1, 1, 1});
  const unsigned link = GENERATE(1u, 10u);
  const unsigned flits = GENERATE(1u, 8u);
  core::NoiDescription noi = booksim_mesh(4, 4, 4, link);
  noi.routing_cycles = pipeline.routing;
  noi.routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::o1turn);
  noi.buffer_flits = 32;  // more than a credit's round trip
  FlitNetwork network(noi);
  std::map<unsigned, unsigned> measured;  // cycles by hops
  uint32_t token = 0;
  for (NodeId from = 0; from < 16; ++from) {
    for (NodeId to = 0; to < 16; ++to) {
      const uint64_t at = uint64_t{token} * 1'000'000;
      network.send({from, to, false, TrafficClass::write, flits * 256, at, at, token++});
      std::vector<NetworkEvent> events;
      network.advance(at + 999'000, events);
      REQUIRE(events.size() == 1);
      const unsigned hops = static_cast<unsigned>(std::abs(int(from % 4) - int(to % 4)) +
                                                  std::abs(int(from / 4) - int(to / 4)));
      const auto cycles = static_cast<unsigned>((events[0].at_ps - at) / 1000);
      const unsigned stages = pipeline.routing + pipeline.vc + pipeline.sw + pipeline.traversal;
      CHECK(cycles == 3 + stages + hops * (stages + link) + flits - 1);
      CHECK(network.zero_load_ps(from, to, flits * 256) == cycles * 1000);
      measured[hops] = cycles;
    }
  }
  for (const auto& row : test::reference_rows("zeroload.csv")) {
    if (row.at("pipeline") != pipeline.name || std::stoul(row.at("link_cycles")) != link ||
        std::stoul(row.at("pkt_flits")) != flits) {
      continue;
    }
    CHECK(measured.at(static_cast<unsigned>(std::stoul(row.at("hops")))) ==
          std::stod(row.at("measured_min_pair_avg_pkt_latency")));
  }
}

TEST_CASE("latency follows BookSim's curves up to half of the last stable load") {
  for (const Curve& curve : curves) {
    const auto reference = test::booksim_curve(curve.name);
    const double half = reference.rbegin()->first / 2;
    double load = 0;
    double latency = 0;
    for (const auto& [l, t] : reference) {
      if (l >= 0.02 && l <= half) std::tie(load, latency) = std::pair(l, t);
    }
    INFO(curve.name << " at " << load);
    const LoadPoint measured = point(curve, load, 1, 40'000);
    CHECK(measured.stable);
    CHECK(measured.packet_latency_cycles == Approx(latency).epsilon(0.02));
    CHECK(measured.accepted_flits_per_node_cycle == Approx(load).epsilon(0.02));
  }
}

TEST_CASE("latency follows BookSim's curves at 80 % of the last stable load") {
  for (const Curve& curve : curves) {
    const auto reference = test::booksim_curve(curve.name);
    const double target = reference.rbegin()->first * 0.8;
    double load = 0;
    double latency = 0;
    for (const auto& [l, t] : reference) {
      if (std::abs(l - target) < std::abs(load - target)) std::tie(load, latency) = std::pair(l, t);
    }
    double mean = 0;
    for (uint64_t seed = 1; seed <= 5; ++seed)
      mean += point(curve, load, seed, 15'000).packet_latency_cycles / 5;
    INFO(curve.name << " at " << load);
    CHECK(mean == Approx(latency).epsilon(0.08));
  }
}

TEST_CASE("the knee lies where BookSim's does") {
  for (const Curve& curve : curves) {
    const auto reference = test::booksim_curve(curve.name);
    const double three_times = 3 * reference.begin()->second;
    const double knee = test::load_at(reference, three_times);
    INFO(curve.name << ", knee at " << knee);
    // Below the knee the latency is below three times that at zero load, above it is above.
    CHECK(point(curve, knee * 0.95, 1, 20'000).packet_latency_cycles < three_times);
    const LoadPoint above = point(curve, knee * 1.05, 1, 20'000);
    CHECK((!above.stable || above.packet_latency_cycles > three_times));
  }
}

TEST_CASE("link loads under uniform traffic are the exact ones") {
  for (const Curve& curve : {curves[2], curves[6]}) {
    // The traffic itself is a sample; so many packets make its error small beside the 2 %.
    const LoadPoint measured = point(curve, 0.4, 3, 200'000);
    const std::string_view mesh = std::string_view(curve.name).substr(0, 3);
    const NoiTopology topology(booksim_mesh(curve.columns, curve.rows, curve.vcs));
    unsigned links = 0;
    for (const auto& row : test::reference_rows("channel_load_uniform.csv")) {
      if (row.at("mesh") != mesh || row.at("channel").find("->") == std::string::npos) continue;
      const auto arrow = row.at("channel").find("->");
      const LinkId link = topology.find(static_cast<NodeId>(std::stoul(row.at("channel"))),
                                        static_cast<NodeId>(std::stoul(row.at("channel").substr(arrow + 2))));
      if (link == no_link) continue;
      ++links;
      INFO(mesh << " " << row.at("channel"));
      CHECK(measured.link_utilisation.at(link) ==
            Approx(0.4 * std::stod(row.at("flits_per_cycle_per_unit_offered_load")))
                .epsilon(0.02)
                .margin(0.004));
    }
    CHECK(links == topology.links().size());
  }
}

TEST_CASE("a slow link takes its time and holds up nobody else") {
  core::NoiDescription noi = booksim_mesh(4, 1, 4);
  noi.links.push_back({.from = 1, .to = 2, .bandwidth = 102.4e9});  // 2.5 cycles a flit
  FlitNetwork network(noi);
  for (uint32_t i = 0; i < 100; ++i) network.send({0, 2, false, TrafficClass::write, 4096, 0, 0, i});
  std::vector<NetworkEvent> events;
  network.advance(10'000'000, events);
  REQUIRE(events.size() == 100);
  CHECK(double(events.back().at_ps) == Approx(1600 * 2500.0).epsilon(0.02));
  CHECK(network.flits_inside() == 0);
}

TEST_CASE("a link faster than a flit a cycle is a user's mistake") {
  core::NoiDescription noi = booksim_mesh(2, 2, 1);
  noi.link.bandwidth = 512e9;
  CHECK_THROWS_AS(FlitNetwork(noi), core::UserError);
}

TEST_CASE("a multicast at flit level crosses each link once and reaches every member in order") {
  core::NoiDescription noi = booksim_mesh(4, 4, 2);
  FlitNetwork network(noi);
  network.set_group(3, {1, 6, 7, 13});
  const unsigned packets = 16;
  network.send({0, 3, true, TrafficClass::write, packets * 4096, 0, 0, 1});
  network.send({0, 7, false, TrafficClass::write, 4, 0, 0, 2});
  std::vector<NetworkEvent> events;
  network.advance(100'000'000, events);
  std::vector<NodeId> reached;
  bool counter = false;
  unsigned left = 0;
  for (const NetworkEvent& event : events) {
    if (event.kind == NetworkEvent::Kind::left_source) ++left;
    if (event.kind != NetworkEvent::Kind::delivered) continue;
    if (event.token == 1) {
      reached.push_back(event.node);
      if (event.node == 7) CHECK_FALSE(counter);
    } else {
      counter = true;
    }
  }
  CHECK(left == 1);
  CHECK(counter);
  CHECK_THAT(reached, Catch::UnorderedEquals(std::vector<NodeId>{1, 6, 7, 13}));
  for (LinkId link = 0; link < network.topology().links().size(); ++link) {
    const NoiLink& l = network.topology().links()[link];
    INFO(l.from << "->" << l.to);
    CHECK(network.link_flits(link) <= packets * 16 + 1);
  }
  CHECK(network.link_flits(network.topology().find(0, 1)) == packets * 16 + 1);
}
