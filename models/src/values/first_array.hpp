// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "duet/core/array_timing.hpp"
#include "duet/models/values/operand_log.hpp"

/// What the first of a chiplet's arrays computes of an operation, as core deals it out (ChipletTime).
namespace duet::models {

using Halves = std::span<const uint16_t>;

/// Rows [row, row + rows) of columns [column, column + columns) of a matrix that is `width` wide.
std::vector<uint16_t> cut(Halves matrix, uint64_t width, uint64_t row, uint64_t rows, uint64_t column,
                          uint64_t columns);

/// Where one kernel's channels lie among those of all sequences.
struct SsmPlace {
  uint64_t first_channel = 0;  ///< counted over all sequences
  uint64_t channels = 1;       ///< of a sequence
  uint64_t sequences = 1;
};

/// y[m][n] = x[m][k] * w[n][k] on systolic arrays: result tiles row by row, of the first slice of K.
void log_first_array(OperandLog& log, const core::SystolicArrayDescription& array,
                     const core::ChipletTime& time, Halves x, Halves w, const core::GemmShape& shape);

/// The first `channels` channels of an SSM kernel, and `states` of its states.
void log_first_array(OperandLog& log, const SsmOperands& operands, uint64_t channels,
                     std::span<const uint64_t> states);

/// States of the column tiles that the first of `arrays` arrays gets when they are dealt round robin.
std::vector<uint64_t> states_of_first_array(uint64_t states, uint64_t columns, uint64_t arrays);

}  // namespace duet::models
