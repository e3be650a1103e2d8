// SPDX-License-Identifier: Apache-2.0
#include "duet/core/operation_timing.hpp"

#include <algorithm>

#include "duet/core/array_timing.hpp"
#include "duet/core/gpu_timing.hpp"

namespace duet::core {
namespace {

OperationTiming from(const ChipletTime& time) {
  return {time.total.cycles, time.total.stalls.sram,
          time.total.macs,   time.total.sram_read_bytes + time.total.sram_write_bytes,
          time.work,         0};
}

/// `count` equal GEMVs, each on one array.
OperationTiming independent(const NodeTypeDescription& chiplet, const GemvShape& shape, uint64_t count) {
  ChipletTime time = chiplet_independent_time(gemv_time(*chiplet.vector, chiplet.clock_hz, shape), count,
                                              chiplet.vector->count);
  time.work.add({shape, time.tiles_of_busiest});
  return from(time);
}

/// Work that follows other work on the same arrays.
OperationTiming operator+(const OperationTiming& a, const OperationTiming& b) {
  OperationTiming both{a.cycles + b.cycles,
                       a.stall_cycles + b.stall_cycles,
                       a.macs + b.macs,
                       a.sram_bytes + b.sram_bytes,
                       a.work,
                       0};
  for (const ArrayKernel& kernel : b.work.kernels()) both.work.add(kernel);
  both.work.other_cycles += b.work.other_cycles;
  return both;
}

/// Work that runs beside other work (the SFU beside the arrays): the longer one counts.
OperationTiming beside(const OperationTiming& arrays, const OperationTiming& sfus) {
  OperationTiming both = arrays.cycles >= sfus.cycles ? arrays : sfus;
  both.macs = arrays.macs + sfus.macs;
  both.sram_bytes = arrays.sram_bytes + sfus.sram_bytes;
  both.work = arrays.work;
  both.beside_cycles = sfus.cycles;
  return both;
}

/// `elements` times `functions` through the SFUs of all `arrays`.
OperationTiming sfu(const SfuDescription& units, double sram_bytes_per_second, double clock_hz,
                    uint64_t arrays, uint64_t elements, unsigned functions, unsigned operands) {
  if (elements == 0 || functions == 0) return {};
  const ArrayTime one =
      sfu_time(units, sram_bytes_per_second, clock_hz, (elements + arrays - 1) / arrays, functions, operands);
  return {one.cycles, one.stalls.sram, 0, (one.sram_read_bytes + one.sram_write_bytes) * arrays,
          {},         one.cycles};
}

OperationTiming gemm(const duet_shape& shape, const NodeTypeDescription& chiplet, bool vector) {
  if (vector) {
    return from(chiplet_gemv_time(*chiplet.vector, chiplet.clock_hz,
                                  {.n = shape.n, .k = shape.k, .vectors = shape.m}));
  }
  const uint64_t blocks = std::max<uint32_t>(1, shape.k_blocks);
  const GemmShape block{
      .m = shape.m, .k = (shape.k + blocks - 1) / blocks, .n = shape.n, .partial_results = blocks > 1};
  const OperationTiming one = from(chiplet_gemm_time(*chiplet.systolic, chiplet.clock_hz, block));
  // Each block but the first reads the sums so far back, as long as it took to write them.
  OperationTiming all{one.cycles * blocks,
                      one.stall_cycles * blocks,
                      uint64_t{shape.m} * shape.k * shape.n,
                      one.sram_bytes * blocks + (blocks - 1) * uint64_t{shape.m} * shape.n * 4,
                      one.work,
                      0};
  all.work.repeat(blocks);
  return all;
}

/// Scores and values of `m` sequences: m * heads * k queries against the keys that they see.
OperationTiming attention(const duet_shape& shape, const NodeTypeDescription& chiplet, bool vector,
                          uint64_t argument0) {
  const uint64_t cached = shape.n + shape.n_stride * argument0;
  // On average a causal query sees half of the new tokens and itself, rounded up.
  const uint64_t keys =
      std::max<uint64_t>(1, cached + ((shape.flags & DUET_SHAPE_CAUSAL) ? (shape.k + 2) / 2 : shape.k));
  const uint64_t queries = static_cast<uint64_t>(shape.m) * shape.heads * shape.k;
  if (vector) {
    // The query heads of a group share one pass over its keys and values.
    const uint64_t units = static_cast<uint64_t>(shape.m) * shape.kv_heads;
    const uint64_t shared = std::max<uint64_t>(1, queries / std::max<uint64_t>(1, units));
    // Fewer units than arrays: the keys of one unit are spread over several arrays.
    const uint64_t spread =
        std::clamp<uint64_t>(chiplet.vector->count / std::max<uint64_t>(1, units), 1, keys);
    const uint64_t part = (keys + spread - 1) / spread;
    const AttentionShape kernel{shared, shape.head_dim, part};
    return independent(chiplet, attention_scores(kernel), units * spread) +
           independent(chiplet, attention_values(kernel), units * spread);
  }
  duet_shape score{};
  score.m = static_cast<uint32_t>(queries);
  score.k = shape.head_dim;
  score.n = static_cast<uint32_t>(keys);
  duet_shape value = score;
  value.k = static_cast<uint32_t>(keys);
  value.n = shape.head_dim;
  return gemm(score, chiplet, false) + gemm(value, chiplet, false);
}

OperationTiming ssm(const duet_shape& shape, const NodeTypeDescription& chiplet, bool vector) {
  SsmShape kernel;
  kernel.tokens = shape.k;
  kernel.channels = shape.n;
  kernel.states = shape.states;
  kernel.channels_per_head = std::max<uint32_t>(1, shape.head_dim);
  kernel.mamba1 = (shape.flags & DUET_SHAPE_MAMBA1) != 0;
  kernel.initial_state = (shape.flags & DUET_SHAPE_INITIAL_STATE) != 0;
  if (vector) {
    return from(chiplet_ssm_decode_time(*chiplet.vector, chiplet.clock_hz, kernel, shape.m));
  }
  return from(chiplet_ssm_prefill_time(*chiplet.systolic, chiplet.clock_hz, kernel, shape.m));
}

/// Result elements that the SFUs of the chiplet see, for functions fused into the drain.
uint64_t drained_elements(const duet_descriptor& descriptor) {
  const duet_shape& shape = descriptor.shape;
  switch (descriptor.opcode) {
    case DUET_OP_ATTENTION:
      return static_cast<uint64_t>(shape.m) * shape.heads * shape.k * shape.head_dim;
    case DUET_OP_SSM_PREFILL:
    case DUET_OP_SSM_DECODE:
      return static_cast<uint64_t>(shape.m) * shape.k * shape.n;
    default:
      return static_cast<uint64_t>(shape.m) * shape.n;
  }
}

}  // namespace

OperationTiming operation_timing(const duet_descriptor& descriptor, const NodeTypeDescription& chiplet,
                                 uint64_t argument0) {
  if (chiplet.gpu) return gpu_operation_timing(descriptor, *chiplet.gpu, chiplet.clock_hz, argument0);
  const bool vector = descriptor.engine == DUET_ENGINE_VECTOR;
  const duet_shape& shape = descriptor.shape;
  const auto functions = [&](uint64_t elements, unsigned passes, unsigned operands) {
    if (vector) {
      return sfu(chiplet.vector->sfu, chiplet.vector->sram_bytes_per_second, chiplet.clock_hz,
                 chiplet.vector->count, elements, passes, operands);
    }
    return sfu(chiplet.systolic->sfu, chiplet.systolic->sram_bytes_per_second, chiplet.clock_hz,
               chiplet.systolic->count, elements, passes, operands);
  };
  switch (descriptor.opcode) {
    case DUET_OP_GEMM:
    case DUET_OP_GEMV:
      return beside(gemm(shape, chiplet, vector),
                    functions(drained_elements(descriptor), shape.sfu_passes, 1));
    case DUET_OP_ATTENTION: {
      // One exponential per score, beside the products.
      const uint64_t cached = shape.n + shape.n_stride * argument0;
      const uint64_t keys = cached + ((shape.flags & DUET_SHAPE_CAUSAL) ? (shape.k + 2) / 2 : shape.k);
      const uint64_t scores = static_cast<uint64_t>(shape.m) * shape.heads * shape.k * keys;
      return beside(attention(shape, chiplet, vector, argument0), functions(scores, 1, 1));
    }
    case DUET_OP_SSM_PREFILL:
    case DUET_OP_SSM_DECODE:
      return beside(ssm(shape, chiplet, vector),
                    functions(drained_elements(descriptor), shape.sfu_passes, 2));
    case DUET_OP_CONV1D:
    case DUET_OP_NORM:
    case DUET_OP_ROTARY:
    case DUET_OP_ELEMENTWISE:
    case DUET_OP_REDUCE:
    case DUET_OP_ARGMAX:
    case DUET_OP_GATHER:
      return functions(drained_elements(descriptor), std::max<uint32_t>(1, shape.sfu_passes), 2);
    default:
      return {};
  }
}

}  // namespace duet::core
