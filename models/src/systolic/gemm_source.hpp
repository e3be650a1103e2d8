// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/models/systolic/systolic_operands.hpp"
#include "slot_source.hpp"

namespace duet::models {

/// Output-stationary GEMM: fold after fold, operands from both edges, then one collecting slot per column.
class GemmSource final : public SlotSource {
 public:
  GemmSource(const core::SystolicArrayDescription& array, const GemmOperands& operands, ArrayRun& run);

  bool next(IssuedSlot& slot) override;
  [[nodiscard]] std::span<const float> west() const override { return west_; }
  [[nodiscard]] std::span<const float> north() const override { return north_; }
  void store(uint64_t tag, std::span<const float> words) override;

 private:
  struct Fold {
    uint64_t row = 0, column = 0;    // first result
    unsigned rows = 0, columns = 0;  // results
  };

  [[nodiscard]] Fold fold_at(uint64_t row, uint64_t column) const;
  [[nodiscard]] bool is_last() const;
  [[nodiscard]] bool fold_is_over() const;
  void issue_operands(IssuedSlot& slot);
  void issue_collect(IssuedSlot& slot);

  const core::SystolicArrayDescription& array_;
  core::GemmShape shape_;
  ArrayRun& run_;
  uint64_t result_bytes_;
  std::vector<float> a_by_k_;  // [k][m]
  std::vector<float> b_;       // [k][n]
  Fold fold_;
  Fold collected_fold_;
  uint64_t step_ = 0;     // of this fold
  unsigned collect_ = 0;  // next column
  bool collecting_ = false;
  bool folds_left_ = true;
  std::span<const float> west_;
  std::span<const float> north_;
};

}  // namespace duet::models
