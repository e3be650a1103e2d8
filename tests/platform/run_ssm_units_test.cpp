// SPDX-License-Identifier: Apache-2.0
// SSM-only units beside a matrix engine: who does what, in which order, and what it costs.
#include <catch2/catch.hpp>
#include <map>

#include "duet/core/error.hpp"
#include "duet/workload/graph/build_graph.hpp"
#include "run_fixture.hpp"
#include "small_run.hpp"

using namespace duet;
using namespace duet::test;
using platform::ConfigDocument;
using workload::OperatorKind;
using workload::Phase;

namespace {

const std::string configs = DUET_SOURCE_DIR "/configs";

/// The shipped platform with each kind of layer.
SmallRun units_run() {
  return {platform::load_platform(ConfigDocument::from_file(configs + "/platforms/ssm-units.yaml")),
          platform::load_model(
              ConfigDocument::from_file(configs + "/models/nemotron-h-8b.yaml", {"pattern=M-M*-M"}))};
}

struct Macs {
  double products = 0;  ///< attention included
  double ssm = 0;
};

Macs macs_of(const core::ModelDescription& model, Phase phase) {
  const bool prefill = phase == Phase::prefill;
  Macs macs;
  for (const auto& op :
       workload::build_graph(model, phase,
                             {1, prefill ? SmallRun::prompt_tokens : 1, prefill ? 0 : SmallRun::prompt_tokens,
                              workload::CachePolicy::keep})) {
    if (op.kind == OperatorKind::ssm) macs.ssm += static_cast<double>(op.macs);
    if (op.kind == OperatorKind::gemm || op.kind == OperatorKind::attention)
      macs.products += static_cast<double>(op.macs);
  }
  return macs;
}

void check_engines(const platform::ProgramRun& run, const Macs& expected) {
  std::map<unsigned, double> macs;
  std::map<unsigned, std::map<uint32_t, models::JobRecord>> in_order;
  for (const models::JobRecord& record : run.records) {
    macs[record.engine] += static_cast<double>(record.macs);
    const bool is_ssm = record.opcode == DUET_OP_SSM_PREFILL || record.opcode == DUET_OP_SSM_DECODE;
    if (record.engine != DUET_ENGINE_MOVE) {
      CHECK(is_ssm == (record.engine == DUET_ENGINE_VECTOR));
      in_order[record.chiplet].emplace(record.index, record);
    }
  }
  // Parts are rounded up, attention's keys to whole ones.
  CHECK(macs[DUET_ENGINE_SYSTOLIC] == Approx(expected.products).epsilon(0.02));
  CHECK(macs[DUET_ENGINE_VECTOR] == Approx(expected.ssm).epsilon(0.001));
  CHECK(in_order.size() >= 8);
  for (const auto& [chiplet, records] : in_order) {
    unsigned hand_overs = 0;
    const models::JobRecord* before = nullptr;
    for (const auto& [index, record] : records) {
      if (before != nullptr && before->engine != record.engine) {
        ++hand_overs;
        CHECK(record.start_ps >= before->end_ps);
      }
      before = &record;
    }
    CHECK(hand_overs == 6);  // to and from the units, in each of three Mamba layers
  }
}

TEST_CASE("Products never run on SSM units, nor the SSM on matrix arrays, and each waits for the other",
          "[run][ssm_units]") {
  SmallRun small = units_run();
  const bool prefill = GENERATE(true, false);
  check_engines(prefill ? small.run_prefill() : small.run_decode(),
                macs_of(small.model, prefill ? Phase::prefill : Phase::decode));
}

TEST_CASE("SSM units wait for the B and C that other chiplets post, in every layer", "[run][ssm_units]") {
  // One group of heads on eight chiplets: each needs what all of them make. 24 layers use each mailbox often.
  SmallRun small{platform::load_platform(ConfigDocument::from_file(configs + "/platforms/ssm-units.yaml"))};
  const platform::ProgramRun run = small.run_decode();
  std::map<unsigned, uint64_t> made_ps;  // by stage: when the last chiplet has what it posts
  for (const models::JobRecord& record : run.records)
    made_ps[record.layer] = std::max(made_ps[record.layer], record.start_ps + record.compute_ps);
  unsigned waited = 0;
  for (const models::JobRecord& record : run.records) {
    if (record.engine != DUET_ENGINE_VECTOR) continue;
    ++waited;
    CHECK(record.start_ps >= made_ps.at(record.layer - 1u));
  }
  CHECK(waited == 24 * 8);
}

double time_of(const platform::PhaseResult& phase, const std::string& kind) {
  return std::ranges::find(phase.stage_kinds, kind, &platform::KindResult::kind)->time_s;
}

TEST_CASE("SSM units beside a matrix engine prefill Nemotron-H slower than DUET, at equal area",
          "[run][ssm_units]") {
  const auto evaluate = [](const std::string& platform, std::vector<std::string> overrides) {
    overrides.emplace_back("model.pattern=M-M*-");
    return platform::evaluate_point(
        shipped_request(platform, "nemotron-h-56b", "arxiv", std::move(overrides)), 8);
  };
  const auto duet = evaluate("duet", {});
  const auto units = evaluate("ssm-units", {});
  const auto fused = evaluate("ssm-units", {"node_types.prefill_chiplet.vector.fuse_ssm=true"});
  REQUIRE((duet.fits && units.fits && fused.fits));
  // Half of the area multiplies matrices ...
  CHECK(units.prefill->peak_macs_per_s == Approx(duet.prefill->peak_macs_per_s));
  const double products = time_of(*units.prefill, "gemm") / time_of(*duet.prefill, "gemm");
  CHECK(products > 1.5);
  CHECK(products < 2.1);
  CHECK(time_of(*fused.prefill, "gemm") == Approx(time_of(*units.prefill, "gemm")).epsilon(0.02));
  // ... and element-wise intermediates go through SRAM.
  CHECK(time_of(*units.prefill, "ssm") > 2 * time_of(*fused.prefill, "ssm"));
  CHECK(units.prefill->bounds[platform::Resource::sram] > fused.prefill->bounds[platform::Resource::sram]);
  CHECK(duet.ttft_s < fused.ttft_s);
  CHECK(fused.ttft_s < units.ttft_s);
  // Decode waits for memory, whatever the arrays are.
  CHECK(units.tbt_s == Approx(duet.tbt_s).epsilon(0.1));
}

std::string refusal(const std::vector<std::string>& overrides) {
  try {
    platform::evaluate_point(small_request(small_platform_yaml(), overrides), 1);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("Arrays without a kernel that the model needs are a mistake before time 0", "[run][ssm_units]") {
  CHECK_THAT(refusal({"node_types.systolic.systolic.kernels=ssm"}),
             Catch::Contains("packages.only") && Catch::Contains("matrix products"));
  CHECK_THAT(refusal({"node_types.systolic.systolic.kernels=matrix"}),
             Catch::Contains("packages.only") && Catch::Contains("SSM"));
  CHECK_THAT(refusal({"node_types.systolic.systolic.kernels=scan"}),
             Catch::Contains("kernels") && Catch::Contains("matrix"));
  auto transformer = small_request(small_platform_yaml(), {"node_types.systolic.systolic.kernels=matrix"});
  transformer.model = platform::load_model(ConfigDocument::from_text(
      "name: t\nhidden_size: 512\nvocabulary_size: 4096\npattern: '*-'\n"
      "attention: {heads: 8, kv_heads: 4, head_size: 64}\nmlp: {intermediate_size: 2048}\n",
      "model.yaml"));
  CHECK(platform::evaluate_point(transformer, 1).ttft_s > 0);
}

}  // namespace
