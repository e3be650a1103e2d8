// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "run_fixture.hpp"

using namespace duet;
using namespace duet::test;
using platform::PointResult;

namespace {

void check_close(const PointResult& reused, const PointResult& full, double tolerance) {
  CHECK(reused.ttft_s == Approx(full.ttft_s).epsilon(tolerance));
  CHECK(reused.tbt_s == Approx(full.tbt_s).epsilon(tolerance));
  CHECK(reused.decode->memory_bytes_read == Approx(full.decode->memory_bytes_read).epsilon(0.005));
  CHECK(reused.decode->memory_bytes == Approx(full.decode->memory_bytes).epsilon(0.005));
  CHECK(reused.prefill->memory_bytes == Approx(full.prefill->memory_bytes).epsilon(0.005));
  CHECK(reused.prefill->macs == full.prefill->macs);
  for (size_t i = 0; i < full.decode->layer_kinds.size(); ++i) {
    CHECK(reused.decode->layer_kinds[i].count == full.decode->layer_kinds[i].count);
  }
}

void compare(const std::string& model, const std::string& workload, uint64_t batch,
             double least_prefill_speedup, double least_decode_speedup = 1,
             const std::string& platform = "duet") {
  INFO(platform << ' ' << model << ' ' << workload << ' ' << batch);
  platform::RunRequest request = shipped_request(platform, model, workload);
  const PointResult full = platform::evaluate_point(request, batch);
  request.platform.reuse_layers = true;
  const PointResult reused = platform::evaluate_point(request, batch);
  REQUIRE(full.fits);
  CHECK(full.decode->simulated_layers == full.decode->layers);
  CHECK(static_cast<double>(full.prefill->layers) >=
        least_prefill_speedup * static_cast<double>(reused.prefill->simulated_layers));
  CHECK(static_cast<double>(full.decode->layers) >=
        least_decode_speedup * static_cast<double>(reused.decode->simulated_layers));
  check_close(reused, full, 0.005);
}

TEST_CASE("Reused layers give the times of all 118 layers of Nemotron-H-56B", "[run][reuse]") {
  compare("nemotron-h-56b", "arxiv", 1, 8, 8);
}

TEST_CASE("Reused layers give the times of long prompts and of other models", "[run][reuse][.][soak]") {
  compare("nemotron-h-56b", "arxiv", 32, 8, 8);
  compare("nemotron-h-56b", "chat", 8, 1, 8);
  compare("nemotron-h-56b", "chat", 128, 4);
  compare("llama3-8b", "arxiv", 8, 4);
  compare("zamba2-7b", "arxiv", 8, 7);
}

// Where memory and arrays are busy for about as long, layers are short, or few kinds of them come in a part.
TEST_CASE("Reused layers give the times near the ridge and of short layers", "[run][reuse][.][soak]") {
  compare("nemotron-h-56b", "chat", 4, 1);
  compare("nemotron-h-56b", "longwriter", 4, 1);
  compare("llama3-8b", "chat", 32, 1);
  compare("zamba2-7b", "longwriter", 16, 1);
  for (const char* platform : {"prefill-friendly", "decode-friendly", "b200"}) {
    compare("nemotron-h-56b", "chat", 2, 1, 1, platform);
    compare("nemotron-h-56b", "chat", 8, 1, 1, platform);
    compare("llama3-8b", "chat", 4, 1, 1, platform);
    compare("zamba2-7b", "chat", 2, 1, 1, platform);
    compare("zamba2-7b", "longwriter", 4, 1, 1, platform);
    compare("zamba2-7b", "chat", 32, 1, 1, platform);
  }
}

// A small model: memory runs ahead of the first layers and is caught up with later.
TEST_CASE("Phases in which memory and layers go at different paces are simulated whole", "[run][reuse]") {
  platform::RunRequest request = shipped_request("duet", "nemotron-h-8b", "chat");
  request.platform.reuse_layers = true;
  const PointResult point = platform::evaluate_point(request, 1);
  REQUIRE(point.fits);
  CHECK(point.prefill->simulated_layers == point.prefill->layers);
  CHECK(point.decode->simulated_layers == point.decode->layers);
}

TEST_CASE("A model too short to repeat anything is simulated whole", "[run][reuse]") {
  platform::RunRequest request = short_request();
  const PointResult full = platform::evaluate_point(request, 1);
  request.platform.reuse_layers = true;
  const PointResult reused = platform::evaluate_point(request, 1);
  CHECK(reused.ttft_s == full.ttft_s);
  CHECK(reused.tbt_s == full.tbt_s);
}

}  // namespace
