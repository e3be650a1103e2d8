// SPDX-License-Identifier: Apache-2.0
#include "duet/models/numerics/lane_kernels.hpp"

#include <vector>

#include "lane_kernels_portable.hpp"
#include "lane_kernels_x86.hpp"

namespace duet::models {
namespace {

template <class Kernels>
std::vector<Kernels> usable(const Kernels& portable, [[maybe_unused]] const Kernels* (*faster)()) {
  std::vector<Kernels> kernels{portable};
#if defined(__x86_64__)
  if (x86::supported()) kernels.push_back(*faster());
#endif
  return kernels;
}

#if defined(__x86_64__)
const LaneKernels* fast_fp16() {
  return &x86::fp16_kernels;
}
const LaneKernels* fast_fp32() {
  return &x86::fp32_kernels;
}
const ConversionKernels* fast_conversions() {
  return &x86::conversions;
}
#else
constexpr const LaneKernels* (*fast_fp16)() = nullptr;
constexpr const LaneKernels* (*fast_fp32)() = nullptr;
constexpr const ConversionKernels* (*fast_conversions)() = nullptr;
#endif

}  // namespace

std::span<const LaneKernels> all_lane_kernels(core::Accumulation accumulation) {
  static const std::vector<LaneKernels> fp16 =
      usable<LaneKernels>({"portable", portable::multiply_fp16, portable::multiply_add_fp16}, fast_fp16);
  static const std::vector<LaneKernels> fp32 =
      usable<LaneKernels>({"portable", portable::multiply_fp32, portable::multiply_add_fp32}, fast_fp32);
  return accumulation == core::Accumulation::fp16 ? fp16 : fp32;
}

std::span<const ConversionKernels> all_conversion_kernels() {
  static const std::vector<ConversionKernels> kernels =
      usable<ConversionKernels>({"portable", portable::to_float, portable::from_float}, fast_conversions);
  return kernels;
}

const LaneKernels& lane_kernels(core::Accumulation accumulation) {
  return all_lane_kernels(accumulation).back();
}

const ConversionKernels& conversion_kernels() {
  return all_conversion_kernels().back();
}

}  // namespace duet::models
