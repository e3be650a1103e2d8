// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <random>

#include "array_naive_grid.hpp"
#include "duet/core/array_timing.hpp"
#include "duet/core/simulation_context.hpp"
#include "duet/models/systolic/systolic_trace.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace {

using namespace duet;

constexpr double clock_hz = 700e6;

std::vector<uint16_t> random_halves(size_t count, float scale, float mean) {
  static std::mt19937_64 random{1};
  std::normal_distribution<float> normal(mean, scale);
  std::vector<uint16_t> values(count);
  for (uint16_t& value : values) value = models::fp16_from_float(normal(random));
  return values;
}

// 64 x 32 PEs, Mamba-2, 2,048 tokens with values.
struct SsmKernel {
  core::SsmShape shape{.tokens = 2048, .channels = 64, .states = 32};
  std::vector<uint16_t> x = random_halves(2048 * 64, 1.0F, 0.0F);
  std::vector<uint16_t> delta = random_halves(2048, 1.0F, -2.0F);
  std::vector<uint16_t> a = random_halves(1, 0.1F, -1.0F);
  std::vector<uint16_t> b = random_halves(2048 * 32, 0.5F, 0.0F);
  std::vector<uint16_t> c = random_halves(2048 * 32, 0.5F, 0.0F);
  std::vector<uint16_t> d = random_halves(64, 1.0F, 0.0F);

  [[nodiscard]] models::SsmOperands operands() const { return {shape, x, delta, a, b, c, d, {}}; }
};

core::SystolicArrayDescription description(int64_t fp32) {
  core::SystolicArrayDescription array;
  array.accumulation = fp32 != 0 ? core::Accumulation::fp32 : core::Accumulation::fp16;
  return array;
}

// Argument: 0 FP16, 1 FP32 accumulation.
void systolic_ssm_pe(benchmark::State& state) {
  const SsmKernel kernel;
  models::SystolicEngine engine(description(state.range(0)), clock_hz);
  engine.set_mode(models::SystolicMode::ssm);
  double pe_cycles = 0;
  for (auto _ : state) {
    const models::ArrayRun run = engine.ssm(kernel.operands());
    pe_cycles += static_cast<double>(run.time.cycles) * 64 * 32;
  }
  state.counters["pe_cycles/s"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(systolic_ssm_pe)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// The same with a VCD of 16 PEs.
void systolic_ssm_pe_vcd(benchmark::State& state) {
  const SsmKernel kernel;
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
    const models::ArrayRun run = engine.ssm(kernel.operands());
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
  const core::GemmShape shape{256, 1024, 128};
  const auto a = random_halves(shape.m * shape.k, 1.0F, 0.0F);
  const auto b = random_halves(shape.k * shape.n, 1.0F, 0.0F);
  models::SystolicEngine engine(description(state.range(0)), clock_hz);
  double pe_cycles = 0;
  for (auto _ : state) pe_cycles += static_cast<double>(engine.gemm({shape, a, b}).time.cycles) * 64 * 32;
  state.counters["pe_cycles/s"] = benchmark::Counter(pe_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(systolic_gemm_pe)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void vector_gemv_pe(benchmark::State& state) {
  const core::GemvShape shape{1024, 512, 8};
  const auto matrix = random_halves(shape.n * shape.k, 1.0F, 0.0F);
  const auto vectors = random_halves(shape.vectors * shape.k, 1.0F, 0.0F);
  models::VectorEngine engine({}, clock_hz);
  double lane_cycles = 0;
  for (auto _ : state) {
    lane_cycles += static_cast<double>(engine.gemv({shape, matrix, vectors}).time.cycles) * 16 * 8 * 32;
  }
  state.counters["lane_cycles/s"] = benchmark::Counter(lane_cycles, benchmark::Counter::kIsRate);
}
BENCHMARK(vector_gemv_pe)->Unit(benchmark::kMillisecond);

// Whole chiplets at the tile level; shapes differ from call to call.
void chiplet_gemm_tiles(benchmark::State& state) {
  const core::SystolicArrayDescription array;
  double tiles = 0;
  uint64_t m = 2048;
  for (auto _ : state) {
    const core::ChipletTime time = core::chiplet_gemm_time(array, clock_hz, {m, 8192, 2320});
    benchmark::DoNotOptimize(time.total.cycles);
    tiles += static_cast<double>(time.tiles);
    m = m == 4096 ? 2048 : m + 1;
  }
  state.counters["tiles/s"] = benchmark::Counter(tiles, benchmark::Counter::kIsRate);
}
BENCHMARK(chiplet_gemm_tiles);

void chiplet_ssm_tiles(benchmark::State& state) {
  const core::SystolicArrayDescription array;
  double tiles = 0;
  uint64_t tokens = 2048;
  for (auto _ : state) {
    const core::ChipletTime time = core::chiplet_ssm_prefill_time(
        array, clock_hz, {.tokens = tokens, .channels = 1024, .states = 256, .chunk = 256}, 8);
    benchmark::DoNotOptimize(time.total.cycles);
    tiles += static_cast<double>(time.tiles);
    tokens = tokens == 4096 ? 2048 : tokens + 1;
  }
  state.counters["tiles/s"] = benchmark::Counter(tiles, benchmark::Counter::kIsRate);
}
BENCHMARK(chiplet_ssm_tiles);

void chiplet_gemv_tiles(benchmark::State& state) {
  const core::VectorArrayDescription array;
  double tiles = 0;
  uint64_t n = 4096;
  for (auto _ : state) {
    const core::ChipletTime time = core::chiplet_gemv_time(array, clock_hz, {n, 8192, 8});
    benchmark::DoNotOptimize(time.total.cycles);
    tiles += static_cast<double>(time.tiles);
    n = n == 8192 ? 4096 : n + 1;
  }
  state.counters["tiles/s"] = benchmark::Counter(tiles, benchmark::Counter::kIsRate);
}
BENCHMARK(chiplet_gemv_tiles);

}  // namespace
