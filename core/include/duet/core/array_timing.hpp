// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <variant>

#include "duet/core/array_description.hpp"

/// Closed forms of an array's time and traffic: exactly what the `pe` level counts cycle by cycle
/// (tests/models/array_*_test.cpp run both). The schedules stand in docs/models/systolic_array.md and
/// docs/models/vector_array.md. All functions are O(1) in the size of the work.
namespace duet::core {

/// Cycles that an array loses, by cause. `sram` are cycles in which the whole array stands still; the
/// others are slots of the schedule that do no useful work.
struct ArrayStalls {
  uint64_t sram = 0;    ///< the SRAM port (or the bypass) had not moved the bytes of the next step
  uint64_t sfu = 0;     ///< the SFUs need longer than the array for one token
  uint64_t link = 0;    ///< Mamba-1: decay words that wait for the one-word WE link
  uint64_t output = 0;  ///< a fold waited until the results of the one before had left the array
  uint64_t drain = 0;   ///< between folds: results leave on the links that operands need
};

/// Time and traffic of one kernel. Byte counts with "of_which" meaning are parts of the totals.
struct ArrayTime {
  uint64_t compute_cycles = 0;  ///< up to and including the last multiply-accumulate
  uint64_t cycles = 0;          ///< up to and including the write of the last result to SRAM
  ArrayStalls stalls;
  uint64_t sram_read_bytes = 0;     ///< total through the port, partial sums and state included
  uint64_t sram_write_bytes = 0;    ///< total through the port, partial sums and state included
  uint64_t partial_sum_bytes = 0;   ///< of which partial sums, both ways
  uint64_t state_bytes = 0;         ///< of which SSM state, both ways
  uint64_t intermediate_bytes = 0;  ///< of which intermediates of an unfused SSM, both ways
  uint64_t macs = 0;                ///< useful multiply-accumulates
  uint64_t sfu_operations = 0;
};

/// Useful MACs over what `units` PEs (or lanes) can start in `cycles`; at most 1.
double array_utilisation(const ArrayTime& time, uint64_t units, unsigned mac_interval_cycles);

/// C[m x n] = A[m x k] * B[k x n], FP16 operands; results are FP16 unless `partial_results`
/// (then of the accumulation's width).
struct GemmShape {
  uint64_t m = 1;
  uint64_t k = 1;
  uint64_t n = 1;
  bool partial_results = false;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 mistakes the comparison of an ordering with 0.
  auto operator<=>(const GemmShape&) const = default;
};

/// SSM recurrence over `tokens` for `channels` that share B and C, with `states` each.
struct SsmShape {
  uint64_t tokens = 1;
  uint64_t channels = 1;
  uint64_t states = 1;
  uint64_t chunk = 0;               ///< tokens between two read-outs of the state; 0 = all
  uint64_t channels_per_head = 64;  ///< Mamba-2: channels that share A and delta
  bool mamba1 = false;              ///< A per channel and state, delta per channel
  bool initial_state = false;       ///< the state is read at the start instead of being zero
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 mistakes the comparison of an ordering with 0.
  auto operator<=>(const SsmShape&) const = default;
};

/// y[v][n] = W[n x k] * x[v][k] for `vectors` input vectors; results are FP16 unless `partial_results`
/// (then of the accumulation's width).
struct GemvShape {
  uint64_t n = 1;
  uint64_t k = 1;
  uint64_t vectors = 1;
  bool partial_results = false;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 mistakes the comparison of an ordering with 0.
  auto operator<=>(const GemvShape&) const = default;
};

/// One systolic array, m x n folds in row order. Throws std::invalid_argument for a zero dimension.
ArrayTime gemm_time(const SystolicArrayDescription& array, double clock_hz, const GemmShape& shape);

/// One systolic array, state-stationary (also T = 1 with `initial_state`: decode as a fallback).
ArrayTime ssm_prefill_time(const SystolicArrayDescription& array, double clock_hz, const SsmShape& shape);

/// How a GEMV uses the local buffers: slices of K short enough for several vectors to share a pass of the
/// matrix; partial results pass through SRAM between slices.
struct GemvPlan {
  uint64_t k_slice = 0;
  uint64_t vectors_per_pass = 0;
};

/// The plan with the fewest cycles among slices K, K/2, K/4, ... Throws std::invalid_argument when the
/// local buffer does not hold one vector register.
GemvPlan plan_gemv(const VectorArrayDescription& array, double clock_hz, const GemvShape& shape);

/// One vector-unit array, along plan_gemv().
ArrayTime gemv_time(const VectorArrayDescription& array, double clock_hz, const GemvShape& shape);

/// Scores of `queries` vectors of `head_size` against `context` keys: the keys are the matrix.
ArrayTime attention_score_time(const VectorArrayDescription& array, double clock_hz, uint64_t queries,
                               uint64_t head_size, uint64_t context);

/// Weighted sums of `context` values for `queries` rows of weights; V is kept transposed per head.
ArrayTime attention_value_time(const VectorArrayDescription& array, double clock_hz, uint64_t queries,
                               uint64_t head_size, uint64_t context);

/// Softmax attention of `queries` vectors of one group of heads over `context` cached tokens.
struct AttentionShape {
  uint64_t queries = 1;
  uint64_t head_size = 1;
  uint64_t context = 1;
};

/// Scores and weighted values as the two GEMVs that an attention consists of.
GemvShape attention_scores(const AttentionShape& shape);
GemvShape attention_values(const AttentionShape& shape);

/// One vector-unit array: scores, then exponentials and one reciprocal per query on the SFU row (scores
/// are read from SRAM and weights written to it), then weighted values.
ArrayTime attention_time(const VectorArrayDescription& array, double clock_hz, const AttentionShape& shape);

/// The SFU row's part of it.
ArrayTime softmax_time(const VectorArrayDescription& array, double clock_hz, const AttentionShape& shape);

/// One vector-unit array. One token streams the state in and out once; several tokens keep a pass's
/// state in the local buffers (prefill as a fallback). `chunk` is ignored.
ArrayTime ssm_decode_time(const VectorArrayDescription& array, double clock_hz, const SsmShape& shape);

/// Element-wise functions on the SFUs of one array: `elements` times `functions` evaluations, with
/// `operands` FP16 words read and one written per element through the port.
ArrayTime sfu_time(const SfuDescription& sfu, double sram_bytes_per_second, double clock_hz,
                   uint64_t elements, unsigned functions, unsigned operands);

/// A kernel as one array runs it, so many times in a row. SSM shapes mean prefill on a systolic array and
/// decode on a vector-unit array.
struct ArrayKernel {
  std::variant<GemmShape, GemvShape, SsmShape> shape;
  uint64_t times = 1;
};

/// What the busiest array of a chiplet does: kernels one after the other, then `other_cycles` in which it
/// runs none (partial results are added or handed over).
class ArrayWork {
 public:
  static constexpr size_t most_kernels = 4;

