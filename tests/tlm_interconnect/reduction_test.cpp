// SPDX-License-Identifier: Apache-2.0
// Reductions in the network: sums against sums made here, bytes of each link against the tree, times against
// a closed form.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "duet/core/simulation_context.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"
#include "test_modules.hpp"

using namespace duet;
using test::Initiator;
using test::Memory;
using tlm_interconnect::NetworkOnInterposer;
using tlm_interconnect::NodeId;

namespace {

constexpr uint64_t ns = 1000;
constexpr uint64_t memory_bytes = 1 << 20;
constexpr uint64_t window = 0x1'0000'0000;
constexpr uint64_t reductions = 0x9000'0000'0000;
constexpr uint64_t stride = 1ull << 36;
constexpr unsigned member_shift = 28;

/// A mesh with an initiator and a memory at each node, 256 B flits at 1 GHz, and a reduction window.
struct Mesh {
  core::NoiDescription description;
  std::unique_ptr<NetworkOnInterposer> network;
  std::vector<std::unique_ptr<Initiator>> initiators;
  std::vector<std::unique_ptr<Memory>> memories;

  explicit Mesh(core::NoiDescription noi) : description(std::move(noi)) {
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    description.check = true;
    const NodeId nodes = description.columns * description.rows;
    std::vector<NodeId> all(nodes);
    for (NodeId node = 0; node < nodes; ++node) all[node] = node;
    network = std::make_unique<NetworkOnInterposer>("noi", description, all);
    for (const NodeId node : all) {
      initiators.push_back(std::make_unique<Initiator>(("initiator" + std::to_string(node)).c_str()));
      memories.push_back(std::make_unique<Memory>(("memory" + std::to_string(node)).c_str(), memory_bytes,
                                                  100 * ns, 256, true));
      initiators[node]->socket.bind(network->from_node(node));
      network->to_node(node).bind(memories[node]->socket);
      network->map(node * window, memory_bytes, node);
    }
    network->map_reduction_window(reductions, stride, member_shift, 64, 0x1000);
  }
  ~Mesh() { CHECK(network->protocol_violations().empty()); }

