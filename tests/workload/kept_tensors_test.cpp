// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/kept_tensors.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "duet/workload/graph/build_graph.hpp"
#include "graph_models.hpp"

using namespace duet;
using workload::KeptTensors;
using workload::Stage;

namespace {

std::vector<core::ModelDescription> models() {
  return {test::nemotron_h_56b(), test::nemotron_h_8b(), test::zamba2_7b(), test::llama3_8b()};
}

/// Bytes that the chosen tensors take on a chiplet while each stage runs, counted from the stages alone.
std::vector<uint64_t> occupancy(const std::vector<Stage>& stages, const KeptTensors& kept, unsigned parts) {
  std::vector<uint64_t> bytes(stages.size(), 0);
  for (size_t made = 0; made < stages.size(); ++made) {
    for (const auto& output : stages[made].outputs) {
      if (!kept.contains(output.name)) continue;
      size_t last = made;
      for (size_t s = made + 1; s < stages.size(); ++s) {
        const bool reads = std::ranges::find(stages[s].inputs, output.name, &workload::TensorUse::name) !=
                           stages[s].inputs.end();
        if (reads && !stages[s].is_move()) last = s;
      }
      CHECK(last == kept.last_use.at(output.name));
      for (size_t s = made; s <= last; ++s) bytes[s] += (output.bytes() + parts - 1) / parts;
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("Kept tensors fit the SRAM in every stage", "[workload][kept]") {
  std::mt19937 random(7);
  for (int trial = 0; trial < 200; ++trial) {
    const auto all = models();
    const core::ModelDescription& model = all[random() % all.size()];
    const workload::GraphInput input{
        1 + random() % 64, 1 + random() % 2000, 0,
        random() % 2 ? workload::CachePolicy::keep : workload::CachePolicy::hand_over};
    const workload::Graph graph = workload::build_graph(model, workload::Phase::prefill, input);
    const auto stages = workload::make_stages(graph, {});
    const unsigned parts = 1u << random() % 5;
    const uint64_t limit = uint64_t{1} << (10 + random() % 22);
    const KeptTensors kept = workload::choose_kept(stages, parts, limit);
    const auto bytes = occupancy(stages, kept, parts);
    INFO(model.name << " batch " << input.batch << " tokens " << input.tokens << " limit " << limit);
    CHECK(bytes == kept.bytes);
    CHECK(*std::ranges::max_element(bytes) <= limit);
  }
}

TEST_CASE("With room for everything every result that arrays read stays", "[workload][kept]") {
  for (const core::ModelDescription& model : models()) {
    const workload::Graph graph =
        workload::build_graph(model, workload::Phase::prefill, {2, 100, 0, workload::CachePolicy::hand_over});
    const auto stages = workload::make_stages(graph, {});
    CHECK(workload::choose_kept(stages, 4, 0).last_use.empty());
    const KeptTensors kept = workload::choose_kept(stages, 4, UINT64_MAX / 2);
    std::map<std::string, bool> read_by_arrays;
    for (const Stage& stage : stages) {
      for (const auto& use : stage.inputs) read_by_arrays[use.name] |= !stage.is_move();
    }
    for (const Stage& stage : stages) {
      for (const auto& output : stage.outputs) {
        INFO(model.name << ' ' << output.name);
        CHECK(kept.contains(output.name) == read_by_arrays[output.name]);
      }
    }
  }
}

TEST_CASE("Tensors that wait shortest come first", "[workload][kept]") {
  // Room for what an SSM uses and makes: what the next stage uses up stays, the gate and the residual stream,
  // which wait for the whole layer, do not where room is scarce.
  const core::ModelDescription model = test::nemotron_h_8b();
  const workload::Graph graph =
      workload::build_graph(model, workload::Phase::prefill, {1, 256, 0, workload::CachePolicy::hand_over});
  const auto stages = workload::make_stages(graph, {});
  const auto stage = std::ranges::find_if(
      stages, [](const Stage& s) { return s.main->kind == workload::OperatorKind::ssm; });
  REQUIRE(stage != stages.end());
  const auto find = [](const std::vector<workload::TensorUse>& tensors, std::string_view ending) {
    return *std::ranges::find_if(tensors, [&](const auto& use) { return use.name.ends_with(ending); });
  };
  const auto y = find(stage->outputs, ".y");
  uint64_t limit = y.bytes();
  for (const auto& use : stage->inputs) limit += use.bytes();
  const KeptTensors kept = workload::choose_kept(stages, 1, limit);
  CHECK(kept.contains(y.name));
  CHECK_FALSE(kept.contains(find((stage - 1)->outputs, ".z").name));
}
