// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "duet/core/simulation_context.hpp"
#include "duet/tlm_interconnect/flit_network.hpp"
#include "duet/tlm_interconnect/inter_package_link.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"
#include "duet/tlm_interconnect/packet_network.hpp"
#include "test_modules.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;
using test::Initiator;
using test::Memory;

namespace {

constexpr uint64_t ns = 1000;
constexpr uint64_t window = 0x1'0000'0000;

/// 2 x 2 mesh, initiator at node 0, memory at node 3.
struct Square {
  explicit Square(const core::NoiDescription& description) : network("noi", description, {0, 3}) {
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    initiator.socket.bind(network.from_node(0));
    network.to_node(3).bind(memory.socket);
    network.map(window, 8 << 20, 3);
  }
  static core::NoiDescription description(core::NoiLevel level = core::NoiLevel::packet) {
    core::NoiDescription noi;
    noi.columns = noi.rows = 2;
    noi.level = level;
    noi.check = true;
    return noi;
  }
  NetworkOnInterposer network;
  Initiator initiator{"initiator"};
  Memory memory{"memory", 8 << 20, 100 * ns, 100.0, true};
};

/// Random packets through faults: everything arrives once or is reported lost, writes in order.
void torture(NetworkModel& network, uint64_t packets, uint64_t spacing_ps, bool bulk, bool dead_ends) {
  const NodeId nodes = network.topology().nodes();
  std::mt19937 engine(11);
  auto random = [&engine] { return static_cast<uint32_t>(engine()); };
  std::vector<uint32_t> last(size_t{nodes} * nodes, 0);
  std::vector<uint8_t> seen(packets, 0);
  std::vector<uint32_t> pair_of(packets);
  uint64_t delivered = 0;
  uint64_t lost = 0;
  std::vector<NetworkEvent> events;
  auto take = [&] {
    for (const NetworkEvent& event : events) {
      REQUIRE(++seen[event.token] == 1);
      event.kind == NetworkEvent::Kind::delivered ? ++delivered : ++lost;
      uint32_t& before = last[pair_of[event.token]];
      REQUIRE(event.token + 1 > before);
      before = event.token + 1;
    }
    events.clear();
  };
  uint64_t now = 0;
  for (uint32_t token = 0; token < packets; ++token) {
    now += random() % (2 * spacing_ps);
    if (token % 1000 == 999) {
      const LinkId link = random() % static_cast<uint32_t>(network.topology().links().size());
      const unsigned lanes = random() % 3 == 0 ? 0 : 1 + random() % 16;
      network.set_lanes(link, lanes == 0 && !dead_ends && token % 5000 != 4999 ? 4 : lanes);
      if (token % 2000 == 1999) {
        for (LinkId id = 0; id < network.topology().links().size(); ++id) network.set_lanes(id, 16);
      }
    }
    const NodeId from = random() % nodes;
    const NodeId to = random() % nodes;
    pair_of[token] = from * nodes + to;
    const uint64_t bytes = bulk && random() % 50 == 0 ? random() % 100'000 : random() % 2000;
    network.send({from, to, false, TrafficClass::write, bytes, now, now, token});
    network.advance(now, events);
    take();
  }
  for (LinkId id = 0; id < network.topology().links().size(); ++id) network.set_lanes(id, 16);
  while (network.next_event_ps() != never_ps) {
    network.advance(network.next_event_ps(), events);
    take();
  }
  CHECK(delivered + lost == packets);
  CHECK(delivered > packets * 9 / 10);
}

core::NoiDescription faulty_mesh() {
  core::NoiDescription noi;
  noi.bit_error_rate = 1e-6;
  noi.local_ports = 1;
  return noi;
}

}  // namespace

