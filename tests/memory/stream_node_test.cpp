// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "node_fixture.hpp"

using namespace duet;
using test::NodeFixture;
using test::Request;

namespace {

core::MemoryDescription node_of(const std::string& standard) {
  return standard == "hbm3e" ? core::hbm3e_node() : core::gddr7_node();
}

/// A sequential stream of `total` bytes in pieces.
std::vector<Request> sequential(uint64_t start, uint64_t total, uint32_t piece, bool write = false) {
  std::vector<Request> requests;
  for (uint64_t at = 0; at < total; at += piece)
    requests.push_back({.address = start + at, .bytes = piece, .write = write});
  return requests;
}

}  // namespace

TEST_CASE("capacity and peak follow from organisation and rate") {
  const core::MemoryDescription hbm = core::hbm3e_node();
  CHECK(core::capacity_bytes(hbm) == 24ULL << 30);
  CHECK(core::peak_bytes_per_second(hbm) == Approx(1.024e12));
  core::MemoryDescription gddr = core::gddr7_node();
  CHECK(core::capacity_bytes(gddr) == 2 * (8ULL << 30));
  gddr.stacks = 1;
  CHECK(core::peak_bytes_per_second(gddr) == Approx(128e9));
}

TEST_CASE("an idle read of a whole node takes 250 ns (HBM3e) and 300 ns (GDDR7)") {
  const bool hbm = GENERATE(true, false);
  NodeFixture fixture(node_of(hbm ? "hbm3e" : "gddr7"));
  fixture.initiator->requests = {{.time_ps = 5000, .address = 4096, .bytes = 32}};
  fixture.run();
  CHECK(fixture.initiator->requests[0].response_ps == 5000 + (hbm ? 250'000 : 300'000));
}

TEST_CASE("sequential reads and writes reach at least 92 % of peak with refresh on") {
  const std::string standard = GENERATE("hbm3e", "gddr7");
  const bool write = GENERATE(false, true);
  NodeFixture fixture(node_of(standard));
  constexpr uint64_t total = 64 << 20;
  fixture.initiator->requests = sequential(0, total, 1 << 20, write);
  fixture.run();
  const double seconds = static_cast<double>(fixture.initiator->last_done_ps()) * 1e-12;
  const double rate =
      total / (seconds - static_cast<double>(core::idle_latency_ps(fixture.node->description())) * 1e-12);
  CHECK(rate > 0.92 * fixture.node->peak_bytes_per_second());
  CHECK(rate < 1.001 * fixture.node->peak_bytes_per_second());  // a write latency is below the read latency
  const memory::MemoryCounters counters = fixture.node->counters();
  CHECK((write ? counters.bytes_written : counters.bytes_read) == total);
}

TEST_CASE("cutting a bulk stream four times finer moves its end by less than 1 %") {
  const uint32_t piece = GENERATE(16u << 20, 1u << 20, 256u << 10, 64u << 10);
  uint64_t end[2];
  for (const int finer : {0, 1}) {
    NodeFixture fixture(core::hbm3e_node());
    fixture.initiator->requests = sequential(0, 32 << 20, finer != 0 ? piece / 4 : piece);
    fixture.run();
    end[finer] = fixture.initiator->last_done_ps();
  }
  CHECK(static_cast<double>(end[1]) == Approx(static_cast<double>(end[0])).epsilon(0.01));
}

TEST_CASE("a small read does not wait for queued bulk transfers") {
  NodeFixture fixture(core::hbm3e_node());
  auto& requests = fixture.initiator->requests;
  requests = sequential(0, 8 << 20, 1 << 20);
  requests.push_back({.time_ps = 600'000, .address = 1ULL << 32, .bytes = 256});
  fixture.run();
  CHECK(requests.back().response_ps - 600'000 < 2 * 250'000);
  CHECK(requests.back().response_ps - 600'000 >= 250'000);
}

TEST_CASE("two bulk streams share the bandwidth fairly, also when one has more outstanding") {
  NodeFixture fixture(core::hbm3e_node());
  auto& requests = fixture.initiator->requests;
  const auto a = sequential(0, 8 << 20, 256 << 10);
  const auto b = sequential(1ULL << 32, 8 << 20, 256 << 10);
  requests = a;  // a's 32 requests arrive first
  requests.insert(requests.end(), b.begin(), b.end());
  fixture.run();
  const uint64_t a_end = requests[a.size() - 1].last_data_ps;
  const uint64_t b_end = requests.back().last_data_ps;
  CHECK(static_cast<double>(a_end) == Approx(static_cast<double>(b_end)).epsilon(0.06));
}

TEST_CASE("cut-through answers at the first byte and states the last") {
  for (const bool through : {false, true}) {
    NodeFixture fixture(core::hbm3e_node());
    auto& requests = fixture.initiator->requests;
    requests = {{.bytes = 1 << 20, .cut_through = through}};
    fixture.run();
    const uint64_t transfer_ps = uint64_t{1 << 20} * 1000 / 1024;
    CHECK(requests[0].last_data_ps > 250'000 + transfer_ps * 99 / 100);
    CHECK(requests[0].last_data_ps < 250'000 + transfer_ps * 108 / 100);
    CHECK(requests[0].response_ps == (through ? 250'000 : requests[0].last_data_ps));
  }
}
