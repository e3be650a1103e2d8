// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <random>
#include <span>
#include <vector>

#include "duet/models/systolic/systolic_operands.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {

/// Operands for kernels whose values nobody gives, normally distributed and of a size that keeps results
/// within FP16. Same seed, same values. The spans live as long as this object.
class GeneratedOperands {
 public:
  explicit GeneratedOperands(uint64_t seed) : random_(seed) {}

  GemmOperands of(const core::GemmShape& shape);
  GemvOperands of(const core::GemvShape& shape);
  AttentionOperands of(const core::AttentionShape& shape);
  /// States decay: A is negative, delta is small after softplus.
  SsmOperands of(const core::SsmShape& shape);

 private:
  std::span<const uint16_t> draw(uint64_t count, float scale, float mean = 0);

  std::mt19937_64 random_;
  std::deque<std::vector<uint16_t>> words_;
  std::vector<float> state_;
};

}  // namespace duet::models
