// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "array_timing_frame.hpp"
#include "duet/core/array_timing.hpp"

namespace duet::core {
namespace {

constexpr uint64_t word_bytes = 2;

// Row tiles never cut across heads: either several whole heads share a tile, or one head takes several.
struct RowTiles {
  uint64_t groups;  ///< equal patterns of tiles, the last may be short
  uint64_t tiles_per_group;
  uint64_t channels_per_group;
  uint64_t channels_per_tile;
  uint64_t heads_per_tile;
  uint64_t channels;

  RowTiles(uint64_t rows, const SsmShape& shape) : channels(shape.channels) {
    const uint64_t head =
        shape.mamba1 ? 1 : std::max<uint64_t>(1, std::min(shape.channels_per_head, channels));
    if (head > rows) {
      tiles_per_group = ceil_div(head, rows);
      channels_per_group = head;
      channels_per_tile = rows;
      heads_per_tile = 1;
    } else {
      tiles_per_group = 1;
      heads_per_tile = rows / head;
      channels_per_group = channels_per_tile = heads_per_tile * head;
    }
    groups = ceil_div(channels, channels_per_group);
  }
  [[nodiscard]] uint64_t tiles_of(uint64_t group) const {
    return ceil_div(channels_of_group(group), channels_per_tile);
  }
  [[nodiscard]] uint64_t channels_of_group(uint64_t group) const {
    return std::min(channels_per_group, channels - group * channels_per_group);
  }
  [[nodiscard]] uint64_t rows_of(uint64_t group, uint64_t tile) const {
    return std::min(channels_per_tile, channels_of_group(group) - tile * channels_per_tile);
  }
};

struct FrameIndex {
  uint64_t group = 0, tile = 0, chunk = 0, column = 0;
};

// The steps that a token takes.
struct TokenPace {
  uint64_t decay_slots;   // slots that carry decay words
  uint64_t array_period;  // steps per token by the links and multipliers
  uint64_t period;        // steps per token, the SFUs included
  uint64_t sfu_latency;   // between operands and array

  TokenPace(const SystolicArrayDescription& array, const SsmShape& shape)
      : decay_slots(shape.mamba1 ? std::min<uint64_t>(array.columns, shape.states) : 1),
        array_period(decay_slots - 1 + uint64_t{3} * array.mac_interval_cycles),
        sfu_latency(2 * uint64_t{array.sfu.latency_cycles} + 1) {
    const uint64_t functions = 1 + decay_slots;  // softplus, and one exponential per decay word
    period =
        std::max(array_period, functions * array.sfu.interval_cycles * ceil_div(array.rows, array.sfu.units));
  }
  // From a tile's first token to when its partial y can be read.
  [[nodiscard]] uint64_t first_sum_steps(const SystolicArrayDescription& array) const {
    return period + sfu_latency + array.rows + array.columns - 1;
  }
};

class SsmFrames {
 public:
  SsmFrames(const SystolicArrayDescription& array, PortRate rate, const SsmShape& shape)
      : array_(array), shape_(shape), rate_(rate), tiles_(array.rows, shape), pace_(array, shape) {
    column_tiles_ = ceil_div(shape.states, array.columns);
    chunk_ = shape.chunk == 0 || column_tiles_ == 1 ? shape.tokens : std::min(shape.chunk, shape.tokens);
    chunks_ = ceil_div(shape.tokens, chunk_);
    state_bytes_ = array.accumulation == Accumulation::fp32 ? 4 : 2;
  }

  ArrayTime time() {
    for_representatives(tiles_.groups, [&](uint64_t group, uint64_t groups) {
      for_representatives(tiles_.tiles_of(group), [&](uint64_t tile, uint64_t tiles) {
        for_representatives(chunks_, [&](uint64_t chunk, uint64_t chunks) {
          for_representatives(column_tiles_, [&](uint64_t column, uint64_t columns) {
            add({group, tile, chunk, column}, groups * tiles * chunks * columns);
          });
        });
      });
    });
    time_.macs = 3 * shape_.tokens * shape_.channels * shape_.states;
    return time_;
  }

