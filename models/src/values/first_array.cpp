// SPDX-License-Identifier: Apache-2.0
#include "first_array.hpp"

#include <algorithm>

namespace duet::models {
namespace {

std::vector<uint16_t> transposed(Halves matrix, uint64_t rows, uint64_t columns) {
  std::vector<uint16_t> result(matrix.size());
  for (uint64_t row = 0; row < rows; ++row) {
    for (uint64_t column = 0; column < columns; ++column)
      result[column * rows + row] = matrix[row * columns + column];
  }
  return result;
}

/// The columns `which` of a matrix that is `width` wide.
template <class Word>
std::vector<Word> columns_of(std::span<const Word> matrix, uint64_t width, std::span<const uint64_t> which) {
  std::vector<Word> result;
  for (uint64_t row = 0; row * width < matrix.size(); ++row) {
    for (const uint64_t column : which) result.push_back(matrix[row * width + column]);
  }
  return result;
}

}  // namespace

std::vector<uint16_t> cut(Halves matrix, uint64_t width, uint64_t row, uint64_t rows, uint64_t column,
                          uint64_t columns) {
  std::vector<uint16_t> part;
  part.reserve(rows * columns);
  for (uint64_t r = row; r < row + rows; ++r) {
    const Halves line = matrix.subspan(r * width + column, columns);
    part.insert(part.end(), line.begin(), line.end());
  }
  return part;
}

void log_first_array(OperandLog& log, const core::SystolicArrayDescription& array,
                     const core::ChipletTime& time, Halves x, Halves w, const core::GemmShape& shape) {
  const uint64_t m = time.transposed ? shape.n : shape.m;
  const uint64_t n = time.transposed ? shape.m : shape.n;
  const Halves rows_of = time.transposed ? w : x;
  const Halves columns_from = time.transposed ? x : w;
  const uint64_t k = (shape.k + time.split_k - 1) / time.split_k;
  const auto add = [&](uint64_t row, uint64_t rows, uint64_t columns) {
    const auto a = cut(rows_of, shape.k, row, rows, 0, k);
    const auto b = transposed(cut(columns_from, shape.k, 0, columns, 0, k), columns, k);
    log.add(GemmOperands{{rows, k, columns, shape.partial_results || time.split_k > 1}, a, b});
  };
  const uint64_t column_folds = (n + array.columns - 1) / array.columns;
  const uint64_t whole_rows = std::min(m, time.tiles_of_busiest / column_folds * array.rows);
  const uint64_t rest = time.tiles_of_busiest % column_folds;
  if (whole_rows > 0) add(0, whole_rows, n);
  if (rest > 0 && whole_rows < m)
    add(whole_rows, std::min<uint64_t>(array.rows, m - whole_rows), std::min(n, rest * array.columns));
}

void log_first_array(OperandLog& log, const SsmOperands& o, uint64_t channels,
                     std::span<const uint64_t> states) {
  core::SsmShape shape = o.shape;
  shape.channels = channels;
  shape.states = states.size();
  const uint64_t tokens = shape.tokens;
  const uint64_t all_heads = SsmOperands::heads(o.shape);
  const uint64_t heads = SsmOperands::heads(shape);
  const auto x = cut(o.x, o.shape.channels, 0, tokens, 0, channels);
  const auto delta = cut(o.delta, all_heads, 0, tokens, 0, heads);
  const auto b = columns_of(o.b, o.shape.states, states);
  const auto c = columns_of(o.c, o.shape.states, states);
  const auto a = shape.mamba1 ? columns_of(o.a.first(channels * o.shape.states), o.shape.states, states)
                              : cut(o.a, all_heads, 0, 1, 0, heads);
  const std::span<const float> state =
      o.initial_state.first(o.initial_state.empty() ? 0 : channels * o.shape.states);
  const auto initial = columns_of(state, o.shape.states, states);
  log.add(SsmOperands{shape, x, delta, a, b, c, o.d.first(channels), initial});
}

std::vector<uint64_t> states_of_first_array(uint64_t states, uint64_t columns, uint64_t arrays) {
  std::vector<uint64_t> result;
  for (uint64_t state = 0; state < states; ++state) {
    if (state / columns % arrays == 0) result.push_back(state);
  }
  return result;
}

}  // namespace duet::models
