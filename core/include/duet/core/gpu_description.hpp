// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <utility>

#include "duet/core/field.hpp"

namespace duet::core {

/// How a GPU runs the selective state space.
enum class GpuSsmKernel {
  elementwise,  ///< the recurrence step by step on the vector lanes, intermediates in shared memory
  chunked_scan  ///< chunks of tokens as products on the tensor cores (Mamba-2's published kernels)
};
template <>
struct EnumNames<GpuSsmKernel> {
  static constexpr std::pair<GpuSsmKernel, std::string_view> values[] = {
      {GpuSsmKernel::elementwise, "elementwise"}, {GpuSsmKernel::chunked_scan, "chunked_scan"}};
};

/// A part of a GPU that hangs on one port of its on-die network: streaming multiprocessors and their
/// slice of the L2 cache. Kernels run one after another on all of them. duet.md section 1, B200: 640 tensor
/// cores at 1.8 GHz, which are 160 multiprocessors of four, 1024 multiply-accumulates each a cycle.
struct GpuDescription {
  unsigned multiprocessors = 20;
  unsigned tensor_macs_per_cycle = 4096;
  unsigned vector_lanes = 128;
  unsigned function_units = 16;
  uint64_t l2_bytes = 15'750 * 1024;
  double l2_bytes_per_second = 64 * 1.8e9;
  double shared_memory_bytes_per_second = 128 * 1.8e9;
  unsigned tile_rows = 128;
  unsigned tile_columns = 128;
  unsigned tile_latency_cycles = 600;
  uint64_t launch_latency_ps = 1'000'000;
  bool prefetch = true;
  GpuSsmKernel ssm = GpuSsmKernel::elementwise;
  unsigned ssm_shared_accesses = 5;
  unsigned scan_chunk = 128;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = GpuDescription;
    visit("multiprocessors", &Self::multiprocessors,
          {.min = 1, .max = 4096, .text = "Streaming multiprocessors of this part"});
    visit("tensor_macs_per_cycle", &Self::tensor_macs_per_cycle,
          {.min = 1, .max = 1 << 20, .text = "FP16 multiply-accumulates of a multiprocessor's tensor cores"});
    visit("vector_lanes", &Self::vector_lanes,
          {.min = 1, .max = 1 << 16, .text = "Lanes of a multiprocessor for element-wise work"});
    visit("function_units", &Self::function_units,
          {.min = 1, .max = 1 << 16, .text = "exp, 1/x and the like: results of a multiprocessor a cycle"});
    visit(
        "l2", &Self::l2_bytes,
        {.unit = Unit::bytes, .min = 65536, .text = "This part's slice of the L2 cache (B200: 126 MB / 8)"});
    visit("l2_bandwidth", &Self::l2_bytes_per_second,
          {.unit = Unit::bytes_per_second,
           .min = 1e6,
           .text = "From L2 to one multiprocessor, 64 bytes a cycle (assumed, as in earlier generations)"});
    visit("shared_memory_bandwidth", &Self::shared_memory_bytes_per_second,
          {.unit = Unit::bytes_per_second,
           .min = 1e6,
           .text = "Of one multiprocessor's shared memory, reads and writes together, 128 bytes a cycle"});
    visit("tile_rows", &Self::tile_rows,
          {.min = 16,
           .max = 1024,
           .text = "Rows of the result that one multiprocessor makes at a time (assumed)"});
    visit("tile_columns", &Self::tile_columns,
          {.min = 16, .max = 1024, .text = "Columns of the same tile (assumed)"});
    visit("tile_latency_cycles", &Self::tile_latency_cycles,
          {.min = 0, .max = 1e6, .text = "Cycles until a tile's first operands have come from L2 (assumed)"});
    visit("launch_latency", &Self::launch_latency_ps,
          {.unit = Unit::picoseconds,
           .min = 0,
           .max = 1e9,
           .text = "From the end of one kernel to the start of the next in a captured graph (assumed)"});
    visit(
        "prefetch", &Self::prefetch,
        {.text = "The next kernel's weights come to L2 while this one runs (programmatic dependent launch)"});
    visit("ssm", &Self::ssm,
          {.text = "State space: element-wise recurrence on the lanes, or chunked scan on the tensor cores"});
    visit("ssm_shared_accesses", &Self::ssm_shared_accesses,
          {.min = 0,
           .max = 64,
           .text =
               "elementwise: shared-memory accesses of 2 bytes per state and token. 5: h in and Abar h out, "
               "that in and the new h out, h in for C h; everything else stays in registers"});
    visit("scan_chunk", &Self::scan_chunk,
          {.min = 1, .max = 4096, .text = "chunked_scan: tokens of a chunk"});
  }
};

}  // namespace duet::core