 private:
  [[nodiscard]] uint64_t columns_of(uint64_t column) const {
    return std::min<uint64_t>(array_.columns, shape_.states - column * array_.columns);
  }
  [[nodiscard]] uint64_t tokens_of(uint64_t chunk) const {
    return std::min(chunk_, shape_.tokens - chunk * chunk_);
  }
  [[nodiscard]] bool loads(const FrameIndex& at) const { return at.chunk > 0 || shape_.initial_state; }

  [[nodiscard]] uint64_t token_read_bytes(uint64_t r, uint64_t c, bool first_column) const {
    const uint64_t deltas = shape_.mamba1 ? r : heads_in(r);
    uint64_t bytes = word_bytes * (r + deltas + 2 * c);
    if (shape_.mamba1) bytes += word_bytes * r * c;  // A streams: the SFU column holds no table
    if (!first_column) bytes += state_bytes_ * r;
    if (!array_.fuse_ssm) bytes += unfused_reads * state_bytes_ * r * c;
    return bytes;
  }
  [[nodiscard]] uint64_t heads_in(uint64_t r) const {
    const uint64_t head = std::max<uint64_t>(1, std::min(shape_.channels_per_head, shape_.channels));
    return ceil_div(r, head);
  }

  [[nodiscard]] ArrayFrame frame(const FrameIndex& at) const {
    const uint64_t r = tiles_.rows_of(at.group, at.tile);
    const uint64_t c = columns_of(at.column);
    const uint64_t tokens = tokens_of(at.chunk);
    const bool first_column = at.column == 0;
    const bool last_column = at.column + 1 == column_tiles_;
    const uint64_t load = loads(at) ? c : 0;
    const uint64_t interval = array_.mac_interval_cycles;
    const uint64_t to_edge = pace_.sfu_latency + (r - 1) + (array_.columns - 1);
    const uint64_t output_slot = load + pace_.decay_slots - 1 + 2 * interval;
    const uint64_t y_bytes = (last_column ? word_bytes : state_bytes_) * r;
    const uint64_t intermediates = array_.fuse_ssm ? 0 : unfused_writes * state_bytes_ * r * c;
    // Per frame: A (and D where y starts), one word per head (per channel).
    const uint64_t constants =
        (shape_.mamba1 ? 0 : word_bytes * heads_in(r)) + (first_column ? word_bytes * r : 0);
    ArrayFrame f;
    f.reads[0] = {0, 1, constants > 0 ? uint64_t{1} : 0, constants};
    f.reads[1] = {0, 1, load, state_bytes_ * r};
    f.reads[2] = {load, pace_.period, tokens, token_read_bytes(r, c, first_column)};
    f.writes[0] = {output_slot + to_edge, pace_.period, tokens, y_bytes + intermediates};
    f.writes[1] = {load + tokens * pace_.period + to_edge, 1, c, state_bytes_ * r};
    f.last_mac_step = output_slot + (tokens - 1) * pace_.period + pace_.sfu_latency + (r - 1) + (c - 1);
    f.last_write_step = load + tokens * pace_.period + to_edge + c - 1;
    // A frame starts when the one before has left the array, so that what it wrote can be read.
    f.steps = std::max(own_slots(at), load + pace_.first_sum_steps(array_));
    return f;
  }
  [[nodiscard]] uint64_t own_slots(const FrameIndex& at) const {
    const uint64_t c = columns_of(at.column);
    return (loads(at) ? c : 0) + tokens_of(at.chunk) * pace_.period + c;
  }

  [[nodiscard]] FrameIndex before(FrameIndex at) const {
    if (at.column > 0) return {at.group, at.tile, at.chunk, at.column - 1};
    if (at.chunk > 0) return {at.group, at.tile, at.chunk - 1, column_tiles_ - 1};
    if (at.tile > 0) return {at.group, at.tile - 1, chunks_ - 1, column_tiles_ - 1};
    return {at.group - 1, tiles_.tiles_of(at.group - 1) - 1, chunks_ - 1, column_tiles_ - 1};
  }
  [[nodiscard]] bool is_last(const FrameIndex& at) const {
    return at.group + 1 == tiles_.groups && at.tile + 1 == tiles_.tiles_of(at.group) &&
           at.chunk + 1 == chunks_ && at.column + 1 == column_tiles_;
  }

