// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/models/numerics/fp16.hpp"
#include "duet/models/numerics/lane_kernels.hpp"

namespace duet::models::portable {

inline void multiply_fp16(float* out, const float* a, const float* b, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = round_to_fp16(a[i] * b[i]);
}

inline void multiply_add_fp16(float* out, const float* c, const float* a, const float* b, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = round_to_fp16(c[i] + round_to_fp16(a[i] * b[i]));
}

inline void multiply_fp32(float* out, const float* a, const float* b, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = a[i] * b[i];
}

inline void multiply_add_fp32(float* out, const float* c, const float* a, const float* b, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = c[i] + a[i] * b[i];
}

inline void to_float(float* out, const uint16_t* in, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = fp16_to_float(in[i]);
}

inline void from_float(uint16_t* out, const float* in, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = fp16_from_float(in[i]);
}

}  // namespace duet::models::portable
