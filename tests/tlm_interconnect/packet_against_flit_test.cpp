// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/tlm_interconnect/flit_network.hpp"
#include "duet/tlm_interconnect/noi_traffic.hpp"
#include "duet/tlm_interconnect/packet_network.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;

namespace {

template <class Network>
LoadPoint run(const core::NoiDescription& noi, const char* pattern, unsigned flits, double load,
              uint64_t cycles = 10'000) {
  Network network(noi);
  TrafficRun traffic;
  traffic.load = load;
  traffic.packet_flits = flits;
  traffic.warmup_cycles = 2000;
  traffic.measured_cycles = cycles;
  traffic.drain_cycles = 5000;
  return measure(network, noi, TrafficPattern(pattern, noi.columns, noi.rows), traffic);
}

core::NoiDescription mesh(unsigned columns) {
  core::NoiDescription noi;
  noi.columns = columns;
  noi.local_ports = 1;
  noi.link.wire_length = 0;
  return noi;
}

/// The load where the flit level no longer accepts what is offered, to 5 %.
double saturation(const core::NoiDescription& noi, const char* pattern, unsigned flits) {
  double low = 0.1;
  double high = 1.0;
  while (high - low > 0.05) {
    const double load = (low + high) / 2;
    // Long enough for queues that grow slowly to be seen.
    const LoadPoint flit = run<FlitNetwork>(noi, pattern, flits, load, 40'000);
    const bool accepted = flit.stable && flit.accepted_flits_per_node_cycle > 0.97 * load;
    (accepted ? low : high) = load;
  }
  return low;
}

void compare(const core::NoiDescription& noi, const char* pattern, unsigned flits, double limit) {
  const double last = saturation(noi, pattern, flits);
  for (const double part : {0.1, 0.4, 0.7}) {
    const double load = last * part;
    const LoadPoint flit = run<FlitNetwork>(noi, pattern, flits, load);
    const LoadPoint packet = run<PacketNetwork>(noi, pattern, flits, load);
    INFO(noi.columns << " columns, " << flits << " flits, " << pattern << " at " << load << " of " << last);
    CHECK(packet.packet_latency_cycles == Approx(flit.packet_latency_cycles).epsilon(limit));
    REQUIRE(packet.link_utilisation.size() == flit.link_utilisation.size());
    for (size_t link = 0; link < flit.link_utilisation.size(); ++link) {
      CHECK(packet.link_utilisation[link] == Approx(flit.link_utilisation[link]).epsilon(0.02).margin(0.01));
    }
  }
}

}  // namespace

// 64 B, 1 KiB, 2 KiB and 4 KiB in flits of 256 B.
TEST_CASE("the packet level agrees with the flit level up to 70 % of saturation") {
  compare(mesh(4), "uniform", GENERATE(1u, 8u, 16u), 0.10);
}

TEST_CASE("the packet level agrees with the flit level for a hot spot") {
  compare(mesh(4), "hotspot:5:5", 8, 0.10);
}

TEST_CASE("the packet level agrees with the flit level where half of the pairs go along y first") {
  core::NoiDescription noi = mesh(4);
  noi.routing = core::NoiRouting::o1turn;
  compare(noi, GENERATE("uniform", "transpose", "hotspot:5:5"), 8, 0.10);
}

TEST_CASE("the packet level agrees with the flit level for all sizes and patterns", "[.][soak]") {
  const unsigned columns = GENERATE(4u, 6u);
  const unsigned flits = GENERATE(1u, 4u, 8u, 16u);
  const std::string pattern = GENERATE("uniform", "hotspot:5:5", "transpose");
  compare(mesh(columns), pattern.c_str(), flits, 0.10);
}

TEST_CASE("the packet level agrees with the flit level where every link carries one flow") {
  // Successive packets of one pair follow each other at flit level and do not interleave.
  compare(mesh(6), "neighbour", GENERATE(1u, 4u, 8u, 16u), 0.10);
}
