// SPDX-License-Identifier: Apache-2.0
// Faster paths for x86-64 processors with AVX2 and F16C. The attributes keep the rest of the program
// runnable without them; "fma" is left out, so that nothing is contracted.
#if defined(__x86_64__)
#include <immintrin.h>

#include "lane_kernels_portable.hpp"
#include "lane_kernels_x86.hpp"

namespace duet::models::x86 {
namespace {

constexpr size_t width = 8;
constexpr int to_nearest = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

__attribute__((target("avx2,f16c"))) inline __m256 rounded(__m256 value) {
  return _mm256_cvtph_ps(_mm256_cvtps_ph(value, to_nearest));
}

__attribute__((target("avx2,f16c"))) void multiply_fp16(float* out, const float* a, const float* b,
                                                        size_t count) {
  size_t i = 0;
  for (; i + width <= count; i += width) {
    _mm256_storeu_ps(out + i, rounded(_mm256_mul_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i))));
  }
  portable::multiply_fp16(out + i, a + i, b + i, count - i);
}

__attribute__((target("avx2,f16c"))) void multiply_add_fp16(float* out, const float* c, const float* a,
                                                            const float* b, size_t count) {
  size_t i = 0;
  for (; i + width <= count; i += width) {
    const __m256 product = rounded(_mm256_mul_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
    _mm256_storeu_ps(out + i, rounded(_mm256_add_ps(_mm256_loadu_ps(c + i), product)));
  }
  portable::multiply_add_fp16(out + i, c + i, a + i, b + i, count - i);
}

__attribute__((target("avx2"))) void multiply_fp32(float* out, const float* a, const float* b, size_t count) {
  size_t i = 0;
  for (; i + width <= count; i += width) {
    _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
  }
  portable::multiply_fp32(out + i, a + i, b + i, count - i);
}

__attribute__((target("avx2"))) void multiply_add_fp32(float* out, const float* c, const float* a,
                                                       const float* b, size_t count) {
  size_t i = 0;
  for (; i + width <= count; i += width) {
    const __m256 product = _mm256_mul_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
    _mm256_storeu_ps(out + i, _mm256_add_ps(_mm256_loadu_ps(c + i), product));
  }
  portable::multiply_add_fp32(out + i, c + i, a + i, b + i, count - i);
}

__attribute__((target("avx2,f16c"))) void to_float(float* out, const uint16_t* in, size_t count) {
  size_t i = 0;
  for (; i + width <= count; i += width) {
    const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(half));
  }
  portable::to_float(out + i, in + i, count - i);
}

__attribute__((target("avx2,f16c"))) void from_float(uint16_t* out, const float* in, size_t count) {
  size_t i = 0;
  const __m256 canonical = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FC00000));
  for (; i + width <= count; i += width) {
    const __m256 value = _mm256_loadu_ps(in + i);
    const __m256 is_nan = _mm256_cmp_ps(value, value, _CMP_UNORD_Q);
    const __m128i half = _mm256_cvtps_ph(_mm256_blendv_ps(value, canonical, is_nan), to_nearest);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), half);
  }
  portable::from_float(out + i, in + i, count - i);
}

}  // namespace

bool supported() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("f16c") != 0;
}

const LaneKernels fp16_kernels{"avx2+f16c", multiply_fp16, multiply_add_fp16};
const LaneKernels fp32_kernels{"avx2", multiply_fp32, multiply_add_fp32};
const ConversionKernels conversions{"avx2+f16c", to_float, from_float};

}  // namespace duet::models::x86
#endif
