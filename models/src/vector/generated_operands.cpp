// SPDX-License-Identifier: Apache-2.0
#include "duet/models/vector/generated_operands.hpp"

#include <cmath>

#include "duet/models/numerics/fp16.hpp"

namespace duet::models {
namespace {

// Scale of a factor of dot products of this length, so that they stay near one.
float balanced(uint64_t length) {
  return 1.0F / std::sqrt(static_cast<float>(length));
}

}  // namespace

std::span<const uint16_t> GeneratedOperands::draw(uint64_t count, float scale, float mean) {
  std::normal_distribution<float> normal(mean, scale);
  std::vector<uint16_t>& values = words_.emplace_back(count);
  for (uint16_t& value : values) value = fp16_from_float(normal(random_));
  return values;
}

GemmOperands GeneratedOperands::of(const core::GemmShape& shape) {
  const auto a = draw(shape.m * shape.k, 1.0F);
  return {shape, a, draw(shape.k * shape.n, balanced(shape.k))};
}

GemvOperands GeneratedOperands::of(const core::GemvShape& shape) {
  const auto matrix = draw(shape.n * shape.k, balanced(shape.k));
  return {shape, matrix, draw(shape.vectors * shape.k, 1.0F)};
}

AttentionOperands GeneratedOperands::of(const core::AttentionShape& shape) {
  const auto queries = draw(shape.queries * shape.head_size, balanced(shape.head_size));
  const auto keys = draw(shape.context * shape.head_size, 1.0F);
  return {shape, queries, keys, draw(shape.head_size * shape.context, 1.0F)};
}

SsmOperands GeneratedOperands::of(const core::SsmShape& shape) {
  const uint64_t heads = SsmOperands::heads(shape);
  SsmOperands operands;
  operands.shape = shape;
  operands.x = draw(shape.tokens * shape.channels, 1.0F);
  operands.delta = draw(shape.tokens * heads, 1.0F, -2.0F);
  operands.a = draw(shape.mamba1 ? shape.channels * shape.states : heads, 0.5F, -2.0F);
  operands.b = draw(shape.tokens * shape.states, 0.5F);
  operands.c = draw(shape.tokens * shape.states, 0.5F);
  operands.d = draw(shape.channels, 0.5F);
  if (shape.initial_state) {
    state_.clear();
    for (const uint16_t value : draw(shape.channels * shape.states, 1.0F))
      state_.push_back(fp16_to_float(value));
    operands.initial_state = state_;
  }
  return operands;
}

}  // namespace duet::models
