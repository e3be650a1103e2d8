// SPDX-License-Identifier: Apache-2.0
// What no machine can do, whatever its parameters: measured times against bounds that are computed here
// from the model's shapes alone.
#include <catch2/catch.hpp>

#include "duet/core/memory_description.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/workload/graph/build_graph.hpp"
#include "duet/workload/graph/model_size.hpp"
#include "run_fixture.hpp"

using namespace duet;
using namespace duet::test;
using platform::PointResult;

namespace {

struct Work {
  double macs = 0;  ///< of products, SSM and attention; convolutions are fused, on the SFUs
  double weight_bytes = 0;
  double matrix_bytes = 0;  ///< those of the weights that are products' operands
  double cache_read_bytes = 0;
  double cache_write_bytes = 0;
};

Work work_of(const platform::RunRequest& request, workload::Phase phase, uint64_t batch, uint64_t context) {
  workload::GraphInput input{batch, phase == workload::Phase::prefill ? request.workload.prompt_tokens : 1,
                             context, workload::CachePolicy::keep};
  Work work;
  for (const workload::Operator& op : workload::build_graph(request.model, phase, input)) {
    const bool on_arrays = op.kind == workload::OperatorKind::gemm ||
                           op.kind == workload::OperatorKind::ssm ||
                           op.kind == workload::OperatorKind::attention;
    if (on_arrays) work.macs += static_cast<double>(op.macs);
    for (const auto& weight : op.weights) {
      work.weight_bytes += static_cast<double>(weight.read_bytes());
      if (op.kind == workload::OperatorKind::gemm)
        work.matrix_bytes += static_cast<double>(weight.read_bytes());
    }
    work.cache_read_bytes += static_cast<double>(op.cache_read_bytes());
    work.cache_write_bytes += static_cast<double>(op.cache_write_bytes());
  }
  return work;
}

const core::PackageLayout& package(const std::vector<core::PackageLayout>& layouts, std::string_view name) {
  return *std::ranges::find(layouts, name, &core::PackageLayout::name);
}

double vector_sram_bytes_per_second(const core::PackageLayout& package) {
  double sum = 0;
  for (const core::NodeInstance& node : package.compute)
    sum += node.type->vector->count * node.type->vector->sram_bytes_per_second;
  return sum;
}

TEST_CASE("No phase beats its bounds of compute, memory, SRAM and link", "[run][physics]") {
  const platform::RunRequest request = short_request();
  const uint64_t batch = GENERATE(1, 32, 128);
  const PointResult point = platform::evaluate_point(request, batch);
  REQUIRE(point.fits);
  const auto layouts = core::lay_out(request.platform);
  const core::PackageLayout& prefill = package(layouts, "prefill");
  const core::PackageLayout& decode = package(layouts, "decode");

  const Work first = work_of(request, workload::Phase::prefill, batch, 0);
  CHECK(point.ttft_s > first.macs / prefill.peak_systolic_macs_per_second());
  CHECK(point.ttft_s > first.weight_bytes / prefill.peak_memory_bytes_per_second());
  CHECK(point.prefill->macs >= first.macs);
  CHECK(point.prefill->completion_s >= point.ttft_s);
  CHECK(point.prefill->completion_s >
        first.cache_write_bytes / request.platform.inter_package_link->bandwidth);

  const Work step = work_of(request, workload::Phase::decode, batch, point.contexts.front());
  CHECK(point.tbt_s > step.macs / decode.peak_vector_macs_per_second());
  CHECK(point.tbt_s > (step.weight_bytes + step.cache_read_bytes) / decode.peak_memory_bytes_per_second());

  // DUET's matrices stream from SRAM once for each vector: at a batch of 128 that is the larger bound.
  REQUIRE(decode.compute.front().type->vector->vectors_per_pass == 1);
  CHECK(point.tbt_s > static_cast<double>(batch) * step.matrix_bytes / vector_sram_bytes_per_second(decode));

  for (const auto* phase : {&*point.prefill, &*point.decode}) {
    CHECK(phase->time_s >= phase->roofline_s);
    CHECK(phase->time_s >= phase->bounds[platform::Resource::sram]);
    CHECK(phase->memory_bandwidth_utilisation() <= 1);
    CHECK(phase->compute_utilisation() <= 1);
    CHECK(phase->array_utilisation <= 1);
    CHECK(phase->link_utilisation_max <= 1.0001);
    CHECK(phase->driver_share() < 0.1);
    double sum_s = 0;
    for (const auto& kind : phase->layer_kinds) sum_s += kind.time_s;
    CHECK(sum_s <= phase->time_s * 1.000001);
    CHECK(sum_s > phase->time_s * 0.9);
  }
}

TEST_CASE("A decode step reads weights and caches, once", "[run][physics]") {
  const platform::RunRequest request = short_request();
  const uint64_t batch = GENERATE(1, 8);
  const PointResult point = platform::evaluate_point(request, batch);
  const Work step = work_of(request, workload::Phase::decode, batch, point.contexts.front());
  CHECK(point.decode->memory_bytes_read == Approx(step.weight_bytes + step.cache_read_bytes).epsilon(0.01));
  CHECK(point.decode->memory_bytes - point.decode->memory_bytes_read ==
        Approx(step.cache_write_bytes).epsilon(0.01).margin(1e5));
}

TEST_CASE("Each package holds every weight of the model once", "[run][physics]") {
  // Gate and up, and q, k and v, are matrices of one product each.
  const platform::RunRequest request =
      shipped_request("duet", "llama3-8b", "chat", {"model.pattern_repeat=2"});
  const auto weights = static_cast<double>(workload::model_size(request.model).weight_bytes);
  const PointResult point = platform::evaluate_point(request, 1);
  REQUIRE(point.memory.size() == 2);
  for (const auto& need : point.memory)
    CHECK(static_cast<double>(need.weight_bytes) == Approx(weights).epsilon(1e-3));
}

TEST_CASE("Times grow with the batch, the prompt and the context", "[run][physics]") {
  const auto point = [](uint64_t batch, unsigned prompt) {
    return platform::evaluate_point(short_request({"workload.prompt_tokens=" + std::to_string(prompt)}),
                                    batch);
  };
  const PointResult base = point(4, 1024);
  const PointResult more_sequences = point(16, 1024);
  const PointResult longer = point(4, 4096);
  CHECK(more_sequences.ttft_s > base.ttft_s);
  CHECK(more_sequences.tbt_s > base.tbt_s);
  CHECK(longer.ttft_s > base.ttft_s);
  CHECK(longer.tbt_s > base.tbt_s);
  // A longer prompt costs at least in proportion, the attention more.
  CHECK(longer.prefill->macs > 4 * base.prefill->macs * 0.97);
}

TEST_CASE("Twice the memory bandwidth at best halves the time between tokens", "[run][physics]") {
  const double slow = platform::evaluate_point(short_request(), 8).tbt_s;
  const double fast =
      platform::evaluate_point(short_request({"node_types.hbm3e_stack.memory.stacks=2",
                                              "packages.decode.noi.link.bandwidth=2048 GB/s"}),
                               8)
          .tbt_s;
  CHECK(fast < slow);
  CHECK(fast >= slow / 2);
}

TEST_CASE("The same run gives the same figures", "[run]") {
  const platform::RunRequest request = short_request();
  const PointResult first = platform::evaluate_point(request, 2);
  const PointResult second = platform::evaluate_point(request, 2);
  CHECK(first.ttft_s == second.ttft_s);
  CHECK(first.tbt_s == second.tbt_s);
  CHECK(first.prefill->delta_cycles == second.prefill->delta_cycles);
}

}  // namespace
