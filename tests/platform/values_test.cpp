// SPDX-License-Identifier: Apache-2.0
// Functional mode: what a small platform computes, against a double-precision model and itself.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "../models/array_reference.hpp"
#include "duet/core/error.hpp"
#include "duet/platform/config/config_library.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/values/generation.hpp"
#include "duet/platform/values/weight_source.hpp"
#include "reference_model.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace duet;
using namespace duet::test;
using platform::ConfigDocument;
using platform::Generation;
using platform::GenerationRequest;
using platform::GenerationStep;

namespace {

const std::string configs = DUET_SOURCE_DIR "/configs";

GenerationRequest small_generation(std::vector<std::string> of_platform = {},
                                   const std::vector<std::string>& of_model = {}) {
  of_platform.insert(of_platform.begin(), "values=functional");
  GenerationRequest request;
  request.platform =
      platform::load_platform(ConfigDocument::from_file(configs + "/platforms/small.yaml", of_platform));
  request.model =
      platform::load_model(ConfigDocument::from_file(configs + "/models/tiny-hybrid.yaml", of_model));
  request.prompt = {{5, 17, 3, 200, 41, 7, 99, 12}, {250, 1, 77, 77, 8, 130, 64, 31}};
  request.new_tokens = 4;
  request.seed = 1;
  return request;
}

// Correctly rounded functions, so that roundings are the only errors.
const std::vector<std::string> exact_functions{"node_types.prefill_chiplet.systolic.sfu.exact=true",
                                               "node_types.decode_chiplet.vector.sfu.exact=true"};

ReferenceModel reference(const GenerationRequest& request) {
  return {request.model, [source = platform::WeightSource(request.seed)](const std::string& tensor,
                                                                         uint64_t columns, uint64_t index) {
            return round_half(static_cast<float>(source.element(tensor, columns, index)));
          }};
}

/// The largest distance of logits from the reference, in standard deviations of what rounding explains.
double distance(const std::vector<float>& logits, const Vector& expected) {
  REQUIRE(logits.size() == expected.size());
  double largest = 0;
  for (size_t i = 0; i < logits.size(); ++i)
    largest = std::max(largest, std::abs(logits[i] - expected[i].value) / std::sqrt(expected[i].variance));
  return largest;
}

// 256 logits a step, normally distributed to a good approximation: beyond six deviations lie 2e-9 of them.
constexpr double bound = 6;

struct Run {
  std::vector<GenerationStep> steps;
  std::vector<platform::MemoryDigest> digests;
};

Run run(const GenerationRequest& request) {
  Generation generation(request);
  Run result;
  for (uint64_t i = 0; i < request.new_tokens; ++i) result.steps.push_back(generation.step());
  if (request.platform.values == core::ValuesMode::functional) result.digests = generation.digests();
  return result;
}

void check_same_values(const Run& a, const Run& b) {
  REQUIRE(a.steps.size() == b.steps.size());
  for (size_t i = 0; i < a.steps.size(); ++i) CHECK(a.steps[i].tokens == b.steps[i].tokens);
  REQUIRE(a.digests.size() == b.digests.size());
  for (size_t i = 0; i < a.digests.size(); ++i) {
    CHECK(a.digests[i].bytes > 10'000);
    CHECK(a.digests[i].sha256 == b.digests[i].sha256);
  }
}

void check_same_counts(const Run& a, const Run& b) {
  REQUIRE(a.steps.size() == b.steps.size());
  for (size_t i = 0; i < a.steps.size(); ++i) {
    const platform::ProgramRun& x = a.steps[i].run;
    const platform::ProgramRun& y = b.steps[i].run;
    CHECK(x.records.size() == y.records.size());
    CHECK(x.doorbells == y.doorbells);
    CHECK(x.mode_writes == y.mode_writes);
    CHECK(x.mode_switches == y.mode_switches);
    CHECK(x.memory.bytes_read == y.memory.bytes_read);
    CHECK(x.memory.bytes_written == y.memory.bytes_written);
  }
}

std::string refusal(const std::vector<std::string>& of_platform, const std::vector<std::string>& of_model) {
  try {
    Generation generation(small_generation(of_platform, of_model));
  } catch (const core::UserError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("A hybrid model's logits are those of double precision within what rounding explains", "[values]") {
  const bool gated = GENERATE(false, true);
  std::vector<std::string> of_model;
  if (gated) of_model = {"mlp.matrices=3", "mlp.activation=silu"};
  const GenerationRequest request = small_generation(exact_functions, of_model);
  Generation generation(request);
  std::vector<ReferenceModel> models(request.prompt.size(), reference(request));
  std::vector<Vector> expected(models.size());
  for (size_t s = 0; s < models.size(); ++s) {
    for (const uint32_t token : request.prompt[s]) expected[s] = models[s].next(token);
  }
  unsigned clear = 0;
  for (uint64_t i = 0; i < request.new_tokens; ++i) {
    const GenerationStep step = generation.step();
    const auto logits = generation.logits();
    for (size_t s = 0; s < models.size(); ++s) {
      CAPTURE(i, s);
      CHECK(distance(logits[s], expected[s]) < bound);
      // The winner is certain where no other logit may have come that far.
      const auto best = std::ranges::max_element(expected[s], {}, &Uncertain::value);
      const double deviation = std::sqrt(best->variance);
      const bool is_clear = std::ranges::none_of(expected[s], [&](const Uncertain& other) {
        return &other != &*best &&
               other.value + bound * (std::sqrt(other.variance) + deviation) > best->value;
      });
      clear += is_clear ? 1 : 0;
      if (is_clear) CHECK(step.tokens[s] == static_cast<uint32_t>(best - expected[s].begin()));
      expected[s] = models[s].next(step.tokens[s]);
    }
  }
  CHECK(clear >= 4);  // of 8
}

TEST_CASE("A wrong weight, a wrong token and a lost state show in the logits", "[values]") {
  const GenerationRequest request = small_generation(exact_functions);
  Generation generation(request);
  generation.step();
  const std::vector<float> logits = generation.logits().front();
  const auto distance_if = [&](const Weights& weights, size_t skip) {
    ReferenceModel model(request.model, weights);
    Vector expected;
    for (size_t t = skip; t < request.prompt[0].size(); ++t) expected = model.next(request.prompt[0][t]);
    return distance(logits, expected);
  };
  const platform::WeightSource source(request.seed);
  const Weights right = [&](const std::string& tensor, uint64_t columns, uint64_t index) {
    return round_half(static_cast<float>(source.element(tensor, columns, index)));
  };
  CHECK(distance_if(right, 0) < bound);
  CHECK(distance_if(right, 1) > bound);
  for (const std::string tensor :
       {"layer.0.mamba.a", "layer.1.mlp.up", "layer.3.attention.k", "layer.5.mamba.gated_norm"}) {
    CAPTURE(tensor);
    CHECK(
        distance_if([&](const std::string& name, uint64_t columns,
                        uint64_t index) { return right(name, columns, index) * (name == tensor ? 1.25 : 1); },
                    0) > bound);
  }
}

TEST_CASE("Prefill of some tokens and decode of the others give what decode of all of them gives",
          "[values]") {
  GenerationRequest whole = small_generation(exact_functions);
  const auto all = whole.prompt;
  const size_t length = all.front().size();
  const auto logits_after_prefill_of = [&](size_t prompt) {
    GenerationRequest request = whole;
    for (size_t s = 0; s < all.size(); ++s) request.prompt[s].resize(prompt);
    request.new_tokens = length - prompt + 1;
    Generation generation(request);
    generation.step();
    for (size_t t = prompt; t < length; ++t) {
      std::vector<uint32_t> tokens;
      for (const auto& sequence : all) tokens.push_back(sequence[t]);
      generation.force(tokens);
      generation.step();
    }
    return generation.logits();
  };
  const auto decoded = logits_after_prefill_of(1);
  std::vector<Vector> expected;
  for (const auto& sequence : all) {
    ReferenceModel model = reference(whole);
    Vector logits;
    for (const uint32_t token : sequence) logits = model.next(token);
    expected.push_back(logits);
  }
  for (const size_t prompt : {size_t{3}, length}) {
    const auto mixed = logits_after_prefill_of(prompt);
    for (size_t s = 0; s < all.size(); ++s) {
      for (size_t i = 0; i < expected[s].size(); ++i) {
        const double deviation = std::sqrt(expected[s][i].variance);
        CHECK(std::abs(decoded[s][i] - mixed[s][i]) < bound * std::sqrt(2.0) * deviation);
      }
    }
  }
}

TEST_CASE("A product in memory is bit by bit what the arrays' order of sums gives", "[values]") {
  GenerationRequest request = small_generation(exact_functions);
  Generation generation(request);
  generation.step();
  const uint64_t rows = request.prompt.size() * request.prompt.front().size();
  const uint64_t k = request.model.mamba->inner_size;
  const uint64_t hidden = request.model.hidden_size;
  const platform::WeightSource source(request.seed);
  std::vector<uint16_t> a(rows * k);
  for (unsigned p = 0; p < 4; ++p) {
    const auto block = generation.tensor("layer.0.mamba.gated_norm", p);
    REQUIRE(block.size() == rows * k / 4);
    for (uint64_t i = 0; i < block.size(); ++i) a[i / (k / 4) * k + p * (k / 4) + i % (k / 4)] = block[i];
  }
  for (unsigned p = 0; p < 4; ++p) {
    const uint64_t n = hidden / 4;
    std::vector<uint16_t> b(k * n);
    for (uint64_t row = 0; row < k; ++row) {
      for (uint64_t column = 0; column < n; ++column)
        b[row * n + column] = half_bits(
            static_cast<float>(source.element("layer.0.mamba.out_proj", k, (p * n + column) * k + row)));
    }
    const auto product = reference_gemm({{.m = rows, .k = k, .n = n}, a, b}, Rounding{false});
    const auto stream = generation.tensor("embedding.out", p);
    const auto result = generation.tensor("layer.0.mamba.out", p);
    REQUIRE(result.size() == product.size());
    for (uint64_t i = 0; i < result.size(); ++i)
      REQUIRE(result[i] == half_bits(round_half(product[i].value) + half_to_double(stream[i])));
  }
}

TEST_CASE("Functional and timing mode take the same times and counts", "[values]") {
  const Run functional = run(small_generation());
  const Run timing = run(small_generation({"values=timing"}));
  check_same_counts(functional, timing);
  for (size_t i = 0; i < functional.steps.size(); ++i) {
    const platform::ProgramRun& a = functional.steps[i].run;
    const platform::ProgramRun& b = timing.steps[i].run;
    CHECK(a.end_ps - a.start_ps == b.end_ps - b.start_ps);
    for (size_t r = 0; r < a.records.size(); ++r) {
      REQUIRE(a.records[r].chiplet == b.records[r].chiplet);
      REQUIRE(a.records[r].index == b.records[r].index);
      REQUIRE(a.records[r].start_ps == b.records[r].start_ps);
      REQUIRE(a.records[r].end_ps == b.records[r].end_ps);
    }
    CHECK(timing.steps[i].tokens.empty());
  }
}

TEST_CASE("Arrays at level pe give the values and times of level tile", "[values]") {
  const Run tile = run(small_generation());
  const Run pe = run(small_generation(
      {"node_types.prefill_chiplet.systolic.level=pe", "node_types.decode_chiplet.vector.level=pe"}));
  check_same_values(tile, pe);
  for (size_t i = 0; i < tile.steps.size(); ++i)
    CHECK(tile.steps[i].run.end_ps - tile.steps[i].run.start_ps ==
          pe.steps[i].run.end_ps - pe.steps[i].run.start_ps);
}

TEST_CASE("Native and RISC-V drivers leave the same values in memory", "[values]") {
  const Run native = run(small_generation());
  const Run riscv =
      run(small_generation({"packages.prefill.driver.kind=riscv", "packages.decode.driver.kind=riscv"}));
  check_same_values(native, riscv);
  check_same_counts(native, riscv);
  for (const GenerationStep& step : riscv.steps) CHECK(step.run.driver_instructions > 1000);
  const Run other = run([] {
    GenerationRequest request = small_generation();
    request.seed = 2;
    return request;
  }());
  CHECK(other.digests[1].sha256 != native.digests[1].sha256);
}

TEST_CASE("A chiplet that hangs and is restarted leaves the same values", "[values][recovery]") {
  const Run whole = run(small_generation());
  GenerationRequest request = small_generation({"packages.decode.driver.timeout=1 ms"});
  const platform::ProgramRun& decode = whole.steps[1].run;
  request.platform.packages.at("decode").hangs = {
      {.at_ps = (decode.start_ps + decode.end_ps) / 2, .chiplet = 1}};
  const Run interrupted = run(request);
  CHECK(interrupted.steps[1].run.restarts == 1);
  CHECK(interrupted.steps[1].run.end_ps - interrupted.steps[1].run.start_ps > 1'000'000'000);
  check_same_values(whole, interrupted);
}

TEST_CASE("Memory and NoI levels of detail do not change values", "[values]") {
  const Run fast = run(small_generation());
  const Run detailed = run(small_generation(
      {"node_types.gddr7_phy.memory.level=command", "packages.prefill.noi.level=flit", "granularity=4 KiB"}));
  check_same_values(fast, detailed);
}

TEST_CASE("One mixed package computes both phases", "[values]") {
  const bool separate = GENERATE(false, true);  // an SSM-only engine beside one for products
  GenerationRequest request = small_generation();
  const auto& types = request.platform.node_types;
  core::NodeTypeDescription mixed = types.at("prefill_chiplet");
  mixed.vector = types.at("decode_chiplet").vector;
  if (separate) {
    mixed.systolic->kernels = core::ArrayKernels::matrix;
    mixed.vector->kernels = core::ArrayKernels::ssm;
  }
  request.platform.node_types["prefill_chiplet"] = mixed;
  request.platform.packages.erase("decode");
  request.platform.inter_package_link.reset();
  core::PackageDescription& package = request.platform.packages.at("prefill");
  package.role = core::PackageRole::both;
  std::erase_if(package.nodes, [](const auto& node) { return node.type == core::link_port_type; });
  const Run one = run(request);
  const Run two = run(small_generation());
  REQUIRE(one.steps.size() == two.steps.size());
  for (size_t i = 0; i < one.steps.size(); ++i) CHECK(one.steps[i].tokens == two.steps[i].tokens);
}

TEST_CASE("The shipped DUET packages compute values, as many prefill chiplets as there are decode chiplets",
          "[values]") {
  GenerationRequest request = small_generation({}, {"mamba.groups=8", "attention.kv_heads=8", "pattern=M*-"});
  request.platform = platform::load_platform(
      ConfigDocument::from_file(configs + "/platforms/duet.yaml",
                                {"values=functional", "node_types.prefill_chiplet.systolic.sfu.exact=true",
                                 "node_types.decode_chiplet.vector.sfu.exact=true"}));
  request.new_tokens = 2;
  Generation generation(request);
  ReferenceModel model = reference(request);
  Vector expected;
  for (const uint32_t token : request.prompt[0]) expected = model.next(token);
  const GenerationStep prefill = generation.step();
  CHECK(distance(generation.logits()[0], expected) < bound);
  generation.step();
  CHECK(distance(generation.logits()[0], model.next(prefill.tokens[0])) < bound);
}

TEST_CASE("Weights may come from files", "[values]") {
  const TemporaryFolder folder;
  GenerationRequest request = small_generation({}, {"pattern=M*-"});
  platform::WeightSource source(request.seed);
  const auto write = [&](const std::string& tensor, uint64_t rows, uint64_t columns) {
    std::ofstream file(folder.file(tensor + ".f16"), std::ios::binary);
    for (const uint16_t word : source.words(tensor, columns, 0, rows * columns))
      file << static_cast<char>(word & 0xff) << static_cast<char>(word >> 8);
  };
  const Run generated = run(request);
  request.weights = folder.file(".");
  CHECK_THROWS_WITH(Generation(request), Catch::Contains("embedding.table.f16"));
  write("embedding.table", 256, 64);
  write("head.final_norm", 1, 64);
  write("head.lm_head", 256, 64);
  write("layer.0.mamba.norm", 1, 64);
  write("layer.0.mamba.in_proj", 2 * 128 + 2 * 4 * 16 + 16, 64);
  write("layer.0.mamba.conv1d", 4, 128 + 2 * 4 * 16);
  write("layer.0.mamba.conv1d_bias", 1, 128 + 2 * 4 * 16);
  for (const std::string parameter : {"a", "d", "dt_bias"}) write("layer.0.mamba." + parameter, 1, 16);
  write("layer.0.mamba.gated_norm", 1, 128);
  write("layer.0.mamba.out_proj", 64, 128);
  write("layer.1.attention.norm", 1, 64);
  write("layer.1.attention.q", 128, 64);
  write("layer.1.attention.k", 64, 64);
  write("layer.1.attention.v", 64, 64);
  write("layer.1.attention.o_proj", 64, 128);
  write("layer.2.mlp.norm", 1, 64);
  write("layer.2.mlp.up", 128, 64);
  write("layer.2.mlp.down", 64, 127);
  CHECK_THROWS_WITH(Generation(request), Catch::Contains("found 8128 elements"));
  write("layer.2.mlp.down", 64, 128);
  check_same_values(generated, run(request));
}

TEST_CASE("What has no defined values is refused before time 0", "[values]") {
  CHECK(refusal({}, {"attention.rotary=true"}).find("attention.rotary: found true") != std::string::npos);
  CHECK(refusal({}, {"mamba.groups=2"}).find("mamba.groups: found 2") != std::string::npos);
  CHECK(refusal({}, {"vocabulary_size=255"}).find("vocabulary_size: found 255") != std::string::npos);
  CHECK(refusal({}, {"tie_embeddings=true"}).find("tie_embeddings") != std::string::npos);
  CHECK(refusal({}, {"kv_element_bytes=1"}).find("kv_element_bytes: found 1") != std::string::npos);
  CHECK(refusal({"packages.decode.driver.attempts=2"}, {}).find("attempts: found 2") != std::string::npos);
  CHECK(refusal({}, {}).empty());
  const auto result =
      run_program("duet-vp run small --model tiny-hybrid --workload chat --set values=functional 2>&1");
  CHECK(result.exit_code == 2);
  CHECK(result.output.find("values: found functional") != std::string::npos);
}
