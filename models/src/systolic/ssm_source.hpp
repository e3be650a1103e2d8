// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/models/sfu/ssm_scalars.hpp"
#include "duet/models/systolic/systolic_operands.hpp"
#include "slot_source.hpp"

namespace duet::models {

/// State-stationary SSM: for each row tile, chunk and column tile the state is deposited (if there is
/// any), the tokens pass, and the state is collected.
class SsmSource final : public SlotSource {
 public:
  SsmSource(const core::SystolicArrayDescription& array, const SsmOperands& operands, ArrayRun& run);

  bool next(IssuedSlot& slot) override;
  [[nodiscard]] std::span<const float> west() const override { return {west_.data(), west_words_}; }
  [[nodiscard]] std::span<const float> north() const override { return {north_.data(), north_words_}; }
  void store(uint64_t tag, std::span<const float> words) override;

 private:
  // One frame: the tokens of a chunk on a tile of channels (rows) and states (columns).
  struct Frame {
    uint64_t channel = 0, token = 0, state = 0;
    unsigned rows = 0, columns = 0;
    uint64_t tokens = 0;
  };

  void start_frame();
  bool advance_frame();
  [[nodiscard]] unsigned rows_at(uint64_t channel) const;
  [[nodiscard]] bool loads() const { return frame_.token > 0 || shape_.initial_state; }
  [[nodiscard]] bool is_last() const;
  [[nodiscard]] bool frame_is_over() const;
  void compute_scalars(uint64_t token);
  void issue_load(IssuedSlot& slot);
  void issue_token(IssuedSlot& slot, uint64_t token, uint64_t phase);
  void issue_collect(IssuedSlot& slot, uint64_t column);
  void set_operation(IssuedSlot& slot, SlotOperation operation) const;
  void west_from(const std::vector<float>& words) { west_ = words, west_words_ = frame_.rows; }
  void north_from(std::span<const uint16_t> matrix, uint64_t token);
  [[nodiscard]] uint64_t token_read_bytes() const;
  [[nodiscard]] uint64_t head_of(uint64_t channel) const { return channel / head_channels_; }
  [[nodiscard]] uint64_t heads_in_frame() const;

  const core::SystolicArrayDescription& array_;
  SsmOperands operands_;
  core::SsmShape shape_;
  ArrayRun& run_;
  SsmScalars scalars_;
  uint64_t head_channels_;
  uint64_t heads_;
  uint64_t chunk_;
  uint64_t sum_bytes_;
  uint64_t decay_slots_;
  uint64_t period_;
  uint64_t sfu_latency_;
  Frame frame_;
  uint64_t step_ = 0;
  bool frames_left_ = true;
  std::vector<float> partial_;                         // [tokens][channels], between column tiles
  std::vector<float> delta_, decay_, input_, output_;  // of the token, by row
  std::vector<float> west_, north_;
  size_t west_words_ = 0, north_words_ = 0;
};

}  // namespace duet::models
