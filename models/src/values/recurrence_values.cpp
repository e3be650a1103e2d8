// SPDX-License-Identifier: Apache-2.0
// What carries a state from token to token: conv1d and the SSM.
#include <algorithm>
#include <cstring>

#include "duet/models/numerics/fp16.hpp"
#include "value_job.hpp"

namespace duet::models {

bool compute_conv1d(ValueJob& job, ValueArrays& arrays) {
  const uint64_t rows = job.shape().m;
  const uint64_t channels = job.shape().n;
  const uint64_t taps = job.shape().k;
  const uint64_t batch = job.values().batch;
  const bool bias = job.has(DUET_VALUE_BIAS);
  const bool has_state = job.has(DUET_VALUE_STATE);
  const Halves x = job.input(0);
  const Halves weights = job.input(1);
  const Halves state = has_state ? job.input(2) : Halves();
  const std::span<uint16_t> out = job.output(0);
  const std::span<uint16_t> state_out = job.output(1);
  if (taps == 0 || batch == 0 || rows % batch != 0 || x.size() != rows * channels || out.size() != x.size() ||
      weights.size() != (taps + (bias ? 1 : 0)) * channels ||
      state_out.size() != (taps - 1) * batch * channels || (has_state && state.size() != state_out.size())) {
    return false;
  }
  // The state stands before the new rows, so a token's predecessors lie `batch` rows apart.
  std::vector<uint16_t> all(state_out.size());
  if (has_state) std::ranges::copy(state, all.begin());
  all.insert(all.end(), x.begin(), x.end());
  for (uint64_t i = 0; i < x.size(); ++i) {
    const uint64_t channel = i % channels;
    float sum = 0;
    for (uint64_t tap = 0; tap < taps; ++tap) {
      const float factor = fp16_to_float(weights[tap * channels + channel]);
      sum = arrays.add(sum, arrays.times(factor, fp16_to_float(all[i + tap * batch * channels])));
    }
    if (bias) sum = arrays.add(sum, fp16_to_float(weights[taps * channels + channel]));
    out[i] = fp16_from_float(apply_function(job.values().function, round_to_fp16(sum), arrays));
  }
  std::ranges::copy(all.end() - static_cast<ptrdiff_t>(state_out.size()), all.end(), state_out.begin());
  return true;
}

namespace {

/// The sizes of an SSM job. Rows are token by token, sequence by sequence.
struct SsmSizes {
  uint64_t batch, tokens, channels, states, heads, groups, width;
  uint64_t state_words;  ///< 16-bit words of a state element

  explicit SsmSizes(const ValueJob& job)
      : batch(job.shape().m),
        tokens(job.shape().k),
        channels(job.shape().n),
        states(job.shape().states),
        heads(job.shape().head_dim == 0 ? 0 : channels / job.shape().head_dim),
        groups(job.values().groups),
        width(channels + 2 * groups * states),
        state_words(0) {}
};

float state_value(Halves words, uint64_t index, uint64_t state_words) {
  if (state_words == 1) return fp16_to_float(words[index]);
  float value = 0;
  std::memcpy(&value, &words[index * 2], sizeof value);
  return value;
}

void put_state(std::span<uint16_t> words, uint64_t index, uint64_t state_words, float value) {
  if (state_words == 1) {
    words[index] = fp16_from_float(value);
  } else {
    std::memcpy(&words[index * 2], &value, sizeof value);
  }
}

}  // namespace

bool compute_ssm(ValueJob& job, ValueArrays& arrays) {
  SsmSizes s(job);
  const bool has_state = (job.shape().flags & DUET_SHAPE_INITIAL_STATE) != 0;
  const Halves x = job.input(0);
  const Halves delta = job.input(1);
  const Halves parameters = job.input(2);
  const Halves state = has_state ? job.input(3) : Halves();
  const std::span<uint16_t> y = job.output(0);
  const std::span<uint16_t> state_out = job.output(1);
  const uint64_t rows = s.batch * s.tokens;
  const uint64_t elements = s.batch * s.channels * s.states;
  if (rows * s.heads * s.groups * s.states == 0 || s.heads % s.groups != 0 || s.channels % s.heads != 0 ||
      (job.shape().flags & DUET_SHAPE_MAMBA1) != 0 || x.size() != rows * s.width ||
      delta.size() != rows * s.heads || parameters.size() != 3 * s.heads || y.size() != rows * s.channels ||
      (has_state && state.size() != state_out.size()) ||
      (state_out.size() != elements && state_out.size() != 2 * elements)) {
    return false;
  }
  s.state_words = state_out.size() / elements;
  const uint64_t group_heads = s.heads / s.groups;
  const uint64_t group_channels = s.channels / s.groups;
  const uint64_t head_channels = s.channels / s.heads;
  for (uint64_t unit = 0; unit < s.batch * s.groups; ++unit) {
    const uint64_t sequence = unit / s.groups;
    const uint64_t group = unit % s.groups;
    const uint64_t first_state = (sequence * s.channels + group * group_channels) * s.states;
    const uint64_t first_head = group * group_heads;
    std::vector<uint16_t> xs, deltas, as, bs, cs, ds;
    std::vector<float> initial;
    for (uint64_t t = 0; t < s.tokens; ++t) {
      const uint64_t row = t * s.batch + sequence;
      const Halves line = x.subspan(row * s.width, s.width);
      const auto put = [&](std::vector<uint16_t>& to, uint64_t from, uint64_t count) {
        to.insert(to.end(), line.begin() + static_cast<ptrdiff_t>(from),
                  line.begin() + static_cast<ptrdiff_t>(from + count));
      };
      put(xs, group * group_channels, group_channels);
      put(bs, s.channels + group * s.states, s.states);
      put(cs, s.channels + (s.groups + group) * s.states, s.states);
      for (uint64_t h = first_head; h < first_head + group_heads; ++h)
        deltas.push_back(fp16_from_float(fp16_to_float(delta[row * s.heads + h]) +
                                         fp16_to_float(parameters[2 * s.heads + h])));
    }
    for (uint64_t h = first_head; h < first_head + group_heads; ++h) {
      as.push_back(parameters[h]);
      ds.insert(ds.end(), head_channels, parameters[s.heads + h]);
    }
    for (uint64_t i = 0; has_state && i < group_channels * s.states; ++i)
      initial.push_back(state_value(state, first_state + i, s.state_words));
    const core::SsmShape shape{.tokens = s.tokens,
                               .channels = group_channels,
                               .states = s.states,
                               .channels_per_head = head_channels,
                               .initial_state = has_state};
    const ArrayRun run = arrays.ssm({shape, xs, deltas, as, bs, cs, ds, initial},
                                    {sequence * s.channels + group * group_channels, s.channels, s.batch});
    for (uint64_t t = 0; t < s.tokens; ++t) {
      std::copy_n(
          run.values.begin() + static_cast<ptrdiff_t>(t * group_channels), group_channels,
          y.begin() + static_cast<ptrdiff_t>((t * s.batch + sequence) * s.channels + group * group_channels));
    }
    for (uint64_t i = 0; i < group_channels * s.states; ++i)
      put_state(state_out, first_state + i, s.state_words, run.sums[i]);
  }
  return true;
}

}  // namespace duet::models
