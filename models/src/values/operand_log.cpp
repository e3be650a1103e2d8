// SPDX-License-Identifier: Apache-2.0
#include "duet/models/values/operand_log.hpp"

namespace duet::models {

void OperandLog::keep(std::span<const uint16_t>& words) {
  words = words_.emplace_back(words.begin(), words.end());
}

void OperandLog::add(GemmOperands operands) {
  keep(operands.a);
  keep(operands.b);
  kernels_.emplace_back(operands);
}

void OperandLog::add(GemvOperands operands) {
  keep(operands.matrix);
  keep(operands.vectors);
  kernels_.emplace_back(operands);
}

void OperandLog::add(SsmOperands operands) {
  for (auto* words : {&operands.x, &operands.delta, &operands.a, &operands.b, &operands.c, &operands.d})
    keep(*words);
  operands.initial_state = states_.emplace_back(operands.initial_state.begin(), operands.initial_state.end());
  kernels_.emplace_back(operands);
}

void OperandLog::clear() {
  kernels_.clear();
  words_.clear();
  states_.clear();
}

}  // namespace duet::models
