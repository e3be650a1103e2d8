// SPDX-License-Identifier: Apache-2.0
// Activations that stay in SRAM from stage to stage: bytes at the memories against the model's shapes.
#include <catch2/catch.hpp>

#include "duet/workload/graph/build_graph.hpp"
#include "run_fixture.hpp"

using namespace duet;
using namespace duet::test;
using platform::PointResult;

namespace {

PointResult prefill_of(uint64_t prompt_tokens, const std::string& keep, uint64_t batch = 1) {
  platform::RunRequest request = small_request(small_platform_yaml(), {"mapping.keep=" + keep});
  request.workload.prompt_tokens = prompt_tokens;
  return platform::evaluate_point(request, batch);
}

}  // namespace

TEST_CASE("A prefill whose activations fit the SRAM reads weights only", "[run][kept]") {
  const uint64_t tokens = GENERATE(16, 40, 64);
  const platform::RunRequest request = small_request(small_platform_yaml());
  double weights = 0;
  double caches = 0;
  double activations = 0;
  for (const workload::Operator& op : workload::build_graph(request.model, workload::Phase::prefill,
                                                            {1, tokens, 0, workload::CachePolicy::keep})) {
    for (const auto& weight : op.weights) weights += static_cast<double>(weight.read_bytes());
    caches += static_cast<double>(op.cache_write_bytes());
    activations += static_cast<double>(op.output_bytes());
  }
  const PointResult kept = prefill_of(tokens, "0.75");
  const double written = kept.prefill->memory_bytes - kept.prefill->memory_bytes_read;
  // Descriptors are read too; the first token and the tokens of the prompt are next to nothing.
  CHECK(kept.prefill->memory_bytes_read == Approx(weights).epsilon(0.02));
  CHECK(written == Approx(caches).epsilon(0.02));

  const PointResult through_memory = prefill_of(tokens, "0");
  const double more = through_memory.prefill->memory_bytes_read - kept.prefill->memory_bytes_read;
  CHECK(more > 0.3 * activations);
  CHECK(kept.ttft_s < through_memory.ttft_s);
}

TEST_CASE("Activations that do not fit go through memory", "[run][kept]") {
  const PointResult none = prefill_of(16384, "0", 16);
  const PointResult kept = prefill_of(16384, "0.75", 16);
  CHECK(kept.prefill->memory_bytes == Approx(none.prefill->memory_bytes).epsilon(1e-3));
  CHECK(kept.ttft_s == Approx(none.ttft_s).epsilon(1e-3));
}

TEST_CASE("More room for activations never costs traffic", "[run][kept]") {
  const uint64_t tokens = GENERATE(100, 256, 1000, 3000);
  double before = prefill_of(tokens, "0").prefill->memory_bytes;
  for (const char* keep : {"0.25", "0.5", "0.75"}) {
    const double bytes = prefill_of(tokens, keep).prefill->memory_bytes;
    CHECK(bytes <= before * 1.02);  // less room for streams may cost another pass of a small operand
    before = bytes;
  }
}
