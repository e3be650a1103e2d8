// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/core/array_timing.hpp"

namespace duet::platform {

enum class ArrayKernel { gemm, ssm, gemv, attention, ssm_decode };

/// Everything that `duet-vp array` was asked for.
struct ArrayRequest {
  ArrayKernel kernel = ArrayKernel::gemm;
  core::SystolicArrayDescription systolic;
  core::VectorArrayDescription vector;
  core::ArrayLevel level = core::ArrayLevel::tile;
  double clock_hz = 700e6;
  core::GemmShape gemm;
  core::SsmShape ssm;
  core::GemvShape gemv;
  core::AttentionShape attention;
  uint64_t seed = 1;
  std::string vcd;        ///< file, or empty
  std::string vcd_scope;  ///< selection, "array.pe[0..3][0..3]"
  core::CycleWindow vcd_window;
};

/// Time and traffic of the kernel, and at the `pe` level a checksum of the values.
struct ArrayAnswer {
  core::ArrayTime time;
  uint64_t checksum = 0;
  std::string warning;
};

/// Runs one kernel on one array. Operands at the `pe` level are normally distributed from the seed.
/// Throws UserError for what cannot be run.
ArrayAnswer run_array(const ArrayRequest& request);

}  // namespace duet::platform