  void add(const FrameIndex& at, uint64_t multiplicity) {
    const ArrayFrame current = frame(at);
    count_traffic(at, current, multiplicity);
    const bool first = at.group == 0 && at.tile == 0 && at.chunk == 0 && at.column == 0;
    const ArrayFrame previous = first ? ArrayFrame{} : frame(before(at));
    const ArrayFrame* earlier = first ? nullptr : &previous;
    const uint64_t tokens = multiplicity * tokens_of(at.chunk);
    time_.stalls.sfu += tokens * (pace_.period - pace_.array_period);
    time_.stalls.link += tokens * (pace_.decay_slots - 1);
    if (is_last(at)) {
      const uint64_t until_mac = frame_stalls(earlier, current, rate_, current.last_mac_step);
      const uint64_t until_end = frame_stalls(earlier, current, rate_, current.last_write_step);
      time_.compute_cycles = time_.cycles + current.last_mac_step + 1 + until_mac;
      time_.cycles += current.last_write_step + 1 + until_end;
      time_.stalls.sram += until_end;
      return;
    }
    const uint64_t stalls = frame_stalls(earlier, current, rate_, current.steps - 1);
    time_.cycles += multiplicity * (current.steps + stalls);
    time_.stalls.sram += multiplicity * stalls;
    const uint64_t slots = own_slots(at);
    time_.stalls.drain += multiplicity * (slots - tokens_of(at.chunk) * pace_.period);
    time_.stalls.output += multiplicity * (current.steps - slots);
  }

  void count_traffic(const FrameIndex& at, const ArrayFrame& f, uint64_t multiplicity) {
    const uint64_t r = tiles_.rows_of(at.group, at.tile);
    const uint64_t c = columns_of(at.column);
    const uint64_t tokens = tokens_of(at.chunk);
    for (const DemandTrain& read : f.reads) time_.sram_read_bytes += multiplicity * read.count * read.bytes;
    for (const DemandTrain& write : f.writes)
      time_.sram_write_bytes += multiplicity * write.count * write.bytes;
    const uint64_t partials = (at.column > 0 ? 1 : 0) + (at.column + 1 < column_tiles_ ? 1 : 0);
    time_.partial_sum_bytes += multiplicity * partials * tokens * r * state_bytes_;
    time_.state_bytes += multiplicity * (loads(at) ? 2 : 1) * r * c * state_bytes_;
    if (!array_.fuse_ssm) {
      time_.intermediate_bytes +=
          multiplicity * tokens * (unfused_reads + unfused_writes) * r * c * state_bytes_;
    }
    time_.sfu_operations += multiplicity * tokens * r * (1 + (shape_.mamba1 ? c : 1));
  }

  // An array without the fusion writes the decayed state, the input product and the new state, and
  // reads the old state, the two to be added and the state for the output product.
  static constexpr uint64_t unfused_reads = 4;
  static constexpr uint64_t unfused_writes = 3;

  const SystolicArrayDescription& array_;
  const SsmShape& shape_;
  PortRate rate_;
  RowTiles tiles_;
  uint64_t column_tiles_ = 1;
  uint64_t chunk_ = 1;
  uint64_t chunks_ = 1;
  uint64_t state_bytes_ = 2;
  TokenPace pace_;
  ArrayTime time_;
};

}  // namespace

ArrayTime ssm_prefill_time(const SystolicArrayDescription& array, double clock_hz, const SsmShape& shape) {
  if (shape.tokens == 0 || shape.channels == 0 || shape.states == 0) {
    throw std::invalid_argument("an SSM dimension is 0");
  }
  if (array.rows == 0 || array.columns == 0) throw std::invalid_argument("an array dimension is 0");
  return SsmFrames(array, PortRate::from(array.sram_bytes_per_second, clock_hz), shape).time();
}

uint64_t ssm_first_sum_slack(const SystolicArrayDescription& array, const SsmShape& shape, uint64_t tokens) {
  const TokenPace pace(array, shape);
  const uint64_t slots = tokens * pace.period + array.columns;
  return slots - std::min(slots, pace.first_sum_steps(array));
}

}  // namespace duet::core
