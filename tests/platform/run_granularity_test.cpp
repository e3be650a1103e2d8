// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "run_fixture.hpp"

using namespace duet;
using namespace duet::test;

namespace {

void check_close(const platform::PointResult& fine, const platform::PointResult& coarse, double tolerance) {
  CHECK(fine.ttft_s == Approx(coarse.ttft_s).epsilon(tolerance));
  CHECK(fine.tbt_s == Approx(coarse.tbt_s).epsilon(tolerance));
}

TEST_CASE("A granularity four times finer moves TTFT and TBT by less than 1 %", "[run][granularity]") {
  const uint64_t batch = GENERATE(1, 8);
  check_close(platform::evaluate_point(short_request({"granularity=64 KiB"}), batch),
              platform::evaluate_point(short_request(), batch), 0.01);
}

TEST_CASE("So it does on the small platform, whose chiplets hold little", "[run][granularity]") {
  check_close(
      platform::evaluate_point(shipped_request("small", "mamba2-130m", "chat", {"granularity=32 KiB"}), 1),
      platform::evaluate_point(shipped_request("small", "mamba2-130m", "chat"), 1), 0.01);
}

// Smaller pieces switch the memories between reads and writes more often: 3 % at most were measured.
TEST_CASE("Four times the steps move TTFT and TBT by less than 4 %", "[run][granularity]") {
  const uint64_t batch = GENERATE(1, 8);
  check_close(platform::evaluate_point(short_request({"mapping.steps=32"}), batch),
              platform::evaluate_point(short_request(), batch), 0.04);
}

// Short pieces of many readers and writers: memories that placed all transfers by row sets were 3.5 % off
// here.
TEST_CASE("So it does for the whole model and short prompts", "[.][soak]") {
  const auto chat = [](std::vector<std::string> set) {
    return platform::evaluate_point(shipped_request("duet", "nemotron-h-56b", "chat", std::move(set)), 8);
  };
  check_close(chat({"granularity=64 KiB"}), chat({}), 0.01);
}

TEST_CASE("TBT grows with the batch where pieces are short", "[.][soak]") {
  const platform::RunRequest request = shipped_request("prefill-friendly", "llama3-8b", "chat");
  double last_s = 0;
  for (const uint64_t batch : {4, 8, 12, 16, 32}) {
    const double tbt_s = platform::evaluate_point(request, batch).tbt_s;
    CHECK(tbt_s > last_s);
    last_s = tbt_s;
  }
}

}  // namespace
