// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "duet/core/array_timing.hpp"

namespace duet::models {

/// FP16 operands of C = A * B, row-major: A[m][k], B[k][n].
struct GemmOperands {
  core::GemmShape shape;
  std::span<const uint16_t> a;
  std::span<const uint16_t> b;

  [[nodiscard]] bool sizes_agree() const {
    return shape.m > 0 && shape.k > 0 && shape.n > 0 && a.size() == shape.m * shape.k &&
           b.size() == shape.k * shape.n;
  }
};

/// What an SSM kernel reads, row-major FP16 unless said. `x[tokens][channels]`, `b`, `c` `[tokens][states]`,
/// `d[channels]`. Mamba-2: `delta[tokens][heads]`, `a[heads]`; Mamba-1: `delta[tokens][channels]`,
/// `a[channels][states]`. delta is what softplus is still to be applied to. `initial_state[channels][states]`
/// is of the accumulation's width, or empty when the shape has none.
struct SsmOperands {
  core::SsmShape shape;
  std::span<const uint16_t> x;
  std::span<const uint16_t> delta;
  std::span<const uint16_t> a;
  std::span<const uint16_t> b;
  std::span<const uint16_t> c;
  std::span<const uint16_t> d;
  std::span<const float> initial_state;

  /// Heads of a Mamba-2 shape; channels of a Mamba-1 shape.
  [[nodiscard]] static uint64_t heads(const core::SsmShape& shape);
  [[nodiscard]] bool sizes_agree() const;
};

/// How a kernel ended.
enum class ArrayStatus : uint8_t {
  ok,
  wrong_mode,    ///< the mode bits are for another kernel
  bad_operands,  ///< sizes do not agree with the shape, or a dimension is 0
};

/// The verdict on a kernel before it starts.
inline ArrayStatus status_of(bool right_mode, bool sizes_agree) {
  if (!right_mode) return ArrayStatus::wrong_mode;
  return sizes_agree ? ArrayStatus::ok : ArrayStatus::bad_operands;
}

/// Values and time of one kernel. `values` are FP16: C[m][n] or y[tokens][channels]. `sums` are of the
/// accumulation's width: results of a GEMM or GEMV with partial results, or the final state
/// [channels][states].
struct ArrayRun {
  ArrayStatus status = ArrayStatus::ok;
  core::ArrayTime time;
  std::vector<uint16_t> values;
  std::vector<float> sums;
};

}  // namespace duet::models
