// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/models/sfu/ssm_scalars.hpp"
#include "duet/models/vector/vector_engine.hpp"
#include "pass_source.hpp"

namespace duet::models {

/// SSM steps on the vector units. One token: a pass is a set of channels, and the state streams through.
/// Several tokens: for each set of channels the state is loaded, the tokens are the passes, and the
/// state is written back.
class SsmPassSource final : public PassSource {
 public:
  SsmPassSource(const core::VectorArrayDescription& array, const SsmOperands& operands, ArrayRun& run);

  [[nodiscard]] VectorUnits make_units() const;
  /// Counts that follow from the passes issued.
  void add_counts(core::ArrayTime& time) const;

  bool next(IssuedUnitSlot& slot, bool results_pending) override;
  [[nodiscard]] uint64_t pass_steps() const override { return layout_.beats * beat_steps_; }
  [[nodiscard]] uint64_t write_delay() const override;

  void operand1(const UnitSlot& slot, unsigned unit, float* words) override;
  void operand2(const UnitSlot& slot, unsigned unit, float* words) override;
  float* state(const UnitSlot& slot, unsigned unit) override;
  bool chain_start(const UnitSlot& slot, float* words) override;
  void results(const UnitSlot& slot, const float* words) override;

 private:
  enum class Phase : uint8_t { operands, load, stream, wait, store, done };

  [[nodiscard]] bool one_token() const { return shape_.tokens == 1; }
  [[nodiscard]] uint64_t channel_of(const UnitSlot& slot) const;
  [[nodiscard]] uint64_t token_of(const UnitSlot& slot) const;
  [[nodiscard]] unsigned products_at(uint64_t channel) const;
  void load_state(uint64_t channel);
  void store_state(uint64_t channel);
  void issue_stream(IssuedUnitSlot& slot);
  float* state_at(unsigned unit, uint64_t beat);
  template <class Move>
  void for_slice(uint64_t channel, unsigned unit, uint64_t beat, Move&& move);

  const core::VectorArrayDescription& array_;
  SsmOperands operands_;
  core::SsmShape shape_;
  ArrayRun& run_;
  SsmScalars scalars_;
  ChainLayout layout_;
  unsigned stride_;
  unsigned levels_;
  uint64_t head_channels_;
  uint64_t heads_;
  uint64_t sum_bytes_;
  uint64_t beat_steps_;
  uint64_t sfu_latency_;
  Phase phase_ = Phase::operands;
  uint64_t step_ = 0;           // of the phase
  uint64_t group_channel_ = 0;  // several tokens: first channel of the group in work
  std::vector<float> buffers_;  // [unit][beat][lane][product]
  core::ArrayTime counts_;
};

}  // namespace duet::models
