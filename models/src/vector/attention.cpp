// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "duet/models/numerics/fp16.hpp"
#include "duet/models/sfu/sfu_function.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {
namespace {

// exp(score - largest score), in place; returns the sum in the accumulation's width.
float exponentials(std::span<uint16_t> scores, const SfuTable& exp, bool fp16_sums) {
  float largest = fp16_to_float(scores[0]);
  for (const uint16_t score : scores) largest = std::max(largest, fp16_to_float(score));
  float sum = 0;
  for (uint16_t& score : scores) {
    const float weight = exp.apply(round_to_fp16(fp16_to_float(score) - largest));
    score = fp16_from_float(weight);
    sum += weight;
    if (fp16_sums) sum = round_to_fp16(sum);
  }
  return sum;
}

}  // namespace

// Weights stay unnormalised until the products are made: a division per result instead of one per score.
ArrayRun VectorEngine::attention(const AttentionOperands& operands) {
  ArrayRun result;
  result.status = status_of(mode_ == VectorMode::gemv, operands.sizes_agree());
  if (result.status != ArrayStatus::ok) return result;
  const core::AttentionShape& shape = operands.shape;
  multiply({core::attention_scores(shape), operands.keys, operands.queries}, result);

  std::vector<uint16_t> weights = std::move(result.values);
  const SfuTable& exp = sfu_table(SfuFunction::exp, array_.sfu);
  const SfuTable& reciprocal = sfu_table(SfuFunction::reciprocal, array_.sfu);
  std::vector<float> scales;
  for (uint64_t query = 0; query < shape.queries; ++query) {
    const std::span row(&weights[query * shape.context], shape.context);
    const float sum = exponentials(row, exp, array_.accumulation == core::Accumulation::fp16);
    scales.push_back(reciprocal.apply(round_to_fp16(sum)));
  }
  const core::ArrayTime softmax = core::softmax_time(array_, clock_hz_, shape);
  result.time.cycles += softmax.cycles;
  result.time.stalls.sram += softmax.stalls.sram;
  result.time.sram_read_bytes += softmax.sram_read_bytes;
  result.time.sram_write_bytes += softmax.sram_write_bytes;
  result.time.sfu_operations += softmax.sfu_operations;

  multiply({core::attention_values(shape), operands.values, weights}, result);
  for (uint64_t query = 0; query < shape.queries; ++query) {
    for (uint64_t i = 0; i < shape.head_size; ++i) {
      uint16_t& value = result.values[query * shape.head_size + i];
      value = fp16_from_float(fp16_to_float(value) * scales[query]);
    }
  }
  return result;
}

}  // namespace duet::models