  static uint64_t address(uint32_t group, uint64_t member, uint64_t offset = 0) {
    return reductions + group * stride + (member << member_shift) + offset;
  }
  [[nodiscard]] std::vector<float> numbers(NodeId node, size_t count, uint64_t offset = 0) const {
    std::vector<float> result(count);
    std::memcpy(result.data(), &memories[node]->storage[0x1000 + offset], count * sizeof(float));
    return result;
  }
  [[nodiscard]] uint64_t bytes(NodeId from, NodeId to) const {
    const auto& model = network->network();
    return model.link_bytes(model.topology().find(from, to));
  }
};

core::NoiDescription mesh(unsigned columns, unsigned rows, core::NoiLevel level) {
  core::NoiDescription noi;
  noi.columns = columns;
  noi.rows = rows;
  noi.level = level;
  noi.link.wire_length = 0;
  noi.link.phy_latency = 2 * ns;
  return noi;
}

std::vector<unsigned char> bytes_of(const std::vector<float>& numbers) {
  std::vector<unsigned char> bytes(numbers.size() * sizeof(float));
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

/// Links of the members' ways to the root, by hand.
std::map<std::pair<NodeId, NodeId>, unsigned> tree_links(unsigned columns, NodeId root,
                                                         const std::vector<NodeId>& members, bool y_first) {
  std::map<std::pair<NodeId, NodeId>, unsigned> links;
  for (NodeId at : members) {
    while (at != root) {
      NodeId next = at;
      if (y_first ? at / columns == root / columns : at % columns != root % columns) {
        next = at % columns < root % columns ? at + 1 : at - 1;
      } else {
        next = at < root ? at + columns : at - columns;
      }
      links[{at, next}] = 1;
      at = next;
    }
  }
  return links;
}

const auto both_levels = [] { return GENERATE(core::NoiLevel::packet, core::NoiLevel::flit); };

}  // namespace

TEST_CASE("a sum reaches its root and crosses each link of the tree once") {
  const core::SimulationContext context;
  const core::NoiLevel level = both_levels();
  core::NoiDescription description = mesh(5, 4, level);
  description.routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::o1turn);
  Mesh noi(description);
  const std::vector<NodeId> members = {1, 3, 6, 8, 11, 13, 16, 18};  // a decode package's chiplets
  noi.network->set_group(2, members);
  const unsigned root = GENERATE(0u, 3u, 4u);
  const unsigned count = 24 * 1024;  // 96 KiB: 24 pieces of 4 KiB
  std::mt19937 random(7);
  std::vector<double> expected(count);
  for (const NodeId member : members) {
    std::vector<float> numbers(count);
    for (unsigned i = 0; i < count; ++i) {
      // Sums of these are exact in FP32, in any order.
      numbers[i] = static_cast<float>(static_cast<int>(random() % 2048) - 1024) * 0.25F;
      expected[i] += double(numbers[i]);
    }
    noi.initiators[member]->write(member * 100 * ns, Mesh::address(2, root, 0x40), bytes_of(numbers));
  }
  sc_core::sc_start();
  const NodeId at = members[root];
  const std::vector<float> sum = noi.numbers(at, count, 0x40);
  CHECK(
      std::equal(sum.begin(), sum.end(), expected.begin(), [](float a, double b) { return double(a) == b; }));
  CHECK(noi.memories[at]->accesses.size() == 1);
  // On a chessboard that begins with white, sums to black nodes go along y first: to nodes 1 and 11 here.
  const bool black = (at % 5 + at / 5) % 2 == 1;
  const auto tree = tree_links(5, at, members, description.routing == core::NoiRouting::o1turn && black);
  const auto& links = noi.network->network().topology().links();
  for (size_t link = 0; link < links.size(); ++link) {
    INFO(links[link].from << "->" << links[link].to);
    const bool used = tree.contains({links[link].from, links[link].to});
    CHECK(noi.network->network().link_bytes(static_cast<tlm_interconnect::LinkId>(link)) ==
          (used ? count * sizeof(float) : 0));
  }
  for (const NodeId member : members) {
    CHECK(noi.initiators[member]->results.at(0).status == tlm::TLM_OK_RESPONSE);
    if (member != at) CHECK(noi.memories[member]->accesses.empty());
  }
}

TEST_CASE("the time of a reduction is that of its tree's longest way, with an adder at each vertex") {
  const core::SimulationContext context;
  const core::NoiLevel level = both_levels();
  Mesh noi(mesh(4, 1, level));
  noi.network->set_group(0, {0, 1, 2, 3});
  const unsigned bytes = GENERATE(256u, 4096u);
  for (NodeId node = 0; node < 4; ++node)
    noi.initiators[node]->write(0, Mesh::address(0, 0), std::vector<unsigned char>(bytes));
  sc_core::sc_start();
  // Three hops one after the other, each with two local ports, two routers, a link and the packet's flits;
  // after each an adder.
  const uint64_t hop = (2 + 2 * 4 + 2 + bytes / 256) * ns;
  const uint64_t adder = 4 * ns;
  const double arrived = double(noi.memories[0]->accesses.at(0).at_ps);
  // The flit level moves on clock edges, and its packets begin on one.
  CHECK(arrived == Approx(double(3 * (hop + adder))).margin(level == core::NoiLevel::flit ? 3 * ns : 0));
}

TEST_CASE("pieces of a long reduction are added side by side") {
  const core::SimulationContext context;
  const core::NoiLevel level = both_levels();
  Mesh noi(mesh(4, 1, level));
  noi.network->set_group(0, {0, 1, 2, 3});
  const unsigned bytes = 256 * 1024;
  for (NodeId node = 0; node < 4; ++node)
    noi.initiators[node]->write(0, Mesh::address(0, 0), std::vector<unsigned char>(bytes));
  sc_core::sc_start();
  // 64 pieces of 16 ns over the last link, which get there after two hops and adders.
  const double streaming = 1024e3;
  const double filling = 3 * (2 + 2 * 4 + 2 + 16 + 4) * 1e3;
  CHECK(double(noi.memories[0]->accesses.at(0).at_ps) < 1.1 * (streaming + filling));
  CHECK(noi.bytes(1, 0) == bytes);
}