  void add(const ArrayKernel& kernel) {
    if (count_ == most_kernels) throw std::logic_error("too many kernels of one operation");
    kernels_[count_++] = kernel;
  }
  void repeat(uint64_t times) {
    for (size_t i = 0; i < count_; ++i) kernels_[i].times *= times;
    other_cycles *= times;
  }
  [[nodiscard]] std::span<const ArrayKernel> kernels() const { return {kernels_.data(), count_}; }

  uint64_t other_cycles = 0;

 private:
  std::array<ArrayKernel, most_kernels> kernels_;
  size_t count_ = 0;
};

/// How the arrays of one chiplet share a kernel, and the time of the busiest array. Byte and MAC counts
/// are sums over all arrays; `busiest.cycles` is the time of the chiplet.
struct ChipletTime {
  ArrayTime total;  ///< traffic and MACs of all arrays; cycles of the busiest
  uint64_t arrays_used = 0;
  uint64_t tiles = 0;              ///< folds, SSM frames or GEMV slices over all arrays
  uint64_t tiles_of_busiest = 0;   ///< waves
  uint64_t split_k = 1;            ///< arrays that share one result tile
  uint64_t split_vectors = 1;      ///< GEMV: groups of vectors on arrays of their own
  uint64_t arrays_of_row = 1;      ///< SSM prefill: arrays that share a row tile's column tiles
  uint64_t channels_of_first = 0;  ///< SSM: of the first array or gang, counted over all sequences
  bool transposed = false;         ///< GEMM: n lies on the rows
  uint64_t reduction_cycles = 0;   ///< of the cycles: adding the partial results of a split K
  uint64_t interarray_bytes = 0;   ///< partial sums that pass from array to array
  ArrayWork work;                  ///< of the busiest array; it takes total.cycles
};

/// m x k x n on all systolic arrays: the orientation and split of K with the least time. Partial
/// results of a split K are added by the SFU column of the array that owns the result tile.
ChipletTime chiplet_gemm_time(const SystolicArrayDescription& array, double clock_hz, const GemmShape& shape);

/// `sequences` equal SSM kernels on all systolic arrays: row tiles over gangs of arrays that share the column
/// tiles, the partial y handed from array to array; gangs of the size with the least time.
ChipletTime chiplet_ssm_prefill_time(const SystolicArrayDescription& array, double clock_hz,
                                     const SsmShape& shape, uint64_t sequences);

/// Vectors (or rows of a GEMM) times a matrix on all vector-unit arrays; outputs, K and vectors are
/// split over the arrays, whichever takes the least time.
ChipletTime chiplet_gemv_time(const VectorArrayDescription& array, double clock_hz, const GemvShape& shape);

/// `sequences` equal SSM kernels on all vector-unit arrays: channels in equal runs over arrays, each run of
/// one sequence's channels with B and C of its own.
ChipletTime chiplet_ssm_decode_time(const VectorArrayDescription& array, double clock_hz,
                                    const SsmShape& shape, uint64_t sequences);

/// `count` independent equal kernels of one array each (attention heads, sequences) on `arrays` arrays.
ChipletTime chiplet_independent_time(const ArrayTime& one, uint64_t count, uint64_t arrays);

}  // namespace duet::core
