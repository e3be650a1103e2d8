// SPDX-License-Identifier: Apache-2.0
// Products with weights and attention.
#include <algorithm>

#include "duet/models/numerics/fp16.hpp"
#include "value_job.hpp"

namespace duet::models {
namespace {

/// Rows of `columns` from the column blocks that the members of a group have made.
std::vector<uint16_t> rows_of_blocks(Halves blocks, uint64_t rows, uint64_t columns, uint64_t members) {
  const uint64_t width = columns / members;
  std::vector<uint16_t> result(rows * columns);
  for (uint64_t i = 0; i < result.size(); ++i) {
    const uint64_t column = i % columns;
    result[i] = blocks[(column / width * rows + i / columns) * width + column % width];
  }
  return result;
}

/// Consecutive columns of the result to consecutive outputs; an output's size says how many.
bool write_columns(ValueJob& job, Halves result, uint64_t rows, uint64_t columns) {
  uint64_t all = 0;
  for (unsigned o = 0; o < DUET_OUTPUTS; ++o) {
    const uint64_t size = job.output(o).size();
    if (size % rows != 0) return false;
    all += size / rows;
  }
  if (all != columns) return false;
  uint64_t first = 0;
  for (unsigned o = 0; o < DUET_OUTPUTS; ++o) {
    const std::span<uint16_t> out = job.output(o);
    const uint64_t width = out.size() / rows;
    for (uint64_t i = 0; i < out.size(); ++i) out[i] = result[i / width * columns + first + i % width];
    first += width;
  }
  return true;
}

}  // namespace

bool compute_product(ValueJob& job, ValueArrays& arrays) {
  const uint64_t m = job.shape().m;
  const uint64_t k = job.shape().k;
  const uint64_t n = job.shape().n;
  const bool gated = job.has(DUET_VALUE_GATE);
  const uint64_t columns = gated ? n / 2 : n;
  const unsigned norm_slot = 2;
  const unsigned residual_slot = job.has(DUET_VALUE_NORM) ? 3 : 2;
  if (m * k * n == 0 || k % job.members(0) != 0 || (gated && n % 2 != 0) || job.input(0).size() != m * k ||
      job.input(1).size() != n * k || (job.has(DUET_VALUE_NORM) && job.input(norm_slot).size() != k) ||
      (job.has(DUET_VALUE_RESIDUAL) && job.input(residual_slot).size() != m * columns)) {
    return false;
  }
  std::vector<uint16_t> x = rows_of_blocks(job.input(0), m, k, job.members(0));
  if (job.has(DUET_VALUE_NORM)) normalise(x, k, 1, job.input(norm_slot), job.epsilon(), arrays);
  const std::vector<uint16_t> y = arrays.multiply(x, job.input(1), m, k, n);
  std::vector<uint16_t> result(m * columns);
  for (uint64_t i = 0; i < result.size(); ++i) {
    const uint64_t at = i / columns * n + i % columns;
    float value = apply_function(job.values().function, fp16_to_float(y[at]), arrays);
    if (gated) value = round_to_fp16(value * fp16_to_float(y[at + columns]));
    if (job.has(DUET_VALUE_RESIDUAL))
      value = round_to_fp16(value + fp16_to_float(job.input(residual_slot)[i]));
    result[i] = fp16_from_float(value);
  }
  return write_columns(job, result, m, columns);
}

// Each query sees what is cached and, of the new tokens, those up to its own.
bool compute_attention(ValueJob& job, ValueArrays& arrays) {
  const duet_shape& shape = job.shape();
  const uint64_t batch = shape.m;
  const uint64_t tokens = shape.k;
  const uint64_t size = shape.head_dim;
  if (batch * tokens * size * shape.heads * shape.kv_heads == 0 || shape.heads % shape.kv_heads != 0)
    return false;
  const uint64_t shared = shape.heads / shape.kv_heads;
  const uint64_t query_width = shape.heads * size;
  const uint64_t cache_width = 2 * shape.kv_heads * size;
  const Halves queries = job.input(0);
  const Halves cache = job.input(1);
  const std::span<uint16_t> out = job.output(0);
  const uint64_t keys = cache.size() / (batch * cache_width);
  if (queries.size() != batch * tokens * query_width || out.size() != queries.size() || keys < tokens ||
      cache.size() != keys * batch * cache_width) {
    return false;
  }
  const float scale = round_to_fp16(job.scale());
  const uint64_t units = batch * tokens * shape.kv_heads;
  for (uint64_t unit = 0; unit < units; ++unit) {
    const uint64_t head = unit % shape.kv_heads;
    const uint64_t row = unit / shape.kv_heads;  // of the new tokens
    const uint64_t sequence = row % batch;
    const uint64_t context = keys - tokens + row / batch + 1;
    const uint64_t first = row * query_width + head * shared * size;
    std::vector<uint16_t> q(shared * size);
    std::vector<uint16_t> k(context * size);
    std::vector<uint16_t> v(context * size);
    for (uint64_t i = 0; i < q.size(); ++i) q[i] = fp16_from_float(scale * fp16_to_float(queries[first + i]));
    for (uint64_t t = 0; t < context; ++t) {
      for (uint64_t i = 0; i < size; ++i) {
        const uint64_t at = (t * batch + sequence) * cache_width + head * size + i;
        k[t * size + i] = cache[at];
        v[i * context + t] = cache[at + cache_width / 2];
      }
    }
    const auto y =
        arrays.attention({{.queries = shared, .head_size = size, .context = context}, q, k, v}, unit, units);
    std::ranges::copy(y, out.begin() + static_cast<ptrdiff_t>(first));
  }
  return true;
}

}  // namespace duet::models
