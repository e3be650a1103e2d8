// SPDX-License-Identifier: Apache-2.0
#include "duet/models/numerics/fp16.hpp"
#include "duet/models/sfu/softmax.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {
// Weights stay unnormalised until the products are made: a division per result instead of one per score.
ArrayRun VectorEngine::attention(const AttentionOperands& operands) {
  ArrayRun result;
  result.status = status_of(mode_ == VectorMode::gemv, operands.sizes_agree());
  if (result.status != ArrayStatus::ok) return result;
  const core::AttentionShape& shape = operands.shape;
  multiply({core::attention_scores(shape), operands.keys, operands.queries}, result);

  std::vector<uint16_t> weights = std::move(result.values);
  const Softmax softmax_unit(array_.sfu, array_.accumulation);
  std::vector<float> scales;
  for (uint64_t query = 0; query < shape.queries; ++query) {
    const std::span row(&weights[query * shape.context], shape.context);
    scales.push_back(softmax_unit.weights(row));
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
