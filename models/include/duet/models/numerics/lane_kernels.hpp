// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "duet/core/array_description.hpp"

namespace duet::models {

/// Element-wise operations on runs of registers, in one of several implementations that give the same
/// bits. FP16 accumulation rounds every product and every sum to FP16; FP32 accumulation rounds
/// them to binary32. Nothing is contracted to a fused multiply-add. Lengths may be any; ranges may
/// only overlap when they are equal.
struct LaneKernels {
  const char* name;
  /// out = round(a * b)
  void (*multiply)(float* out, const float* a, const float* b, size_t count);
  /// out = round(c + round(a * b))
  void (*multiply_add)(float* out, const float* c, const float* a, const float* b, size_t count);
};

/// Conversions between storage (binary16 bits) and registers (floats).
struct ConversionKernels {
  const char* name;
  void (*to_float)(float* out, const uint16_t* in, size_t count);
  void (*from_float)(uint16_t* out, const float* in, size_t count);
};

/// The fastest implementation that this processor can run.
const LaneKernels& lane_kernels(core::Accumulation accumulation);
const ConversionKernels& conversion_kernels();

/// All implementations that this processor can run, the portable one first (for tests and benchmarks).
std::span<const LaneKernels> all_lane_kernels(core::Accumulation accumulation);
std::span<const ConversionKernels> all_conversion_kernels();

}  // namespace duet::models
