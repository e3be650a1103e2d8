// SPDX-License-Identifier: Apache-2.0
#include "ssm_pass_source.hpp"

#include <bit>

#include "duet/models/numerics/fp16.hpp"

namespace duet::models {
namespace {

constexpr uint64_t word_bytes = 2;
constexpr uint64_t unfused_reads = 4;   // old state, decayed state, input product, new state
constexpr uint64_t unfused_writes = 3;  // decayed state, input product, new state
constexpr uint64_t scalar_words = 4;    // x, delta, A, D of a channel
constexpr unsigned padding = 8;

}  // namespace

SsmPassSource::SsmPassSource(const core::VectorArrayDescription& array, const SsmOperands& operands,
                             ArrayRun& run)
    : array_(array),
      operands_(operands),
      shape_(operands.shape),
      run_(run),
      scalars_(array.sfu),
      layout_(array, shape_.states),
      stride_((layout_.products + padding - 1) / padding * padding),
      levels_(static_cast<unsigned>(std::bit_width(array.lanes - 1))),
      head_channels_(shape_.mamba1 ? 1 : std::clamp<uint64_t>(shape_.channels_per_head, 1, shape_.channels)),
      heads_(SsmOperands::heads(shape_)),
      sum_bytes_(array.accumulation == core::Accumulation::fp32 ? 4 : 2),
      sfu_latency_(2 * uint64_t{array.sfu.latency_cycles} + 1),
      buffers_(size_t{layout_.units} * layout_.beats * array.lanes * stride_) {
  const uint64_t functions = layout_.products * (1 + (shape_.mamba1 ? shape_.states : 1));
  const uint64_t rounds = (functions + array.sfu.units - 1) / array.sfu.units;
  const uint64_t sfu_steps = rounds * array.sfu.interval_cycles;
  beat_steps_ =
      std::max(uint64_t{3} * array.mac_interval_cycles, (sfu_steps + layout_.beats - 1) / layout_.beats);
  run_.values.resize(shape_.tokens * shape_.channels);
  run_.sums.resize(shape_.channels * shape_.states);
  std::copy(operands.initial_state.begin(), operands.initial_state.end(), run_.sums.begin());
  if (!one_token()) phase_ = shape_.initial_state ? Phase::load : Phase::stream;
}

VectorUnits SsmPassSource::make_units() const {
  return {array_.lanes,       layout_.units, layout_.products, 1, static_cast<unsigned>(sfu_latency_),
          array_.accumulation};
}

void SsmPassSource::add_counts(core::ArrayTime& time) const {
  time.stalls.sfu += counts_.stalls.sfu;
  time.state_bytes += counts_.state_bytes;
  time.intermediate_bytes += counts_.intermediate_bytes;
  time.sfu_operations += counts_.sfu_operations;
}

uint64_t SsmPassSource::write_delay() const {
  return sfu_latency_ + 2 * uint64_t{array_.mac_interval_cycles} + levels_ + layout_.units + 1;
}

unsigned SsmPassSource::products_at(uint64_t channel) const {
  return static_cast<unsigned>(std::min<uint64_t>(layout_.products, shape_.channels - channel));
}

uint64_t SsmPassSource::channel_of(const UnitSlot& slot) const {
  return one_token() ? slot.pass * layout_.products : slot.pass / shape_.tokens * layout_.products;
}

uint64_t SsmPassSource::token_of(const UnitSlot& slot) const {
  return one_token() ? 0 : slot.pass % shape_.tokens;
}

bool SsmPassSource::next(IssuedUnitSlot& slot, bool results_pending) {
  slot = {};
  const unsigned products = products_at(group_channel_);
  if (phase_ == Phase::operands && step_ == 2 * uint64_t{layout_.beats}) phase_ = Phase::stream, step_ = 0;
  if (phase_ == Phase::load && step_ == layout_.beats) phase_ = Phase::stream, step_ = 0;
  if (phase_ == Phase::wait && !results_pending) phase_ = Phase::store, step_ = 0;
  if (phase_ == Phase::store && step_ == layout_.beats) {
    group_channel_ += products;
    phase_ = group_channel_ == shape_.channels ? Phase::done
                                               : (shape_.initial_state ? Phase::load : Phase::stream);
    step_ = 0;
  }
  switch (phase_) {
    case Phase::operands:  // B and C, slice by slice, broadcast to the units
      slot.read_bytes = word_bytes * layout_.elements_of(step_ / 2);
      break;
    case Phase::load:
      if (step_ == 0) load_state(group_channel_);
      slot.read_bytes = sum_bytes_ * products_at(group_channel_) * layout_.elements_of(step_);
      counts_.state_bytes += slot.read_bytes;
      break;
    case Phase::stream:
      issue_stream(slot);
      break;
    case Phase::wait:
      break;
    case Phase::store:
      if (step_ == 0) store_state(group_channel_);
      slot.write_bytes = sum_bytes_ * products_at(group_channel_) * layout_.elements_of(step_);
      counts_.state_bytes += slot.write_bytes;
      break;
    case Phase::done:
      return false;
  }
  ++step_;
  return true;
}

void SsmPassSource::issue_stream(IssuedUnitSlot& slot) {
  const uint64_t interval = array_.mac_interval_cycles;
  const uint64_t pass = step_ / pass_steps();
  const uint64_t beat = step_ % pass_steps() / beat_steps_;
  const uint64_t phase = step_ % beat_steps_;
  const uint64_t passes =
      one_token() ? (shape_.channels + layout_.products - 1) / layout_.products : shape_.tokens;
  const uint64_t channel = one_token() ? pass * layout_.products : group_channel_;
  const unsigned products = products_at(channel);
  const uint64_t elements = layout_.elements_of(beat);
  const bool last_beat = beat + 1 == layout_.beats;
  slot.stream_start = step_ == 0;
  if (phase == 0) {
    slot.pass_start = beat == 0;
    if (beat == 0) {
      slot.read_bytes += word_bytes * products * (scalar_words - (shape_.mamba1 ? 1 : 0));
      if (!one_token()) slot.read_bytes += 2 * word_bytes * shape_.states;
      counts_.sfu_operations += products * (1 + (shape_.mamba1 ? shape_.states : 1));
    }
    if (shape_.mamba1) slot.read_bytes += word_bytes * products * elements;
    if (one_token()) {
      slot.read_bytes += sum_bytes_ * products * elements;
      counts_.state_bytes += 2 * sum_bytes_ * products * elements;
    }
    if (!array_.fuse_ssm) {
      slot.read_bytes += unfused_reads * sum_bytes_ * products * elements;
      slot.write_bytes += unfused_writes * sum_bytes_ * products * elements;
      counts_.intermediate_bytes += (unfused_reads + unfused_writes) * sum_bytes_ * products * elements;
    }
    if (last_beat) {
      slot.pass_issued = true;
      slot.last_pass = pass + 1 == passes;
      slot.result_bytes = products * (word_bytes + (one_token() ? sum_bytes_ * shape_.states : 0));
    }
    counts_.stalls.sfu += beat_steps_ - 3 * interval;
  }
  if (phase % interval == 0 && phase / interval < 3) {
    constexpr UnitOperation operations[] = {UnitOperation::decay, UnitOperation::input,
                                            UnitOperation::output};
    slot.slot.operation = operations[phase / interval];
    slot.slot.pass = one_token() ? pass : group_channel_ / layout_.products * shape_.tokens + pass;
    slot.slot.beat = static_cast<uint32_t>(beat);
    slot.slot.products = products;
    slot.slot.elements = static_cast<uint32_t>(elements);
    slot.slot.first_beat = beat == 0;
    slot.slot.last_beat = last_beat;
    slot.slot.created_state = pass == 0 && !one_token() && !shape_.initial_state;
  }
  if (pass + 1 == passes && last_beat && phase == 2 * interval)
    phase_ = one_token() ? Phase::done : Phase::wait;
}

float* SsmPassSource::state_at(unsigned unit, uint64_t beat) {
  return &buffers_[(unit * layout_.beats + beat) * array_.lanes * stride_];
}

// Visits (word of the local buffer, word of the state matrix) of one unit's slice.
template <class Move>
void SsmPassSource::for_slice(uint64_t channel, unsigned unit, uint64_t beat, Move&& move) {
  float* buffer = state_at(unit, beat);
  for (uint64_t lane = 0; lane < array_.lanes; ++lane) {
    const uint64_t n = beat * layout_.beat_elements + uint64_t{unit} * array_.lanes + lane;
    if (n >= shape_.states) return;
    for (unsigned product = 0; product < products_at(channel); ++product) {
      move(buffer[lane * stride_ + product], run_.sums[(channel + product) * shape_.states + n]);
    }
  }
}

void SsmPassSource::load_state(uint64_t channel) {
  std::fill(buffers_.begin(), buffers_.end(), 0.0F);
  for (unsigned unit = 0; unit < layout_.units; ++unit) {
    for (unsigned beat = 0; beat < layout_.beats; ++beat) {
      for_slice(channel, unit, beat, [](float& word, const float& state) { word = state; });
    }
  }
}

void SsmPassSource::store_state(uint64_t channel) {
  for (unsigned unit = 0; unit < layout_.units; ++unit) {
    for (unsigned beat = 0; beat < layout_.beats; ++beat) {
      for_slice(channel, unit, beat, [](const float& word, float& state) { state = word; });
    }
  }
}

float* SsmPassSource::state(const UnitSlot& slot, unsigned unit) {
  float* buffer = state_at(unit, slot.beat);
  // One token: the slice comes through the bypass just before and leaves when the output product is due.
  if (one_token() && slot.operation == UnitOperation::decay) {
    std::fill_n(buffer, size_t{array_.lanes} * stride_, 0.0F);
    for_slice(channel_of(slot), unit, slot.beat, [](float& word, const float& state) { word = state; });
  } else if (one_token() && slot.operation == UnitOperation::output) {
    for_slice(channel_of(slot), unit, slot.beat, [](const float& word, float& state) { state = word; });
  }
  return buffer;
}

void SsmPassSource::operand1(const UnitSlot& slot, unsigned unit, float* words) {
  const auto matrix = slot.operation == UnitOperation::input ? operands_.b : operands_.c;
  for (uint64_t lane = 0; lane < array_.lanes; ++lane) {
    const uint64_t n = slot.beat * layout_.beat_elements + uint64_t{unit} * array_.lanes + lane;
    const float word = n < shape_.states ? fp16_to_float(matrix[token_of(slot) * shape_.states + n]) : 0.0F;
    std::fill_n(words + lane * stride_, stride_, word);
  }
}

void SsmPassSource::operand2(const UnitSlot& slot, unsigned unit, float* words) {
  std::fill(words, words + size_t{array_.lanes} * stride_, 0.0F);
  const uint64_t token = token_of(slot);
  const uint64_t first = slot.beat * layout_.beat_elements + uint64_t{unit} * array_.lanes;
  for (unsigned product = 0; product < slot.products; ++product) {
    const uint64_t channel = channel_of(slot) + product;
    const uint64_t head = channel / head_channels_;
    const float delta = scalars_.delta(fp16_to_float(operands_.delta[token * heads_ + head]));
    float word = 0;
    if (slot.operation == UnitOperation::input) {
      word = SsmScalars::product(delta, fp16_to_float(operands_.x[token * shape_.channels + channel]));
    } else if (!shape_.mamba1) {
      word = scalars_.decay(delta, fp16_to_float(operands_.a[head]));
    }
    const uint64_t lanes =
        first < shape_.states ? std::min<uint64_t>(array_.lanes, shape_.states - first) : 0;
    for (uint64_t lane = 0; lane < lanes; ++lane) {
      if (shape_.mamba1 && slot.operation == UnitOperation::decay) {
        word = scalars_.decay(delta, fp16_to_float(operands_.a[channel * shape_.states + first + lane]));
      }
      words[lane * stride_ + product] = word;
    }
  }
}

bool SsmPassSource::chain_start(const UnitSlot& slot, float* words) {
  std::fill_n(words, stride_, 0.0F);
  for (unsigned product = 0; product < slot.products; ++product) {
    const uint64_t channel = channel_of(slot) + product;
    const float x = fp16_to_float(operands_.x[token_of(slot) * shape_.channels + channel]);
    words[product] = SsmScalars::product(fp16_to_float(operands_.d[channel]), x);
  }
  return true;
}

void SsmPassSource::results(const UnitSlot& slot, const float* words) {
  const uint64_t first = token_of(slot) * shape_.channels + channel_of(slot);
  for (unsigned product = 0; product < slot.products; ++product) {
    run_.values[first + product] = fp16_from_float(words[product]);
  }
}

}  // namespace duet::models
