// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "duet/core/chiplet_description.hpp"
#include "duet/models/sfu/sfu_function.hpp"
#include "duet/models/systolic/systolic_operands.hpp"
#include "duet/models/vector/attention_operands.hpp"
#include "duet/sw_driver/descriptor.h"
#include "first_array.hpp"

namespace duet::models {

/// The arrays of one kind as a source of values: every product runs through the `pe` level's registers, in
/// the parts that the chiplet deals out to its arrays, so the values are those of the arrays bit by bit.
class ValueArrays {
 public:
  virtual ~ValueArrays() = default;

  /// y[m][n] = x[m][k] * w[n][k]
  virtual std::vector<uint16_t> multiply(Halves x, Halves w, uint64_t m, uint64_t k, uint64_t n) = 0;
  /// One of `units` independent attentions of an operation.
  virtual std::vector<uint16_t> attention(const AttentionOperands& operands, uint64_t unit,
                                          uint64_t units) = 0;
  virtual ArrayRun ssm(const SsmOperands& operands, const SsmPlace& place) = 0;

  /// From now on `log` gets what the first of the arrays computes on; null ends that.
  void log_to(OperandLog* log) { log_ = log; }

  /// A sum or a product in the accumulation's width.
  [[nodiscard]] float add(float a, float b) const { return round(a + b); }
  [[nodiscard]] float times(float a, float b) const { return round(a * b); }
  [[nodiscard]] const core::SfuDescription& sfu() const { return sfu_; }

 protected:
  ValueArrays(core::SfuDescription sfu, core::Accumulation accumulation)
      : sfu_(sfu), accumulation_(accumulation) {}
  [[nodiscard]] core::Accumulation accumulation() const { return accumulation_; }
  [[nodiscard]] OperandLog* log() const { return log_; }

 private:
  [[nodiscard]] float round(float value) const;

  core::SfuDescription sfu_;
  core::Accumulation accumulation_;
  OperandLog* log_ = nullptr;
};

/// Null when the chiplet has no arrays of that kind.
std::unique_ptr<ValueArrays> make_value_arrays(duet_engine kind, const core::NodeTypeDescription& chiplet);

}  // namespace duet::models
