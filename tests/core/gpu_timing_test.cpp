// SPDX-License-Identifier: Apache-2.0
#include "duet/core/gpu_timing.hpp"

#include <catch2/catch.hpp>

using namespace duet;

namespace {

constexpr double clock_hz = 1.8e9;

core::GpuDescription without_latencies() {
  core::GpuDescription gpu;
  gpu.launch_latency_ps = 0;
  gpu.tile_latency_cycles = 0;
  return gpu;
}

duet_descriptor product(uint32_t m, uint32_t k, uint32_t n) {
  duet_descriptor descriptor{};
  descriptor.opcode = DUET_OP_GEMM;
  descriptor.shape.m = m;
  descriptor.shape.k = k;
  descriptor.shape.n = n;
  return descriptor;
}

/// Share of the tensor cores' peak that a large product reaches.
double utilisation(const core::GpuDescription& gpu) {
  const auto timing = core::gpu_operation_timing(product(12800, 8192, 12800), gpu, clock_hz, 0);
  return static_cast<double>(timing.macs) / static_cast<double>(timing.cycles) /
         (gpu.multiprocessors * static_cast<double>(gpu.tensor_macs_per_cycle));
}

duet_descriptor state_space(uint32_t tokens) {
  duet_descriptor descriptor{};
  descriptor.opcode = DUET_OP_SSM_PREFILL;
  descriptor.shape.m = 1;
  descriptor.shape.k = tokens;
  descriptor.shape.n = 2048;
  descriptor.shape.states = 256;
  descriptor.shape.head_dim = 64;
  descriptor.shape.heads = 1;
  return descriptor;
}

}  // namespace

TEST_CASE("a large product is held by the bytes of its tiles", "[core][gpu]") {
  // 128 x 128 results a step of k take 4 cycles of 4096 multiply-accumulates and 512 bytes from L2.
  core::GpuDescription gpu = without_latencies();
  CHECK(utilisation(gpu) == Approx(0.5).epsilon(0.01));
  gpu.tile_columns = 256;  // 8 cycles, 768 bytes in and 768 out of shared memory: 12 cycles
  CHECK(utilisation(gpu) == Approx(8.0 / 12).epsilon(0.02));
  gpu.l2_bytes_per_second *= 4;
  gpu.shared_memory_bytes_per_second *= 4;
  CHECK(utilisation(gpu) > 0.95);
}

TEST_CASE("few tiles are cut along k to use all multiprocessors", "[core][gpu]") {
  const core::GpuDescription gpu = without_latencies();
  const auto one_tile = core::gpu_operation_timing(product(16, 8192, 128), gpu, clock_hz, 0);
  const uint64_t alone = 8192 * (16 + 128) * 2 / 64;
  CHECK(one_tile.cycles < alone / 8);
  CHECK(one_tile.cycles > alone / gpu.multiprocessors);
}

TEST_CASE("a kernel costs one launch", "[core][gpu]") {
  core::GpuDescription gpu = without_latencies();
  const auto descriptor = product(256, 1024, 256);
  const auto without = core::gpu_operation_timing(descriptor, gpu, clock_hz, 0).cycles;
  gpu.launch_latency_ps = 2'000'000;
  CHECK(core::gpu_operation_timing(descriptor, gpu, clock_hz, 0).cycles == without + 3600);
}

TEST_CASE("the element-wise recurrence is held by shared memory, the chunked scan is not", "[core][gpu]") {
  core::GpuDescription gpu = without_latencies();
  const auto descriptor = state_space(4096);
  const double states = 4096.0 * 2048 * 256;
  const auto recurrence = core::gpu_operation_timing(descriptor, gpu, clock_hz, 0);
  CHECK(static_cast<double>(recurrence.cycles) == Approx(states * 5 * 2 / 128 / 20).epsilon(0.001));
  gpu.ssm_shared_accesses = 0;
  const auto registers_only = core::gpu_operation_timing(descriptor, gpu, clock_hz, 0);
  CHECK(static_cast<double>(registers_only.cycles) == Approx(states * 3 / 128 / 20).epsilon(0.001));
  gpu.ssm = core::GpuSsmKernel::chunked_scan;
  const auto scan = core::gpu_operation_timing(descriptor, gpu, clock_hz, 0);
  CHECK(scan.cycles * 4 < registers_only.cycles);
  CHECK(scan.macs == recurrence.macs);
}

TEST_CASE("one token is never a chunk", "[core][gpu]") {
  core::GpuDescription gpu = without_latencies();
  const auto elementwise = core::gpu_operation_timing(state_space(1), gpu, clock_hz, 0);
  gpu.ssm = core::GpuSsmKernel::chunked_scan;
  CHECK(core::gpu_operation_timing(state_space(1), gpu, clock_hz, 0).cycles == elementwise.cycles);
}

TEST_CASE("causal attention takes half the time of the whole square", "[core][gpu]") {
  duet_descriptor descriptor{};
  descriptor.opcode = DUET_OP_ATTENTION;
  descriptor.shape.m = 4;
  descriptor.shape.heads = 8;
  descriptor.shape.kv_heads = 1;
  descriptor.shape.k = 4096;
  descriptor.shape.head_dim = 128;
  const core::GpuDescription gpu = without_latencies();
  const auto whole = core::gpu_operation_timing(descriptor, gpu, clock_hz, 0);
  descriptor.shape.flags = DUET_SHAPE_CAUSAL;
  const auto causal = core::gpu_operation_timing(descriptor, gpu, clock_hz, 0);
  CHECK(static_cast<double>(causal.cycles) == Approx(0.5 * static_cast<double>(whole.cycles)).epsilon(0.01));
  CHECK(causal.macs * 2 == Approx(static_cast<double>(whole.macs)).epsilon(0.01));
}
