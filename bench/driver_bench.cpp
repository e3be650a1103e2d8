// SPDX-License-Identifier: Apache-2.0
// Host time of a Nemotron-H-56B decode step (all 118 layers, batch 8) with the driver inside the simulator
// and on the simulated core. Goal: RISC-V dispatch costs less than 20 % more than native.
#include <benchmark/benchmark.h>

#include "duet/platform/run/evaluate.hpp"
#include "duet/platform/run/load_request.hpp"

namespace {

using namespace duet;
using namespace duet::platform;

void decode_step(benchmark::State& state, core::DriverKind kind) {
  RunRequest request = load_request(ConfigLibrary(DUET_SOURCE_DIR "/configs"),
                                    {"duet", "nemotron-h-56b", "arxiv", {"reuse_layers=false"}});
  for (auto& [name, package] : request.platform.packages) package.driver.kind = kind;
  PhaseResult phase;
  for (auto _ : state) phase = evaluate_phase(request, workload::Phase::decode, 8);
  state.counters["simulated_ms"] = phase.time_s * 1e3;
  state.counters["driver_share_percent"] = phase.driver_share() * 100;
  state.counters["driver_instructions"] = static_cast<double>(phase.driver_instructions);
}

}  // namespace

BENCHMARK_CAPTURE(decode_step, native, duet::core::DriverKind::native)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode_step, riscv, duet::core::DriverKind::riscv)->Unit(benchmark::kMillisecond);
