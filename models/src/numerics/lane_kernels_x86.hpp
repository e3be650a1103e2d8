// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/models/numerics/lane_kernels.hpp"

namespace duet::models::x86 {

/// Whether this processor has AVX2 and F16C.
bool supported();

extern const LaneKernels fp16_kernels;
extern const LaneKernels fp32_kernels;
extern const ConversionKernels conversions;

}  // namespace duet::models::x86
