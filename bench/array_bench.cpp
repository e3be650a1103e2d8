// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "array_naive_grid.hpp"
#include "duet/core/array_timing.hpp"
#include "duet/core/simulation_context.hpp"
#include "duet/models/systolic/systolic_trace.hpp"
#include "duet/models/vector/generated_operands.hpp"

namespace {

using namespace duet;

constexpr double clock_hz = 700e6;

// 64 x 32 PEs, Mamba-2, 2,048 tokens with values.
constexpr core::SsmShape ssm_shape{.tokens = 2048, .channels = 64, .states = 32};

core::SystolicArrayDescription description(int64_t fp32) {
  core::SystolicArrayDescription array;
  array.accumulation = fp32 != 0 ? core::Accumulation::fp32 : core::Accumulation::fp16;
  return array;
}

// Argument: 0 FP16, 1 FP32 accumulation.
void systolic_ssm_pe(benchmark::State& state) {
  models::GeneratedOperands generate(1);
  const models::SsmOperands operands = generate.of(ssm_shape);
  models::SystolicEngine engine(description(state.range(0)), clock_hz);
  engine.set_mode(models::SystolicMode::ssm);
  double pe_cycles = 0;
  for (auto _ : state) {
    const models::ArrayRun run = engine.ssm(operands);
    pe_cycles += static_cast<double>(run.time.cycles) * 64 * 32;
  }
  state.counters["pe_cycles/s"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(systolic_ssm_pe)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// The same with a VCD of 16 PEs.
void systolic_ssm_pe_vcd(benchmark::State& state) {
  models::GeneratedOperands generate(1);
  const models::SsmOperands operands = generate.of(ssm_shape);
  models::SystolicEngine engine(description(state.range(0)), clock_hz);
  engine.set_mode(models::SystolicMode::ssm);
  double pe_cycles = 0;
  for (auto _ : state) {
    core::VcdOptions options;
    options.path = "/tmp/duet_array_bench.vcd";
    options.selection = core::NameSelection("array.pe[0..3][0..3]");
    core::VcdWriter vcd(options);
    models::SystolicTrace trace(vcd, "array", engine.description(), clock_hz);
    engine.observe(&trace);
    const models::ArrayRun run = engine.ssm(operands);
    engine.observe(nullptr);
    vcd.close();
    pe_cycles += static_cast<double>(run.time.cycles) * 64 * 32;
  }
  state.counters["pe_cycles/s"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(systolic_ssm_pe_vcd)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void systolic_ssm_naive_modules(benchmark::State& state) {
  const core::SimulationContext context;
  bench::NaiveGrid grid("grid", 64, 32);
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS));
  double pe_cycles = 0;
  for (auto _ : state) {
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
    pe_cycles += 100.0 * 64 * 32;
  }
  state.counters["pe_cycles/s"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(systolic_ssm_naive_modules)->Unit(benchmark::kMillisecond);

void systolic_gemm_pe(benchmark::State& state) {
  models::GeneratedOperands generate(1);
  const models::GemmOperands operands = generate.of(core::GemmShape{256, 1024, 128});
  models::SystolicEngine engine(description(state.range(0)), clock_hz);
  double pe_cycles = 0;
  for (auto _ : state) pe_cycles += static_cast<double>(engine.gemm(operands).time.cycles) * 64 * 32;
  state.counters["pe_cycles/s"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(systolic_gemm_pe)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void vector_gemv_pe(benchmark::State& state) {
  models::GeneratedOperands generate(1);
  const models::GemvOperands operands = generate.of(core::GemvShape{1024, 512, 8});
  models::VectorEngine engine({}, clock_hz);
  double lane_cycles = 0;
  for (auto _ : state) {
    lane_cycles += static_cast<double>(engine.gemv(operands).time.cycles) * 16 * 8 * 32;
  }
  state.counters["lane_cycles/s"] = benchmark::Counter(lane_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(vector_gemv_pe)->Unit(benchmark::kMillisecond);

// Whole chiplets at the tile level; `time_of(i)` is called with a number that differs from call to call.
template <class TimeOf>
void count_tiles(benchmark::State& state, TimeOf&& time_of) {
  double tiles = 0;
  uint64_t call = 0;
  for (auto _ : state) {
    const core::ChipletTime time = time_of(call++ % 2048);
    benchmark::DoNotOptimize(time.total.cycles);
    tiles += static_cast<double>(time.tiles);
  }
  state.counters["tiles/s"] = benchmark::Counter(tiles, benchmark::Counter::kIsRate);
}

void chiplet_gemm_tiles(benchmark::State& state) {
  const core::SystolicArrayDescription array;
  count_tiles(state, [&](uint64_t i) {
    return core::chiplet_gemm_time(array, clock_hz, {2048 + i, 8192, 2320});
  });
}
BENCHMARK(chiplet_gemm_tiles);

void chiplet_ssm_tiles(benchmark::State& state) {
  const core::SystolicArrayDescription array;
  count_tiles(state, [&](uint64_t i) {
    return core::chiplet_ssm_prefill_time(
        array, clock_hz, {.tokens = 2048 + i, .channels = 1024, .states = 256, .chunk = 256}, 8);
  });
}
BENCHMARK(chiplet_ssm_tiles);

void chiplet_gemv_tiles(benchmark::State& state) {
  const core::VectorArrayDescription array;
  count_tiles(state, [&](uint64_t i) {
    return core::chiplet_gemv_time(array, clock_hz, {4096 + i, 8192, 8});
  });
}
BENCHMARK(chiplet_gemv_tiles);

}  // namespace
