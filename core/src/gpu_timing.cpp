// SPDX-License-Identifier: Apache-2.0
#include "duet/core/gpu_timing.hpp"

#include <algorithm>
#include <cmath>

namespace duet::core {
namespace {

constexpr double element_bytes = 2;
constexpr double partial_sum_bytes = 4;
constexpr uint64_t smallest_tile_rows = 16;  // of a tensor-core instruction
constexpr double softmax_operations = 4;     // scale, maximum, subtraction, sum of a score
constexpr double recurrence_operations = 3;  // Abar h; + (delta x) B; C h into the sum
constexpr unsigned most_splits = 64;

uint64_t divide_up(uint64_t value, uint64_t by) {
  return (value + by - 1) / by;
}

uint64_t whole(double cycles) {
  return static_cast<uint64_t>(std::ceil(cycles));
}

/// The rates of a node's multiprocessors in a cycle.
class GpuTimer {
 public:
  GpuTimer(const GpuDescription& gpu, double clock_hz)
      : gpu_(gpu),
        l2_bytes_(gpu.l2_bytes_per_second / clock_hz),
        shared_bytes_(gpu.shared_memory_bytes_per_second / clock_hz) {}

  /// Tiles in waves over the multiprocessors. Each step of k brings a column of A and a row of B from L2 into
  /// shared memory, from where the tensor cores read them. Few tiles are cut along k.
  OperationTiming gemm(uint64_t m, uint64_t k, uint64_t n) const {
    const uint64_t rows =
        std::min<uint64_t>(gpu_.tile_rows, divide_up(m, smallest_tile_rows) * smallest_tile_rows);
    const uint64_t columns = gpu_.tile_columns;
    const uint64_t tiles = divide_up(m, rows) * divide_up(n, columns);
    OperationTiming best;
    for (uint64_t split = 1; split <= most_splits && split <= k; split *= 2) {
      const uint64_t waves = divide_up(tiles * split, gpu_.multiprocessors);
      const auto steps = static_cast<double>(divide_up(k, split));
      const double results = static_cast<double>(rows * columns);
      // Partial sums of a cut tile go to L2 and are read again by the one that adds them.
      const double out_bytes = split == 1 ? element_bytes : 2 * partial_sum_bytes;
      const double tensor = steps * tensor_cycles(rows, columns);
      const double all =
          steps * step_cycles(rows, columns) + results * out_bytes / l2_bytes_ + gpu_.tile_latency_cycles;
      const auto cycles = waves * whole(all);
      if (best.cycles != 0 && cycles >= best.cycles) continue;
      best.cycles = cycles;
      best.stall_cycles = cycles - std::min(cycles, waves * whole(tensor));
      best.sram_bytes = static_cast<uint64_t>(static_cast<double>(tiles) *
                                              (static_cast<double>((rows + columns) * k) * element_bytes +
                                               results * out_bytes * static_cast<double>(split)));
    }
    best.macs = m * k * n;
    return best;
  }

  /// Blocks of queries against their keys and values; products, exponentials and copies overlap.
  OperationTiming attention(const duet_shape& shape, uint64_t argument0) const {
    const uint64_t cached = shape.n + shape.n_stride * argument0;
    const bool causal = (shape.flags & DUET_SHAPE_CAUSAL) != 0;
    const uint64_t keys = cached + (causal ? (shape.k + 2) / 2 : shape.k);
    const uint64_t queries = uint64_t{shape.m} * shape.heads * shape.k;
    const uint64_t group = std::max(1u, shape.heads / std::max(1u, shape.kv_heads));
    const auto block = static_cast<double>(std::min<uint64_t>(gpu_.tile_rows, group * shape.k));
    const auto scores = static_cast<double>(queries * keys);
    const double tensor = 2.0 * shape.head_dim / gpu_.tensor_macs_per_cycle;
    const double copies = 2 * shape.head_dim * element_bytes / block / l2_bytes_;
    const double lanes = softmax_operations / gpu_.vector_lanes;
    const double per_score = std::max({tensor, copies, lanes, 1.0 / gpu_.function_units});
    OperationTiming timing;
    timing.cycles = whole(scores * per_score / gpu_.multiprocessors) + gpu_.tile_latency_cycles;
    timing.stall_cycles = whole(scores * (per_score - tensor) / gpu_.multiprocessors);
    timing.macs = 2 * queries * keys * shape.head_dim;
    timing.sram_bytes = static_cast<uint64_t>(scores / block * 2 * shape.head_dim * element_bytes);
    return timing;
  }

