// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "duet/memory/command/channel_controller.hpp"
#include "duet/memory/stream_engine.hpp"
#include "duet/memory/trace_runner.hpp"
#include "memory/engine_driver.hpp"

using namespace duet;

namespace {

constexpr size_t requests = 200'000;

/// A standard with its finest refresh.
core::MemoryDescription memory_of(const char* standard) {
  core::MemoryDescription memory;
  memory.standard = standard;
  memory.refresh = core::standard_of(memory).timing.rfc_per_bank != 0 ? core::RefreshMode::per_bank
                                                                      : core::RefreshMode::all_bank;
  return memory;
}

/// Requests/s of one channel at the command level.
void command_level(benchmark::State& state, const char* standard, const char* pattern) {
  const core::MemoryDescription memory = memory_of(standard);
  const auto trace = memory::synthetic_trace(pattern, requests, memory, 1);
  for (auto _ : state) {
    memory::ChannelController controller(memory);
    benchmark::DoNotOptimize(run_trace(controller, trace, core::standard_of(memory).timing.tck_ps));
  }
  state.counters["requests/s"] =
      benchmark::Counter(static_cast<double>(requests), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(command_level, hbm3e_sequential, "hbm3e_8000", "sequential");
BENCHMARK_CAPTURE(command_level, hbm3e_strided, "hbm3e_8000", "strided");
BENCHMARK_CAPTURE(command_level, hbm3e_random, "hbm3e_8000", "random");
BENCHMARK_CAPTURE(command_level, hbm3e_conflict, "hbm3e_8000", "conflict");
BENCHMARK_CAPTURE(command_level, hbm3e_mixed, "hbm3e_8000", "mixed");
BENCHMARK_CAPTURE(command_level, gddr7_sequential, "gddr7_32000", "sequential");
BENCHMARK_CAPTURE(command_level, gddr7_random, "gddr7_32000", "random");
BENCHMARK_CAPTURE(command_level, gddr7_conflict, "gddr7_32000", "conflict");
BENCHMARK_CAPTURE(command_level, ddr4_sequential, "ddr4_2400", "sequential");
BENCHMARK_CAPTURE(command_level, ddr4_random, "ddr4_2400", "random");
BENCHMARK_CAPTURE(command_level, ddr4_conflict, "ddr4_2400", "conflict");

/// Transfers/s of the stream level of one channel, and of a whole HBM3e stack, 16 outstanding.
void stream_level(benchmark::State& state, const char* standard, uint64_t bytes) {
  const core::MemoryDescription memory = memory_of(standard);
  std::vector<memory::Transfer> transfers(requests);
  for (size_t index = 0; index < requests; ++index)
    transfers[index] = {.address = index * bytes % (uint64_t{1} << 30), .bytes = bytes};
  for (auto _ : state) {
    memory::StreamEngine engine(memory);
    benchmark::DoNotOptimize(test::drive(engine, transfers, 16));
  }
  state.counters["transfers/s"] =
      benchmark::Counter(static_cast<double>(requests), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(stream_level, one_channel_64_B, "ddr4_2400", 64);
BENCHMARK_CAPTURE(stream_level, one_channel_4_KiB, "ddr4_2400", 4096);
BENCHMARK_CAPTURE(stream_level, hbm3e_stack_256_B, "hbm3e_8000", 256);
BENCHMARK_CAPTURE(stream_level, hbm3e_stack_1_MiB, "hbm3e_8000", 1 << 20);

}  // namespace
