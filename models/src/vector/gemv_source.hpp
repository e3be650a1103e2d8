// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/models/vector/vector_engine.hpp"
#include "pass_source.hpp"

namespace duet::models {

/// GEMV of a slice of K and the vectors that share the pass: the vectors are loaded into the local
/// buffers, then the matrix streams through, pass after pass.
class GemvSource final : public PassSource {
 public:
  struct Part {
    uint64_t first_vector, vectors;
    uint64_t first_k, k;
  };

  GemvSource(const core::VectorArrayDescription& array, const GemvOperands& operands, const Part& part,
             std::vector<float>& partial, ArrayRun& run);

  [[nodiscard]] VectorUnits make_units() const;
  [[nodiscard]] uint64_t partial_sum_bytes() const;

  bool next(IssuedUnitSlot& slot, bool results_pending) override;
  [[nodiscard]] uint64_t pass_steps() const override { return layout_.beats * beat_steps_; }
  [[nodiscard]] uint64_t write_delay() const override;

  void operand1(const UnitSlot& slot, unsigned unit, float* words) override;
  void operand2(const UnitSlot& slot, unsigned unit, float* words) override;
  float* state(const UnitSlot&, unsigned) override { return nullptr; }
  bool chain_start(const UnitSlot& slot, float* words) override;
  void results(const UnitSlot& slot, const float* words) override;

 private:
  [[nodiscard]] unsigned products_of(uint64_t pass) const;
  [[nodiscard]] bool reads_partial() const { return part_.first_k > 0; }
  [[nodiscard]] bool is_last_slice() const { return part_.first_k + part_.k == operands_.shape.k; }
  [[nodiscard]] bool writes_partial() const { return !is_last_slice() || operands_.shape.partial_results; }

  const core::VectorArrayDescription& array_;
  const GemvOperands& operands_;
  Part part_;
  std::vector<float>& partial_;
  ArrayRun& run_;
  ChainLayout layout_;
  unsigned stride_;
  unsigned levels_;
  uint64_t sum_bytes_;
  uint64_t passes_;
  uint64_t load_steps_;
  uint64_t beat_steps_;
  uint64_t step_ = 0;
};

}  // namespace duet::models