  OperationTiming ssm(const duet_shape& shape) const {
    const auto tokens = static_cast<double>(uint64_t{shape.m} * shape.k);
    const double states = tokens * shape.n * shape.states;
    OperationTiming timing;
    timing.macs = static_cast<uint64_t>(3 * states);
    // A single token has no chunk.
    const bool scan = gpu_.ssm == GpuSsmKernel::chunked_scan && shape.k > 1;
    const double cycles = scan ? scan_cycles(shape, tokens) : recurrence_cycles(states);
    timing.cycles = whole(cycles / gpu_.multiprocessors) + gpu_.tile_latency_cycles;
    timing.stall_cycles =
        scan ? 0
             : whole((cycles - states * recurrence_operations / gpu_.vector_lanes) / gpu_.multiprocessors);
    timing.sram_bytes = static_cast<uint64_t>(tokens * shape.n * 2 * element_bytes);
    return timing;
  }

  OperationTiming elementwise(uint64_t elements, unsigned passes) const {
    const double per_element =
        std::max<double>(passes, 1) * std::max(2.0 / gpu_.vector_lanes, 1.0 / gpu_.function_units);
    OperationTiming timing;
    timing.cycles = whole(static_cast<double>(elements) * per_element / gpu_.multiprocessors);
    timing.sram_bytes = static_cast<uint64_t>(static_cast<double>(elements) * 2 * element_bytes);
    return timing;
  }

 private:
  double tensor_cycles(uint64_t rows, uint64_t columns) const {
    return static_cast<double>(rows * columns) / gpu_.tensor_macs_per_cycle;
  }
  double step_cycles(uint64_t rows, uint64_t columns) const {
    const double bytes = static_cast<double>(rows + columns) * element_bytes;
    return std::max({tensor_cycles(rows, columns), bytes / l2_bytes_, 2 * bytes / shared_bytes_});
  }
  double recurrence_cycles(double states) const {
    return states * std::max(recurrence_operations / gpu_.vector_lanes,
                             gpu_.ssm_shared_accesses * element_bytes / shared_bytes_);
  }
  /// Per chunk of Q tokens: C B^T of a group (Q x N x Q), that times x (Q x Q x P of each head), the chunk's
  /// state (N x Q x P) and what the states before add (Q x N x P); one exponential per pair of tokens and
  /// head.
  double scan_cycles(const duet_shape& shape, double tokens) const {
    const double chunk = std::min<double>(gpu_.scan_chunk, shape.k);
    const double head = std::max<double>(1, shape.head_dim);
    const double groups = std::max<double>(1, shape.heads);
    const double macs =
        tokens * (groups * chunk * shape.states + shape.n * chunk + 2.0 * shape.n * shape.states);
    const auto rows = static_cast<uint64_t>(std::max(16.0, chunk));
    const auto columns = static_cast<uint64_t>(std::max(16.0, head));
    const double per_mac = step_cycles(rows, columns) / static_cast<double>(rows * columns);
    const double exponentials = tokens * shape.n / head * chunk;
    return macs * per_mac + exponentials / gpu_.function_units;
  }

  const GpuDescription& gpu_;
  double l2_bytes_;
  double shared_bytes_;
};

}  // namespace

OperationTiming gpu_operation_timing(const duet_descriptor& descriptor, const GpuDescription& gpu,
                                     double clock_hz, uint64_t argument0) {
  const GpuTimer timer(gpu, clock_hz);
  const duet_shape& shape = descriptor.shape;
  OperationTiming timing;
  switch (descriptor.opcode) {
    case DUET_OP_GEMM:
    case DUET_OP_GEMV:
      timing = timer.gemm(shape.m, shape.k, shape.n);
      break;
    case DUET_OP_ATTENTION:
      timing = timer.attention(shape, argument0);
      break;
    case DUET_OP_SSM_PREFILL:
    case DUET_OP_SSM_DECODE:
      timing = timer.ssm(shape);
      break;
    case DUET_OP_CONV1D:
    case DUET_OP_NORM:
    case DUET_OP_ROTARY:
    case DUET_OP_ELEMENTWISE:
    case DUET_OP_REDUCE:
    case DUET_OP_ARGMAX:
    case DUET_OP_GATHER:
    case DUET_OP_KV_APPEND:
      timing = timer.elementwise(uint64_t{shape.m} * shape.n, shape.sfu_passes);
      break;
    default:
      return {};
  }
  timing.cycles += whole(static_cast<double>(gpu.launch_latency_ps) * 1e-12 * clock_hz);
  return timing;
}

}  // namespace duet::core
