// SPDX-License-Identifier: Apache-2.0
// Host time of Nemotron-H-56B on DUET, all 118 layers and with reused layers. Goals on one core: a decode
// step at batch 32 below 2 s, a prefill of 4096 tokens at batch 1 below 5 s, reuse at least 8 times faster.
#include <benchmark/benchmark.h>

#include "duet/platform/run/evaluate.hpp"
#include "duet/platform/run/load_request.hpp"

namespace {

using namespace duet::platform;

RunRequest request(bool reuse_layers) {
  return load_request(
      ConfigLibrary(DUET_SOURCE_DIR "/configs"),
      {"duet",
       "nemotron-h-56b",
       "arxiv",
       {"workload.prompt_tokens=4096", reuse_layers ? "reuse_layers=true" : "reuse_layers=false"}});
}

void report(benchmark::State& state, const PhaseResult& phase) {
  state.counters["simulated_ms"] = phase.time_s * 1e3;
  state.counters["deltas/s"] = benchmark::Counter(static_cast<double>(phase.delta_cycles),
                                                  benchmark::Counter::kIsIterationInvariantRate);
  state.counters["transactions/s"] = benchmark::Counter(static_cast<double>(phase.transactions),
                                                        benchmark::Counter::kIsIterationInvariantRate);
}

void decode_step_batch_32(benchmark::State& state) {
  const RunRequest point = request(state.range(0) != 0);
  PhaseResult phase;
  for (auto _ : state) phase = evaluate_phase(point, duet::workload::Phase::decode, 32);
  report(state, phase);
}
BENCHMARK(decode_step_batch_32)->ArgName("reuse_layers")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void prefill_4096_tokens(benchmark::State& state) {
  const RunRequest point = request(state.range(0) != 0);
  PhaseResult phase;
  for (auto _ : state) phase = evaluate_phase(point, duet::workload::Phase::prefill, 1);
  report(state, phase);
}
BENCHMARK(prefill_4096_tokens)->ArgName("reuse_layers")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
