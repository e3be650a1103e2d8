// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/inter_package_link.hpp"

#include <catch2/catch.hpp>

#include "duet/core/simulation_context.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"
#include "test_modules.hpp"

using namespace duet;
using test::Initiator;
using test::Memory;
using tlm_interconnect::InterPackageLink;
using tlm_interconnect::NetworkOnInterposer;

namespace {

constexpr uint64_t ns = 1000;
constexpr uint64_t memory_bytes = 8 << 20;

/// Initiator and memory at each end of a link.
struct Ends {
  explicit Ends(const core::InterPackageLinkDescription& description) : link("link", description) {
    for (unsigned end : {0u, 1u}) {
      initiators[end]->socket.bind(link.from_package(end));
      link.to_package(end).bind(memories[end]->socket);
    }
  }
  InterPackageLink link;
  std::unique_ptr<Initiator> initiators[2] = {std::make_unique<Initiator>("i0"),
                                              std::make_unique<Initiator>("i1")};
  std::unique_ptr<Memory> memories[2] = {std::make_unique<Memory>("m0", memory_bytes, 100 * ns, 100.0, true),
                                         std::make_unique<Memory>("m1", memory_bytes, 100 * ns, 100.0, true)};
};

}  // namespace

TEST_CASE("a transfer takes the latency and its length at the link's rate") {
  const core::SimulationContext context;
  Ends ends({});
  const size_t request = ends.initiators[0]->write(0, 0x100, std::vector<unsigned char>(900'000, 5));
  sc_core::sc_start();
  CHECK(ends.memories[1]->storage[0x100 + 899'999] == 5);
  CHECK(double(ends.memories[1]->accesses.at(0).at_ps) == Approx(500e3 + 1000e3).epsilon(0.001));
  // The memory needs 109 ns, the response 500 ns back.
  CHECK(double(ends.initiators[0]->results[request].done_ps) == Approx(2109e3).epsilon(0.001));
}

TEST_CASE("both directions carry the full rate at the same time") {
  const core::SimulationContext context;
  Ends ends({});
  for (unsigned i = 0; i < 4; ++i) {
    ends.initiators[0]->write(0, i << 20, 1 << 20);
    ends.initiators[1]->write(0, i << 20, 1 << 20);
  }
  sc_core::sc_start();
  const double expected = 500e3 + 4 * 1048576 / 0.9;
  CHECK(double(ends.memories[0]->accesses.back().at_ps) == Approx(expected).epsilon(0.002));
  CHECK(double(ends.memories[1]->accesses.back().at_ps) == Approx(expected).epsilon(0.002));
}

TEST_CASE("too few credits or too short a replay buffer bound the rate to what a round trip takes back") {
  const core::SimulationContext context;
  core::InterPackageLinkDescription description;
  (GENERATE(true, false) ? description.credits : description.replay_window_flits) = 1000;
  Ends ends(description);
  ends.initiators[0]->write(0, 0, 4 << 20);
  sc_core::sc_start();
  // 1000 flits of 256 B in 2 * 500 ns + 0.28 ns.
  CHECK(double(ends.memories[1]->accesses.at(0).at_ps) == Approx(500e3 + (4 << 20) / 0.256).epsilon(0.002));
}

TEST_CASE("two packages read and write each other's memory through their networks and the link") {
  const core::SimulationContext context;
  core::NoiDescription noi;
  noi.columns = 3;
  noi.rows = 1;
  InterPackageLink link("link", {});
  std::vector<std::unique_ptr<NetworkOnInterposer>> networks;
  std::vector<std::unique_ptr<Initiator>> initiators;
  std::vector<std::unique_ptr<Memory>> memories;
  constexpr uint64_t package = 0x100'0000'0000;
  for (unsigned p : {0u, 1u}) {
    const std::string number = std::to_string(p);
    networks.push_back(std::make_unique<NetworkOnInterposer>(("noi" + number).c_str(), noi,
                                                             std::vector<tlm_interconnect::NodeId>{0, 1, 2}));
    initiators.push_back(std::make_unique<Initiator>(("initiator" + number).c_str()));
    memories.push_back(
        std::make_unique<Memory>(("memory" + number).c_str(), memory_bytes, 100 * ns, 1.0, true));
    initiators[p]->socket.bind(networks[p]->from_node(0));
    networks[p]->to_node(1).bind(memories[p]->socket);
    networks[p]->to_node(2).bind(link.from_package(p));
    link.to_package(p).bind(networks[p]->from_node(2));
    networks[p]->map(p * package, memory_bytes, 1);
    networks[p]->map((1 - p) * package, package, 2, (1 - p) * package);
  }
  const size_t there = initiators[0]->write(0, package + 0x80, std::vector<unsigned char>(100'000, 8));
  memories[0]->storage[3] = 33;
  const size_t back = initiators[1]->read(0, 0, 4096);
  const size_t nowhere = initiators[1]->read(0, memory_bytes + 5, 64);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  sc_core::sc_start();
  CHECK(initiators[0]->results[there].status == tlm::TLM_OK_RESPONSE);
  CHECK(memories[1]->storage[0x80 + 99'999] == 8);
  CHECK(initiators[1]->results[back].status == tlm::TLM_OK_RESPONSE);
  CHECK(initiators[1]->results[back].data[3] == 33);
  CHECK(initiators[1]->results[back].done_ps > 1000 * ns);
  CHECK(initiators[1]->results[nowhere].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}