TEST_CASE("reduce-scatter and all-gather: link bytes and time against their closed forms") {
  const core::SimulationContext context;
  const core::NoiLevel level = both_levels();
  // A row: across a cut goes one sum for each member behind it.
  Mesh noi(mesh(4, 1, level));
  noi.network->set_group(0, {0, 1, 2, 3});
  noi.network->map_group_window(0xA000'0000'0000, 0x10'0000, 0x8000);
  const unsigned piece = 16 * 1024;
  for (NodeId node = 0; node < 4; ++node) {
    for (unsigned root = 0; root < 4; ++root) {
      std::vector<float> numbers(piece / 4, static_cast<float>(node * 10 + root));
      noi.initiators[node]->write(0, Mesh::address(0, root), bytes_of(numbers));
    }
  }
  sc_core::sc_start();
  uint64_t scattered_ps = 0;
  for (NodeId node = 0; node < 4; ++node) {
    INFO(node);
    // 0 + 10 + 20 + 30 and four times the root's place.
    CHECK(noi.numbers(node, piece / 4) == std::vector<float>(piece / 4, static_cast<float>(60 + 4 * node)));
    scattered_ps = std::max(scattered_ps, noi.memories[node]->accesses.at(0).at_ps);
  }
  CHECK(noi.bytes(0, 1) == 3 * piece);
  CHECK(noi.bytes(1, 2) == 2 * piece);
  CHECK(noi.bytes(2, 3) == 1 * piece);
  CHECK(noi.bytes(1, 0) == 1 * piece);
  CHECK(noi.bytes(3, 2) == 3 * piece);
  // The busiest links carry three sums of 64 ns each, and then a piece takes three hops and adders.
  const double expected = (3 * 64 + 3 * (2 + 8 + 2 + 16 + 4)) * 1e3;
  if (level == core::NoiLevel::packet) {
    CHECK(double(scattered_ps) == Approx(expected).epsilon(0.1));
  } else {
    // Wormholes of four sums at once block each other, since all members begin with the same one.
    CHECK(double(scattered_ps) > expected);
    CHECK(double(scattered_ps) < 4. / 3 * expected);
  }

  for (NodeId node = 0; node < 4; ++node)
    noi.initiators[node]->write(scattered_ps + 1000 * ns, 0xA000'0000'0000, piece);
  sc_core::sc_start();
  // Everyone's share crosses each link of its way once: after link k come the k + 1 shares from before it.
  CHECK(noi.bytes(0, 1) == (3 + 1) * piece);
  CHECK(noi.bytes(1, 2) == (2 + 2) * piece);
  CHECK(noi.bytes(2, 3) == (1 + 3) * piece);
  for (NodeId node = 0; node < 4; ++node) CHECK(noi.memories[node]->accesses.size() == 1 + 4);
}

TEST_CASE("the n-th writes of all members form the n-th sum, whoever is ahead") {
  const core::SimulationContext context;
  Mesh noi(mesh(2, 2, both_levels()));
  noi.network->set_group(1, {0, 2, 3});
  for (unsigned turn = 0; turn < 5; ++turn) {
    for (const NodeId node : {0u, 2u, 3u}) {
      noi.initiators[node]->write(node * 1000 * ns, Mesh::address(1, 1, turn % 2 * 64),
                                  bytes_of(std::vector<float>(16, static_cast<float>(turn * node + 1))));
    }
  }
  sc_core::sc_start();
  CHECK(noi.memories[2]->accesses.size() == 5);
  CHECK(noi.numbers(2, 16) == std::vector<float>(16, 3 + 4 * (0 + 2 + 3)));
  CHECK(noi.numbers(2, 16, 64) == std::vector<float>(16, 3 + 3 * (0 + 2 + 3)));
}

TEST_CASE("setting a group anew drops what only some members have written") {
  const core::SimulationContext context;
  Mesh noi(mesh(2, 2, both_levels()));
  noi.network->set_group(0, {0, 1, 3});
  noi.network->set_group(1, {0, 1, 3});
  const auto write = [&noi](NodeId node, uint32_t group, float value) {
    noi.initiators[node]->write(0, Mesh::address(group, 0, group * 256),
                                bytes_of(std::vector<float>(64, value)));
  };
  // Groups with the same members have sums of their own.
  write(0, 0, 100);
  for (const NodeId node : {0u, 1u}) write(node, 1, 1);
  sc_core::sc_start();
  CHECK(noi.memories[0]->accesses.empty());
  noi.network->set_group(0, {0, 1, 3});
  for (const NodeId node : {0u, 1u, 3u}) write(node, 0, 2);
  write(3, 1, 1);
  sc_core::sc_start();
  CHECK(noi.numbers(0, 64) == std::vector<float>(64, 6.0F));
  CHECK(noi.numbers(0, 64, 256) == std::vector<float>(64, 3.0F));
}

TEST_CASE("what cannot be summed gets an error response, and the network goes on") {
  const core::SimulationContext context;
  Mesh noi(mesh(2, 2, both_levels()));
  noi.network->set_group(0, {0, 1, 3});
  const size_t stranger = noi.initiators[2]->write(0, Mesh::address(0, 0), 64);
  const size_t nobody = noi.initiators[0]->write(0, Mesh::address(0, 3), 64);
  const size_t no_group = noi.initiators[0]->write(0, Mesh::address(7, 0), 64);
  const size_t odd = noi.initiators[0]->write(0, Mesh::address(0, 0), 62);
  const size_t read = noi.initiators[0]->read(0, Mesh::address(0, 0), 64);
  const size_t across = noi.initiators[0]->write(0, Mesh::address(0, 1) - 32, 64);
  const size_t first = noi.initiators[0]->write(0, Mesh::address(0, 0, 256), 64);
  const size_t longer = noi.initiators[1]->write(100 * ns, Mesh::address(0, 0, 256), 128);
  const size_t later = noi.initiators[3]->write(200 * ns, Mesh::address(0, 0, 256), 64);
  std::vector<size_t> good;
  for (const NodeId node : {0u, 1u, 3u})
    good.push_back(noi.initiators[node]->write(2000 * ns, Mesh::address(0, 2, 256), 64));
  sc_core::sc_start();
  CHECK(noi.initiators[2]->results[stranger].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(noi.initiators[0]->results[nobody].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(noi.initiators[0]->results[no_group].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(noi.initiators[0]->results[odd].status == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(noi.initiators[0]->results[read].status == tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(noi.initiators[0]->results[across].status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(noi.initiators[0]->results[first].status == tlm::TLM_OK_RESPONSE);
  CHECK(noi.initiators[1]->results[longer].status == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(noi.initiators[3]->results[later].status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(noi.initiators[3]->results[good[2]].status == tlm::TLM_OK_RESPONSE);
  CHECK(noi.memories[0]->accesses.empty());
  CHECK(noi.memories[3]->accesses.size() == 1);
}

TEST_CASE("a dead link sends the sums another way; without one the writers get an error") {
  const core::SimulationContext context;
  const core::NoiLevel level = both_levels();
  Mesh noi(mesh(2, 2, level));
  noi.network->set_group(0, {0, 1, 3});
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  noi.network->set_lanes(1, 0, 0);
  for (const NodeId node : {0u, 1u, 3u})
    noi.initiators[node]->write(0, Mesh::address(0, 0), bytes_of(std::vector<float>(64, 1.0F)));
  sc_core::sc_start();
  CHECK(noi.numbers(0, 64) == std::vector<float>(64, 3.0F));
  noi.network->set_lanes(2, 0, 0);
  std::vector<size_t> late;
  for (const NodeId node : {1u, 3u, 0u})
    late.push_back(noi.initiators[node]->write(5000 * ns, Mesh::address(0, 0, 1024), 256));
  sc_core::sc_start();
  CHECK(noi.initiators[1]->results[late[0]].status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(noi.initiators[3]->results[late[1]].status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(noi.initiators[0]->results[late[2]].status == tlm::TLM_GENERIC_ERROR_RESPONSE);
  CHECK(noi.memories[0]->accesses.size() == 1);
}
