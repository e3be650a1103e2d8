// SPDX-License-Identifier: Apache-2.0
// Collectives of a decode step: what the mapper predicts of them against the network, and what it chooses.
#include <catch2/catch.hpp>
#include <numeric>

#include "../tlm_interconnect/test_modules.hpp"
#include "duet/core/simulation_context.hpp"
#include "duet/platform/simulation/package_module.hpp"
#include "duet/workload/mapping/collective_times.hpp"
#include "run_fixture.hpp"

using namespace duet;

namespace {

constexpr const char* summed = "by rows, summed in the network";

uint64_t link_bytes(const platform::PhaseResult& phase) {
  return std::accumulate(phase.floorplan.links.begin(), phase.floorplan.links.end(), uint64_t{0},
                         [](uint64_t sum, const auto& link) { return sum + link.bytes; });
}

const platform::StageResult& stage_named(const platform::PhaseResult& phase, const std::string& end) {
  const auto found =
      std::ranges::find_if(phase.stages, [&end](const auto& stage) { return stage.name.ends_with(end); });
  REQUIRE(found != phase.stages.end());
  return *found;
}

/// The eight compute chiplets of DUET's decode package with memories in their place, and a network with
/// nothing else to do.
struct IdlePackage {
  core::PlatformDescription platform;
  std::vector<core::PackageLayout> layouts = core::lay_out(platform);
  const core::PackageLayout& package = layouts[layouts[0].name == "decode" ? 0 : 1];
  std::vector<unsigned> nodes;
  core::SimulationContext context;
  std::unique_ptr<tlm_interconnect::NetworkOnInterposer> noi;
  std::vector<std::unique_ptr<test::Initiator>> initiators;
  std::vector<std::unique_ptr<test::Memory>> memories;

  explicit IdlePackage(core::NoiRouting routing) : platform(with(routing)) {
    for (const core::NodeInstance& node : package.compute) nodes.push_back(node.node);
    noi = std::make_unique<tlm_interconnect::NetworkOnInterposer>("noi", package.description->noi, nodes);
    for (const unsigned node : nodes) {
      initiators.push_back(std::make_unique<test::Initiator>(("initiator" + std::to_string(node)).c_str()));
      memories.push_back(std::make_unique<test::Memory>(("memory" + std::to_string(node)).c_str(), 8 << 20,
                                                        1000, 1e6, true));
      initiators.back()->timing_only = true;
      initiators.back()->socket.bind(noi->from_node(node));
      noi->to_node(node).bind(memories.back()->socket);
    }
    noi->map_group_window(1ull << 56, 1ull << 40, 0);
    noi->map_reduction_window(1ull << 57, 1ull << 40, 30, 64, 0);
    noi->set_group(0, nodes);
  }
  static core::PlatformDescription with(core::NoiRouting routing) {
    core::PlatformDescription platform = test::short_request().platform;
    platform.packages.at("decode").noi.routing = routing;
    return platform;
  }
  double last_arrival_s() {
    sc_core::sc_start();
    uint64_t last = 0;
    for (const auto& memory : memories) {
      for (const auto& access : memory->accesses) last = std::max(last, access.at_ps);
    }
    return static_cast<double>(last) * 1e-12;
  }
};

}  // namespace

TEST_CASE("the mapper predicts an all-gather and a reduce-scatter as the network takes them",
          "[collectives]") {
  const unsigned bytes = GENERATE(4096u, 65536u, 1048576u);
  const auto routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::yx, core::NoiRouting::o1turn);
  double gathered_s = 0;
  double scattered_s = 0;
  {
    IdlePackage idle(routing);
    for (auto& initiator : idle.initiators)
      initiator->write(0, 1ull << 56, std::vector<unsigned char>(bytes));
    gathered_s = idle.last_arrival_s();
    CHECK(gathered_s == Approx(workload::all_gather_seconds(idle.package, idle.nodes, bytes)).epsilon(0.2));
  }
  {
    IdlePackage idle(routing);
    for (uint64_t root = 0; root < 8; ++root) {
      for (auto& initiator : idle.initiators)
        initiator->write(0, (1ull << 57) + (root << 30), std::vector<unsigned char>(bytes));
    }
    scattered_s = idle.last_arrival_s();
    CHECK(scattered_s ==
          Approx(workload::reduce_scatter_seconds(idle.package, idle.nodes, bytes)).epsilon(0.2));
  }
}

TEST_CASE("the mapper knows by which links posts go") {
  // What a byte more in each chiplet's piece costs is the busiest link's load; nodes as in o1turn_test.
  const auto busiest = [](core::NoiRouting routing) {
    core::PlatformDescription platform = test::short_request().platform;
    core::NoiDescription& noi = platform.packages.at("prefill").noi;
    noi.routing = routing;
    noi.local_ports = 8;
    const auto layouts = core::lay_out(platform);
    const core::PackageLayout& package = layouts[layouts[0].name == "prefill" ? 0 : 1];
    std::vector<unsigned> nodes;
    for (const core::NodeInstance& node : package.compute) nodes.push_back(node.node);
    REQUIRE(nodes.size() == 16);
    const double more_s = workload::all_gather_seconds(package, nodes, 2'000'000) -
                          workload::all_gather_seconds(package, nodes, 1'000'000);
    return more_s * noi.link.bandwidth / 1e6;
  };
  CHECK(busiest(core::NoiRouting::xy) == Approx(12));
  CHECK(busiest(core::NoiRouting::yx) == Approx(12));
  CHECK(busiest(core::NoiRouting::o1turn) == Approx(8));
}

TEST_CASE("with adders in the network, long vectors stay where they are and short sums travel",
          "[run][collectives]") {
  const std::vector<std::string> base = {"packages.only.nodes[0].type=vector",
                                         "packages.only.noi.link.bandwidth=32 GB/s"};
  auto with = [&base](const std::string& more) {
    std::vector<std::string> all = base;
    all.push_back(more);
    return test::small_request(test::small_platform_yaml(), all);
  };
  constexpr unsigned batch = 256;
  const auto gathered = platform::evaluate_point(with("packages.only.noi.reduction=false"), batch);
  const auto reduced = platform::evaluate_point(with("packages.only.noi.reduction=true"), batch);
  CHECK(stage_named(*gathered.decode, "mlp.down").split == "by columns");
  CHECK(stage_named(*reduced.decode, "mlp.down").split == summed);
  CHECK(reduced.tbt_s < gathered.tbt_s);
  CHECK(link_bytes(*reduced.decode) < link_bytes(*gathered.decode));
  // Short vectors are cheaper to gather than their sums to meet.
  CHECK(stage_named(*reduced.decode, "attention.o_proj").split == "by columns");
}

TEST_CASE("a decode step with sums in the network takes as long at flit level", "[run][collectives]") {
  const std::vector<std::string> base = {"packages.only.nodes[0].type=vector",
                                         "packages.only.noi.link.bandwidth=32 GB/s",
                                         "packages.only.noi.reduction=true"};
  auto request = test::small_request(test::small_platform_yaml(), base);
  const auto packets = platform::evaluate_point(request, 32);
  request.platform.packages.at("only").noi.level = core::NoiLevel::flit;
  const auto flits = platform::evaluate_point(request, 32);
  CHECK(stage_named(*flits.decode, "mlp.down").split == summed);
  CHECK(flits.tbt_s == Approx(packets.tbt_s).epsilon(0.1));
}
