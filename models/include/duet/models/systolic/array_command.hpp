// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/models/systolic/sram_port.hpp"
#include "duet/models/systolic/systolic_operands.hpp"

namespace duet::models {

/// A kernel on operands in the array's SRAM; layouts as in GemmOperands, GemvOperands and SsmOperands.
/// GEMM: a, b, result. GEMV: a (matrix), x (vectors), result. SSM: the names of SsmOperands, result (y),
/// state_in (if the shape has an initial state), state_out. Addresses are byte addresses.
struct ArrayCommand {
  enum class Kernel : uint8_t { gemm, gemv, ssm };
  Kernel kernel = Kernel::gemm;
  core::GemmShape gemm;
  core::GemvShape gemv;
  core::SsmShape ssm;
  uint64_t a = 0, b = 0, c = 0, d = 0, x = 0, delta = 0;
  uint64_t state_in = 0, state_out = 0;
  uint64_t result = 0;
};

/// How the last command of an array module ended.
enum class CommandStatus : uint8_t { idle, busy, ok, wrong_mode, bad_operands, bus_error };

/// SSM operands, fetched.
struct FetchedSsm {
  std::vector<uint16_t> x, delta, a, b, c, d;
  std::vector<float> state;
  bool ok = true;

  FetchedSsm(SramPort& port, const ArrayCommand& command, unsigned sum_bytes);
  [[nodiscard]] SsmOperands operands(const core::SsmShape& shape) const {
    return {shape, x, delta, a, b, c, d, state};
  }
};

}  // namespace duet::models
