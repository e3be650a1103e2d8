// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <random>

#include "duet/memory/command/command_engine.hpp"
#include "duet/memory/stream_engine.hpp"
#include "duet/memory/trace_runner.hpp"
#include "engine_driver.hpp"

using namespace duet;

namespace {

core::MemoryDescription node_of(const std::string& standard) {
  core::MemoryDescription memory = standard == "gddr7_32000" ? core::gddr7_node() : core::hbm3e_node();
  memory.standard = standard;
  return memory;
}

std::vector<memory::Transfer> pattern_of(const std::string& pattern, uint64_t size, uint64_t total,
                                         uint64_t capacity) {
  std::mt19937_64 random(7);
  std::vector<memory::Transfer> transfers(std::max<uint64_t>(4, total / size));
  for (uint64_t index = 0; index < transfers.size(); ++index) {
    memory::Transfer& transfer = transfers[index];
    transfer.bytes = size;
    if (pattern == "random" || pattern == "mixed") {
      transfer.address = random() % (capacity / size) * size;
    } else if (pattern == "two streams" || pattern == "copy") {
      // Two initiators that want other rows of the same banks; the second one reads, or writes.
      transfer.address = index / 2 * size + index % 2 * (capacity / 2);
      transfer.initiator = static_cast<uint32_t>(1 + index % 2);
    } else {
      transfer.address = index * size * (pattern == "strided" ? 3 : 1);
    }
    transfer.write = pattern == "writes" || (pattern == "mixed" && (random() & 1) != 0) ||
                     (pattern == "copy" && index % 2 != 0);
  }
  return transfers;
}

/// 2 % for sequential and strided transfers of 4 KiB and more, 8 % otherwise.
double bandwidth_tolerance(const std::string& pattern, uint64_t size) {
  const bool regular = pattern == "sequential" || pattern == "writes" || pattern == "strided";
  return regular && size >= 4096 ? 0.02 : 0.08;
}

/// Runs both levels, saturated (2 MiB outstanding) and one at a time, and compares.
void compare(const std::string& standard, const std::string& pattern, uint64_t size, uint64_t total) {
  const core::MemoryDescription description = node_of(standard);
  const uint64_t capacity = core::capacity_bytes(description);
  for (const bool saturated : {true, false}) {
    const size_t window = saturated ? std::max<uint64_t>(4, (2 << 20) / size) : 1;
    const auto transfers =
        pattern_of(pattern, size, saturated ? total : std::min(total, 256 * size), capacity);
    memory::StreamEngine stream(description);
    memory::CommandEngine command(description);
    const test::DriveResult fast = test::drive(stream, transfers, window);
    const test::DriveResult exact = test::drive(command, transfers, window);
    INFO(standard << " " << pattern << " " << size << " B, window " << window << ": stream "
                  << fast.bytes_per_second * 1e-9 << " GB/s " << fast.mean_latency_ps * 1e-3
                  << " ns, command " << exact.bytes_per_second * 1e-9 << " GB/s "
                  << exact.mean_latency_ps * 1e-3 << " ns");
    const double tolerance = bandwidth_tolerance(pattern, size);
    if (saturated) CHECK(fast.bytes_per_second == Approx(exact.bytes_per_second).epsilon(tolerance));
    CHECK(fast.mean_latency_ps == Approx(exact.mean_latency_ps).epsilon(0.15));
  }
}

}  // namespace

TEST_CASE("stream agrees with command over patterns and sizes") {
  const std::string standard = GENERATE("hbm3e_8000", "gddr7_32000");
  const std::string pattern =
      GENERATE("sequential", "writes", "strided", "random", "mixed", "two streams", "copy");
  const uint64_t size = GENERATE(256, 4096, 65536);
  compare(standard, pattern, size, 6 << 20);
}

TEST_CASE("stream agrees with command over all patterns and sizes to 16 MiB", "[.][soak]") {
  const std::string standard = GENERATE("hbm3e_8000", "gddr7_32000");
  const std::string pattern =
      GENERATE("sequential", "writes", "strided", "random", "mixed", "two streams", "copy");
  const uint64_t size = GENERATE(256, 1024, 4096, 16384, 65536, 1 << 20, 16 << 20);
  compare(standard, pattern, size, 24 << 20);
}

TEST_CASE("at the command level sequential reads reach 92 % of peak with refresh on") {
  const std::string standard = GENERATE("hbm3e_8000", "gddr7_32000");
  const core::MemoryDescription description = node_of(standard);
  memory::CommandEngine command(description);
  const auto result = test::drive(command, pattern_of("sequential", 1 << 20, 16 << 20, 0), 4);
  CHECK(result.bytes_per_second > 0.92 * core::peak_bytes_per_second(description));
  CHECK(result.bytes_per_second < core::peak_bytes_per_second(description));
}

TEST_CASE("per-bank refresh costs less than all-bank refresh and leaves 98 % of sequential HBM2 reads") {
  const auto bandwidth = [](core::RefreshMode refresh) {
    core::MemoryDescription memory;
    memory.standard = "hbm2_2000";
    memory.refresh = refresh;
    memory.read_queue = memory.write_queue = 32;
    memory.refresh_postpone = 0;
    memory::ChannelController controller(memory);
    memory::Cycle end = 0;
    std::vector<memory::TraceRequest> trace(100'000);
    for (size_t index = 0; index < trace.size(); ++index) trace[index].address = index * 32;
    for (const auto& outcome : run_trace(controller, trace, 1000)) end = std::max(end, outcome.done);
    return 100'000.0 / static_cast<double>(end);  // one burst a clock is the peak
  };
  const double none = bandwidth(core::RefreshMode::none);
  const double per_bank = bandwidth(core::RefreshMode::per_bank);
  const double all_bank = bandwidth(core::RefreshMode::all_bank);
  INFO("share of peak: none " << none << ", per bank " << per_bank << ", all bank " << all_bank);
  CHECK(none > 0.999);
  CHECK(per_bank >= 0.98);
  CHECK(all_bank < per_bank);
}
