// SPDX-License-Identifier: Apache-2.0
#include "ssm_source.hpp"

#include <algorithm>

namespace duet::models {
namespace {

constexpr uint64_t word_bytes = 2;
constexpr uint64_t unfused_reads = 4;   // old state, decayed state, input product, new state
constexpr uint64_t unfused_writes = 3;  // decayed state, input product, new state
constexpr uint64_t state_tag = uint64_t{1} << 63;

uint64_t quotient_up(uint64_t a, uint64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

uint64_t SsmOperands::heads(const core::SsmShape& shape) {
  if (shape.mamba1) return shape.channels;
  return quotient_up(shape.channels, std::clamp<uint64_t>(shape.channels_per_head, 1, shape.channels));
}

bool SsmOperands::sizes_agree() const {
  if (shape.tokens == 0 || shape.channels == 0 || shape.states == 0) return false;
  return x.size() == shape.tokens * shape.channels && delta.size() == shape.tokens * heads(shape) &&
         a.size() == (shape.mamba1 ? shape.channels * shape.states : heads(shape)) &&
         b.size() == shape.tokens * shape.states && c.size() == shape.tokens * shape.states &&
         d.size() == shape.channels &&
         initial_state.size() == (shape.initial_state ? shape.channels * shape.states : 0);
}

SsmSource::SsmSource(const core::SystolicArrayDescription& array, const SsmOperands& operands, ArrayRun& run)
    : array_(array),
      operands_(operands),
      shape_(operands.shape),
      run_(run),
      scalars_(array.sfu),
      head_channels_(shape_.mamba1 ? 1 : std::clamp<uint64_t>(shape_.channels_per_head, 1, shape_.channels)),
      heads_(SsmOperands::heads(shape_)),
      chunk_(shape_.chunk),
      sum_bytes_(array.accumulation == core::Accumulation::fp32 ? 4 : 2),
      decay_slots_(shape_.mamba1 ? std::min<uint64_t>(array.columns, shape_.states) : 1),
      sfu_latency_(2 * uint64_t{array.sfu.latency_cycles} + 1),
      partial_(shape_.tokens * shape_.channels),
      delta_(array.rows),
      decay_(array.rows),
      input_(array.rows),
      output_(array.rows),
      west_(array.rows),
      north_(array.columns) {
  // A state that covers no more than the columns stays in the PEs from chunk to chunk.
  if (chunk_ == 0 || shape_.states <= array.columns) chunk_ = shape_.tokens;
  const uint64_t array_period = decay_slots_ - 1 + uint64_t{3} * array.mac_interval_cycles;
  const uint64_t rows_per_unit = quotient_up(array.rows, array.sfu.units);
  period_ = std::max(array_period, (1 + decay_slots_) * array.sfu.interval_cycles * rows_per_unit);
  run_.values.resize(shape_.tokens * shape_.channels);
  run_.sums.resize(shape_.channels * shape_.states);
  if (!operands.initial_state.empty()) {
    std::copy(operands.initial_state.begin(), operands.initial_state.end(), run_.sums.begin());
  }
  start_frame();
}

unsigned SsmSource::rows_at(uint64_t channel) const {
  // Tiles do not cut across heads: the rest of a long head, or as many whole heads as there are rows for.
  const uint64_t rest = shape_.channels - channel;
  if (head_channels_ > array_.rows) {
    const uint64_t rest_of_head = head_channels_ - channel % head_channels_;
    return static_cast<unsigned>(std::min({uint64_t{array_.rows}, rest_of_head, rest}));
  }
  return static_cast<unsigned>(std::min(array_.rows / head_channels_ * head_channels_, rest));
}

void SsmSource::start_frame() {
  frame_.rows = rows_at(frame_.channel);
  frame_.columns = static_cast<unsigned>(std::min<uint64_t>(array_.columns, shape_.states - frame_.state));
  frame_.tokens = std::min(chunk_, shape_.tokens - frame_.token);
  step_ = 0;
}

bool SsmSource::is_last() const {
  return frame_.state + frame_.columns == shape_.states && frame_.token + frame_.tokens == shape_.tokens &&
         frame_.channel + frame_.rows == shape_.channels;
}

bool SsmSource::advance_frame() {
  if (frame_.state + frame_.columns < shape_.states) {
    frame_.state += frame_.columns;
  } else if (frame_.token + frame_.tokens < shape_.tokens) {
    frame_.state = 0;
    frame_.token += frame_.tokens;
  } else if (frame_.channel + frame_.rows < shape_.channels) {
    frame_.state = frame_.token = 0;
    frame_.channel += frame_.rows;
  } else {
    return false;
  }
  start_frame();
  return true;
}

bool SsmSource::frame_is_over() const {
  const uint64_t load = loads() ? frame_.columns : 0;
  const uint64_t last_slot = load + frame_.tokens * period_ + frame_.columns;
  // The next frame reads what this one writes (partial sums), so this one's first results are out by then.
  const uint64_t through = load + period_ + sfu_latency_ + array_.rows + array_.columns - 1;
  return step_ >= last_slot && (is_last() || step_ >= through);
}

bool SsmSource::next(IssuedSlot& slot) {
  slot = {};
  west_words_ = north_words_ = 0;
  if (frames_left_ && frame_is_over()) frames_left_ = advance_frame();
  if (!frames_left_) return false;
  slot.frame_start = step_ == 0;
  const uint64_t load = loads() ? frame_.columns : 0;
  const uint64_t token_steps = frame_.tokens * period_;
  if (step_ == 0) {
    // A of the heads and, where y starts, D of the channels stay in the SFU column for the frame.
    if (!shape_.mamba1) slot.read_bytes += word_bytes * heads_in_frame();
    if (frame_.state == 0) slot.read_bytes += word_bytes * frame_.rows;
  }
  if (step_ < load) {
    issue_load(slot);
  } else if (step_ < load + token_steps) {
    issue_token(slot, (step_ - load) / period_, (step_ - load) % period_);
  } else if (step_ < load + token_steps + frame_.columns) {
    issue_collect(slot, step_ - load - token_steps);
  } else {
    ++counts_.stalls.output;
  }
  ++step_;
  return true;
}

uint64_t SsmSource::heads_in_frame() const {
  return head_of(frame_.channel + frame_.rows - 1) - head_of(frame_.channel) + 1;
}

void SsmSource::issue_load(IssuedSlot& slot) {
  if (!is_last()) ++counts_.stalls.drain;
  slot.slot.operation = SlotOperation::deposit;
  slot.slot.column = static_cast<int16_t>(step_);
  slot.read_bytes += sum_bytes_ * frame_.rows;
  counts_.state_bytes += sum_bytes_ * frame_.rows;
  for (unsigned i = 0; i < frame_.rows; ++i) {
    west_[i] = run_.sums[(frame_.channel + i) * shape_.states + frame_.state + step_];
  }
  west_words_ = frame_.rows;
}

void SsmSource::compute_scalars(uint64_t token) {
  for (unsigned i = 0; i < frame_.rows; ++i) {
    const uint64_t channel = frame_.channel + i;
    const float x = fp16_to_float(operands_.x[token * shape_.channels + channel]);
    const uint64_t head = head_of(channel);
    delta_[i] = scalars_.delta(fp16_to_float(operands_.delta[token * heads_ + head]));
    if (!shape_.mamba1) decay_[i] = scalars_.decay(delta_[i], fp16_to_float(operands_.a[head]));
    input_[i] = SsmScalars::product(delta_[i], x);
    output_[i] = frame_.state == 0 ? SsmScalars::product(fp16_to_float(operands_.d[channel]), x)
                                   : partial_[token * shape_.channels + channel];
  }
}

void SsmSource::set_operation(IssuedSlot& slot, SlotOperation operation) const {
  slot.slot.operation = operation;
  slot.slot.rows = slot.slot.timed_rows = static_cast<uint16_t>(frame_.rows);
  slot.slot.columns = slot.slot.timed_columns = static_cast<uint16_t>(frame_.columns);
}

void SsmSource::north_from(std::span<const uint16_t> matrix, uint64_t token) {
  for (unsigned j = 0; j < frame_.columns; ++j) {
    north_[j] = fp16_to_float(matrix[token * shape_.states + frame_.state + j]);
  }
  north_words_ = frame_.columns;
}

uint64_t SsmSource::token_read_bytes() const {
  const uint64_t rows = frame_.rows;
  uint64_t words = rows + 2 * uint64_t{frame_.columns};  // x, B, C
  words += shape_.mamba1 ? rows + rows * frame_.columns : heads_in_frame();
  uint64_t bytes = word_bytes * words;
  if (frame_.state > 0) bytes += sum_bytes_ * rows;
  if (!array_.fuse_ssm) bytes += unfused_reads * sum_bytes_ * rows * frame_.columns;
  return bytes;
}

void SsmSource::issue_token(IssuedSlot& slot, uint64_t token_of_frame, uint64_t phase) {
  const uint64_t interval = array_.mac_interval_cycles;
  const uint64_t token = frame_.token + token_of_frame;
  const uint64_t input_phase = decay_slots_ - 1 + interval;
  const uint64_t rows = frame_.rows;
  if (phase == 0) {
    compute_scalars(token);
    slot.read_bytes += token_read_bytes();
    counts_.sfu_operations += rows * (1 + (shape_.mamba1 ? frame_.columns : 1));
    counts_.stalls.link += decay_slots_ - 1;
    if (frame_.state > 0) counts_.partial_sum_bytes += sum_bytes_ * rows;
    if (!array_.fuse_ssm) {
      counts_.intermediate_bytes += (unfused_reads + unfused_writes) * sum_bytes_ * rows * frame_.columns;
    }
  }
  if (phase < decay_slots_) {
    if (phase >= frame_.columns) return;  // a narrow tile has fewer decay words than slots for them
    const bool created = token_of_frame == 0 && !loads();
    set_operation(slot, created ? SlotOperation::decay_first : SlotOperation::decay);
    if (shape_.mamba1) {
      slot.slot.column = static_cast<int16_t>(phase);
      for (unsigned i = 0; i < rows; ++i) {
        const uint64_t at = (frame_.channel + i) * shape_.states + frame_.state + phase;
        decay_[i] = scalars_.decay(delta_[i], fp16_to_float(operands_.a[at]));
      }
    }
    west_from(decay_);
  } else if (phase == input_phase) {
    set_operation(slot, SlotOperation::input);
    west_from(input_);
    north_from(operands_.b, token);
  } else if (phase == input_phase + interval) {
    set_operation(slot, SlotOperation::output);
    west_from(output_);
    north_from(operands_.c, token);
    const bool last_columns = frame_.state + frame_.columns == shape_.states;
    slot.result_bytes = (last_columns ? word_bytes : sum_bytes_) * rows;
    if (!last_columns) counts_.partial_sum_bytes += slot.result_bytes;
    if (!array_.fuse_ssm) slot.result_bytes += unfused_writes * sum_bytes_ * rows * frame_.columns;
    slot.result_rows = slot.result_timed_rows = frame_.rows;
    slot.result_tag = (token * shape_.channels + frame_.channel) << 1 | (last_columns ? 1 : 0);
  } else if (phase >= input_phase + 2 * interval) {
    ++counts_.stalls.sfu;
  }
}

void SsmSource::issue_collect(IssuedSlot& slot, uint64_t column) {
  if (!is_last()) ++counts_.stalls.drain;
  slot.slot.collect = static_cast<int16_t>(column);
  slot.result_bytes = sum_bytes_ * frame_.rows;
  slot.result_rows = slot.result_timed_rows = frame_.rows;
  slot.result_tag = state_tag | (frame_.channel * shape_.states + frame_.state + column);
  counts_.state_bytes += slot.result_bytes;
}

void SsmSource::store(uint64_t tag, std::span<const float> words) {
  if ((tag & state_tag) != 0) {
    const uint64_t first = tag & ~state_tag;
    for (size_t i = 0; i < words.size(); ++i) run_.sums[first + i * shape_.states] = words[i];
    return;
  }
  const uint64_t first = tag >> 1;
  for (size_t i = 0; i < words.size(); ++i) {
    if ((tag & 1) != 0) {
      run_.values[first + i] = fp16_from_float(words[i]);
    } else {
      partial_[first + i] = words[i];
    }
  }
}

}  // namespace duet::models
