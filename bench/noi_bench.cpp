// SPDX-License-Identifier: Apache-2.0
// Speed of the network-on-interposer at both levels against load and mesh size, and of bulk
// transactions through the TLM interface.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "duet/core/simulation_context.hpp"
#include "duet/tlm_interconnect/flit_network.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"
#include "duet/tlm_interconnect/noi_traffic.hpp"
#include "duet/tlm_interconnect/packet_network.hpp"
#include "tlm_interconnect/test_modules.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;

namespace {

core::NoiDescription mesh(int64_t side) {
  core::NoiDescription noi;
  noi.columns = noi.rows = static_cast<unsigned>(side);
  noi.local_ports = 1;
  noi.link.phy_latency = 1000;
  noi.link.wire_length = 0;
  return noi;
}

/// Arguments: side of the mesh, load in percent of a flit per node and cycle.
template <class Network>
void traffic(benchmark::State& state, const char* what, double hops_per_count) {
  const core::NoiDescription noi = mesh(state.range(0));
  TrafficRun run;
  run.load = static_cast<double>(state.range(1)) / 100;
  run.warmup_cycles = 500;
  run.measured_cycles = static_cast<uint64_t>(200'000 / (state.range(0) * state.range(0)));
  const TrafficPattern pattern("uniform", noi.columns, noi.rows);
  double hops = 0;
  for (auto _ : state) {
    Network network(noi);
    hops += static_cast<double>(measure(network, noi, pattern, run).flit_hops);
  }
  state.counters[what] = benchmark::Counter(hops / hops_per_count, benchmark::Counter::kIsRate);
}

void flit_level(benchmark::State& state) {
  traffic<FlitNetwork>(state, "flit_hops/s", 1);
}
void packet_level(benchmark::State& state) {
  traffic<PacketNetwork>(state, "packet_hops/s", 8);
}

void loads_and_sizes(benchmark::internal::Benchmark* bench) {
  for (const int side : {4, 8, 16, 32}) {
    // The bisection bounds uniform traffic: the same part of saturation on each size.
    for (const int percent_at_4 : {10, 35, 50}) bench->Args({side, percent_at_4 * 4 / side});
  }
}
BENCHMARK(flit_level)->Apply(loads_and_sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(packet_level)->Apply(loads_and_sizes)->Unit(benchmark::kMillisecond);

/// A decode step's reads: eight chiplets in two columns, each fetches 1 MiB pieces from the stacks beside it,
/// four at a time from each.
void bulk_reads(benchmark::State& state) {
  constexpr unsigned pieces = 400;
  uint64_t transactions = 0;
  for (auto _ : state) {
    const core::SimulationContext context;
    core::NoiDescription noi;
    noi.columns = 5;
    noi.rows = 4;
    noi.link.bandwidth = 1024e9;
    std::vector<NodeId> nodes;
    for (NodeId node = 0; node < 20; ++node) nodes.push_back(node);
    NetworkOnInterposer network("noi", noi, nodes);
    std::vector<std::unique_ptr<test::Memory>> memories;
    std::vector<std::unique_ptr<test::Initiator>> initiators;
    std::vector<unsigned char> scratch;
    constexpr uint64_t window = 0x1'0000'0000;
    for (NodeId node = 0; node < 20; ++node) {
      if (node % 5 % 2 == 0) {
        memories.push_back(std::make_unique<test::Memory>(("m" + std::to_string(node)).c_str(), 2 << 20,
                                                          250'000, 1.0, true));
        network.to_node(node).bind(memories.back()->socket);
        network.map(node * window, 2 << 20, node);
        continue;
      }
      initiators.push_back(std::make_unique<test::Initiator>(("i" + std::to_string(node)).c_str()));
      test::Initiator& initiator = *initiators.back();
      initiator.socket.bind(network.from_node(node));
      initiator.timing_only = true;
      initiator.on_done = [&initiator, node, left = pieces](size_t) mutable {
        if (left == 0) return;
        --left;
        initiator.read(0, (left % 2 == 0 ? node - 1 : node + 1) * window, 1 << 20);
      };
      for (unsigned i = 0; i < 8; ++i)
        initiator.read(0, (i % 2 == 0 ? node - 1 : node + 1) * window, 1 << 20);
    }
    sc_core::sc_start();
    for (const auto& initiator : initiators) transactions += initiator->results.size();
  }
  state.counters["transactions/s"] =
      benchmark::Counter(static_cast<double>(transactions), benchmark::Counter::kIsRate);
}
BENCHMARK(bulk_reads)->Unit(benchmark::kMillisecond);

}  // namespace
