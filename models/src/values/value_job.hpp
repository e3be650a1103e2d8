// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <span>
#include <string>

#include "duet/models/chiplet/job.hpp"
#include "value_arrays.hpp"

namespace duet::models {

/// A job's operands as FP16 words. Spans are as long as the operands are; operations check that.
class ValueJob {
 public:
  explicit ValueJob(Job& job) : job_(job) {}

  [[nodiscard]] const duet_shape& shape() const { return job_.descriptor.shape; }
  [[nodiscard]] const duet_values& values() const { return job_.descriptor.values; }
  [[nodiscard]] bool has(duet_value_flag flag) const { return (values().flags & flag) != 0; }
  [[nodiscard]] float epsilon() const { return std::bit_cast<float>(values().epsilon); }
  [[nodiscard]] float scale() const { return std::bit_cast<float>(values().scale); }
  /// Chiplets that an input's shares come from.
  [[nodiscard]] uint64_t members(unsigned input) const {
    const duet_operand& operand = job_.descriptor.inputs[input];
    return (operand.flags & DUET_OPERAND_SHARED) != 0 ? operand.group_members : 1;
  }

  template <class Word = uint16_t>
  [[nodiscard]] std::span<const Word> input(unsigned index) const {
    const auto& bytes = job_.data->inputs[index];
    return {reinterpret_cast<const Word*>(bytes.data()), bytes.size() / sizeof(Word)};
  }
  template <class Word = uint16_t>
  [[nodiscard]] std::span<Word> output(unsigned index) {
    auto& bytes = job_.data->outputs[index];
    return {reinterpret_cast<Word*>(bytes.data()), bytes.size() / sizeof(Word)};
  }
  [[nodiscard]] uint64_t input_address(unsigned index) const { return job_.inputs[index].address; }

 private:
  Job& job_;
};

/// Each returns whether shape and operands agree, and computes nothing if they do not.
bool compute_product(ValueJob& job, ValueArrays& arrays);
bool compute_attention(ValueJob& job, ValueArrays& arrays);
bool compute_ssm(ValueJob& job, ValueArrays& arrays);
bool compute_conv1d(ValueJob& job, ValueArrays& arrays);
bool compute_norm(ValueJob& job, ValueArrays& arrays);
bool compute_argmax(ValueJob& job);
bool compute_move(ValueJob& job);

/// RMSNorm of each of `groups` parts of rows of `columns`, in place.
void normalise(std::span<uint16_t> rows, uint64_t columns, uint64_t groups, Halves weight, float epsilon,
               const ValueArrays& arrays);

/// function(x); x itself without a function.
float apply_function(uint16_t function, float x, const ValueArrays& arrays);

}  // namespace duet::models
