// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <span>
#include <variant>
#include <vector>

#include "duet/models/systolic/systolic_operands.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {

/// Operands of the kernels that one array runs, in that order. Copies what it is given.
class OperandLog {
 public:
  using Kernel = std::variant<GemmOperands, GemvOperands, SsmOperands>;

  void add(GemmOperands operands);
  void add(GemvOperands operands);
  void add(SsmOperands operands);
  void clear();

  /// Spans live until clear().
  [[nodiscard]] std::span<const Kernel> kernels() const { return kernels_; }

 private:
  void keep(std::span<const uint16_t>& words);

  std::vector<Kernel> kernels_;
  std::deque<std::vector<uint16_t>> words_;
  std::deque<std::vector<float>> states_;
};

}  // namespace duet::models