TEST_CASE("a link that loses lanes halves its rate from then on") {
  const core::SimulationContext context;
  core::NoiDescription noi = Square::description();
  noi.faults = {{.at = 1000 * ns, .from = 0, .to = 1, .lanes_left = 8, .both_ways = false}};
  Square square(noi);
  square.initiator.write(0, window, 512'000);
  sc_core::sc_start();
  // 256 kB at 256 GB/s, the rest at 128 GB/s.
  CHECK(double(square.memory.accesses.at(0).at_ps) == Approx(1000e3 + 2000e3).epsilon(0.01));
  CHECK(square.network.protocol_violations().empty());
}

TEST_CASE("traffic goes around a dead link, bulk under way included") {
  const core::SimulationContext context;
  const auto level = GENERATE(core::NoiLevel::packet, core::NoiLevel::flit);
  core::NoiDescription noi = Square::description(level);
  noi.faults = {{.at = 500 * ns, .from = 0, .to = 1, .lanes_left = 0, .both_ways = true}};
  Square square(noi);
  const size_t bulk = square.initiator.write(0, window, 256'000);
  const size_t later = square.initiator.read(2000 * ns, window, 64);
  sc_core::sc_start();
  CHECK(square.initiator.results[bulk].status == tlm::TLM_OK_RESPONSE);
  CHECK(square.initiator.results[later].status == tlm::TLM_OK_RESPONSE);
  CHECK(square.network.network().link_bytes(square.network.network().topology().find(0, 2)) > 100'000);
  CHECK(square.network.protocol_violations().empty());
}

static void cut_off_node_0(core::NoiDescription& noi) {
  noi.faults = {{.at = 500 * ns, .from = 0, .to = 1, .lanes_left = 0, .both_ways = true},
                {.at = 500 * ns, .from = 0, .to = 2, .lanes_left = 0, .both_ways = true}};
}

TEST_CASE("no way left is an error response, not a hang") {
  const core::SimulationContext context;
  const auto level = GENERATE(core::NoiLevel::packet, core::NoiLevel::flit);
  core::NoiDescription noi = Square::description(level);
  cut_off_node_0(noi);
  Square square(noi);
  const size_t before = square.initiator.write(0, window, 64);
  const size_t bulk = square.initiator.write(0, window, 1 << 20);
  const size_t after = square.initiator.read(8000 * ns, window, 64);
  sc_core::sc_start();
  CHECK(square.initiator.results[before].status == tlm::TLM_OK_RESPONSE);
  CHECK(square.initiator.results[bulk].status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(square.initiator.results[after].status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(square.network.protocol_violations().empty());
}

TEST_CASE("a multicast that can reach nobody ends for its sender, and the failure is counted") {
  const core::SimulationContext context;
  const auto level = GENERATE(core::NoiLevel::packet, core::NoiLevel::flit);
  core::NoiDescription noi = Square::description(level);
  cut_off_node_0(noi);
  Square square(noi);
  constexpr uint64_t groups = 0x9000'0000'0000;
  square.network.map_group_window(groups, 0x100'0000, 0);
  square.network.set_group(0, {3});
  const size_t cut_off = square.initiator.write(0, groups, 1 << 20);
  const size_t after = square.initiator.write(50'000 * ns, groups, 64);
  sc_core::sc_start();
  CHECK(square.initiator.results[cut_off].status != tlm::TLM_INCOMPLETE_RESPONSE);
  CHECK(square.initiator.results[after].status != tlm::TLM_INCOMPLETE_RESPONSE);
  CHECK(square.network.failed_posted_writes() + square.memory.accesses.size() == 2);
  CHECK(square.network.failed_posted_writes() >= 1);
  CHECK(square.network.protocol_violations().empty());
}

TEST_CASE("a hung target is found by a time-out and the others go on") {
  const core::SimulationContext context;
  core::NoiDescription noi = Square::description();
  noi.timeout = 5000 * ns;
  Square square(noi);
  square.memory.hung = true;
  const size_t hung = square.initiator.read(0, window, 64);
  square.initiator.on_done = [&square, hung](size_t index) {
    if (index == hung) square.memory.hung = false;
  };
  const size_t good = square.initiator.read(6000 * ns, window, 64);
  sc_core::sc_start();
  CHECK(square.initiator.results[hung].status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(square.initiator.results[hung].done_ps >= 5000 * ns);
  CHECK(square.initiator.results[hung].done_ps < 5100 * ns);
  CHECK(square.initiator.results[good].status == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("bit errors on the inter-package link cost a round trip each and no data") {
  const core::SimulationContext context;
  core::InterPackageLinkDescription description;
  description.bit_error_rate = 1e-7;
  description.check = true;
  InterPackageLink link("link", description);
  Initiator initiator("initiator");
  Initiator idle("idle");
  Memory memory("memory", 64 << 20, 0, 100.0, true);
  Memory unused("unused", 64, 0, 100.0, true);
  initiator.socket.bind(link.from_package(0));
  idle.socket.bind(link.from_package(1));
  link.to_package(1).bind(memory.socket);
  link.to_package(0).bind(unused.socket);
  std::vector<unsigned char> data(1 << 20);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<unsigned char>(i * 7);
  for (unsigned i = 0; i < 32; ++i) initiator.write(0, i << 20, data);
  sc_core::sc_start();
  CHECK(std::equal(data.begin(), data.end(), memory.storage.begin() + (31 << 20)));
  // 268 million bits, 27 errors to be expected, each with 1 us of flits sent again.
  const double error_free = 500e3 + 32 * 1048576 / 0.9;
  const double extra = double(memory.accesses.back().at_ps) - error_free;
  CHECK(extra > 10 * 1000e3);
  CHECK(extra < 50 * 1000e3);
  CHECK(link.protocol_violations().empty());
}

TEST_CASE("nothing is lost, duplicated or reordered at packet level with faults on") {
  core::NoiDescription noi = faulty_mesh();
  noi.routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::o1turn);
  PacketNetwork network(noi);
  torture(network, 300'000, 4000, true, true);
  CHECK(network.replays() > 0);
}

TEST_CASE("nothing is lost, duplicated or reordered at flit level with faults on") {
  core::NoiDescription noi = faulty_mesh();
  noi.routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::o1turn);
  noi.level = core::NoiLevel::flit;
  FlitNetwork network(noi);
  torture(network, 200'000, 4000, false, false);
}

TEST_CASE("ten million packets with faults on", "[.][soak]") {
  PacketNetwork packet(faulty_mesh());
  torture(packet, 5'000'000, 4000, true, true);
  FlitNetwork flit(faulty_mesh());
  torture(flit, 5'000'000, 4000, false, false);
}
