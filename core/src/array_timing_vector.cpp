// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>
#include <stdexcept>

#include "array_timing_frame.hpp"
#include "array_timing_sums.hpp"
#include "duet/core/array_timing.hpp"

namespace duet::core {
namespace {

constexpr uint64_t word_bytes = 2;

uint64_t tree_levels(unsigned lanes) {
  return static_cast<uint64_t>(std::bit_width(lanes - 1U));
}

// How dot products of `length` lie on the units: chains of units down a column, several beats long when
// a column is too short, several chains per column when it is long enough.
struct Chains {
  uint64_t length;         ///< elements of one dot product
  uint64_t units;          ///< units of one chain
  uint64_t beats;          ///< beats of one dot product
  uint64_t parallel;       ///< dot products at a time
  uint64_t beat_elements;  ///< of one dot product, all but the last beat
  uint64_t last_elements;  ///< of one dot product, last beat

  Chains(const VectorArrayDescription& array, uint64_t elements) : length(elements) {
    const uint64_t slices = ceil_div(elements, array.lanes);
    beats = ceil_div(slices, array.rows);
    units = ceil_div(slices, beats);
    parallel = array.columns * (array.rows / units);
    beat_elements = units * array.lanes;
    beats = ceil_div(elements, beat_elements);
    last_elements = elements - (beats - 1) * beat_elements;
  }
};

// A stream of passes: each pass computes `parallel` dot products (the last pass fewer), each in `beats`
// beats; its results are written at the start of the first later pass that finds them ready, those of
// the last pass as soon as they are.
struct PassStream {
  uint64_t passes;
  uint64_t parallel;
  uint64_t last_parallel;
  uint64_t beats;
  uint64_t beat_steps;
  uint64_t middle_bytes;  ///< per dot product and beat
  uint64_t last_bytes;    ///< per dot product in the last beat
  uint64_t first_bytes;   ///< per dot product at the start of a pass
  uint64_t shared_bytes;  ///< per pass at its start, whatever the number of dot products
  uint64_t write_bytes;   ///< per dot product
  uint64_t write_delay;   ///< steps from a pass's last beat to its write

  struct End {
    uint64_t last_write_step = 0;
    uint64_t stalls_before_it = 0;
  };

  /// Adds the stream to the meter. Steps count from the meter's step 0.
  End play(PortMeter& meter) const {
    const uint64_t start = meter.steps();
    const uint64_t pass_steps = beats * beat_steps;
    const uint64_t behind = ceil_div((beats - 1) * beat_steps + write_delay, pass_steps);
    const uint64_t full = passes - 1;
    const uint64_t silent = std::min(full, behind);
    const uint64_t write = parallel * write_bytes;
    run(meter, silent, parallel, 0);
    run(meter, full - silent, parallel, write);
    run(meter, 1, last_parallel, full >= behind ? write : 0);
    // Writes that are still in the pipeline; there are never more than its stages.
    for (uint64_t index = full >= behind ? full - behind + 1 : 0; index < full; ++index) {
      meter.demand_at(start + (index + behind) * pass_steps, write);
    }
    End end;
    end.last_write_step = start + full * pass_steps + (beats - 1) * beat_steps + write_delay;
    end.stalls_before_it = meter.stall_cycles();
    meter.demand_at(end.last_write_step, last_parallel * write_bytes);
    return end;
  }

 private:
  void run(PortMeter& meter, uint64_t count, uint64_t products, uint64_t write) const {
    meter.run(count, beats, beat_steps, products * middle_bytes, products * last_bytes,
              products * first_bytes + shared_bytes + write);
  }
};

// One part of a GEMV: the vectors and the slice of K that the local buffers hold together.
struct GemvPart {
  uint64_t n;
  uint64_t k;
  uint64_t vectors;
  bool reads_partial;
  bool writes_partial;
};

ArrayTime gemv_part_time(const VectorArrayDescription& array, PortRate rate, const GemvPart& part) {
  const Chains chains(array, part.k);
  const uint64_t sums = sum_bytes(array.accumulation);
  const uint64_t interval = array.mac_interval_cycles;
  PortMeter meter(rate);
  meter.run((chains.beats - 1) * part.vectors, 1, 1, 0, chains.beat_elements * word_bytes, 0);
  meter.run(part.vectors, 1, 1, 0, chains.last_elements * word_bytes, 0);
  PassStream stream{};
  stream.passes = ceil_div(part.n, chains.parallel);
  stream.parallel = chains.parallel;
  stream.last_parallel = part.n - (stream.passes - 1) * chains.parallel;
  stream.beats = chains.beats;
  stream.beat_steps = part.vectors * interval;
  stream.middle_bytes = chains.beat_elements * word_bytes;
  stream.last_bytes = chains.last_elements * word_bytes;
  stream.first_bytes = part.reads_partial ? sums * part.vectors : 0;
  stream.write_bytes = (part.writes_partial ? sums : word_bytes) * part.vectors;
  stream.write_delay = (part.vectors - 1) * interval + tree_levels(array.lanes) + chains.units + 1;
  const PassStream::End end = stream.play(meter);
  ArrayTime time;
  time.compute_cycles = end.last_write_step + end.stalls_before_it;
  time.cycles = end.last_write_step + 1 + meter.stall_cycles();
  time.stalls.sram = meter.stall_cycles();
  time.macs = part.n * part.k * part.vectors;
  time.sram_read_bytes = word_bytes * part.k * (part.vectors + part.n) + stream.first_bytes * part.n;
  time.sram_write_bytes = stream.write_bytes * part.n;
  time.partial_sum_bytes = part.n * (stream.first_bytes + (part.writes_partial ? stream.write_bytes : 0));
  return time;
}

uint64_t vectors_that_fit(const VectorArrayDescription& array, uint64_t k) {
  const Chains chains(array, k);
  const uint64_t fit = array.local_buffer_bytes / (chains.beats * array.lanes * word_bytes);
  return array.vectors_per_pass == 0 ? fit : std::min<uint64_t>(fit, array.vectors_per_pass);
}

ArrayTime planned_time(const VectorArrayDescription& array, PortRate rate, const GemvShape& shape,
                       const GemvPlan& plan) {
  ArrayTime sum;
  const uint64_t groups = ceil_div(shape.vectors, plan.vectors_per_pass);
  const uint64_t slices = ceil_div(shape.k, plan.k_slice);
  const auto slices_of_group = [&](uint64_t vectors, uint64_t times) {
    ArrayTime group;
    const auto add = [&](uint64_t k, bool first, bool last, uint64_t count) {
      if (count > 0)
        add_after(group, gemv_part_time(array, rate, {shape.n, k, vectors, !first, !last}), count);
    };
    const uint64_t rest = shape.k - (slices - 1) * plan.k_slice;
    if (slices > 1) add(plan.k_slice, true, false, 1);
    if (slices > 2) add(plan.k_slice, false, false, slices - 2);
    add(rest, slices == 1, !shape.partial_results, 1);
    add_after(sum, group, times);
  };
  if (groups > 1) slices_of_group(plan.vectors_per_pass, groups - 1);
  slices_of_group(shape.vectors - (groups - 1) * plan.vectors_per_pass, 1);
  return sum;
}

}  // namespace

GemvPlan plan_gemv(const VectorArrayDescription& array, double clock_hz, const GemvShape& shape) {
  const PortRate rate = PortRate::from(array.sram_bytes_per_second, clock_hz);
  const uint64_t lanes_of_chain = uint64_t{array.lanes} * array.rows;
  GemvPlan best;
  uint64_t best_cycles = 0;
  for (uint64_t k = shape.k;; k = ceil_div(ceil_div(k, 2), lanes_of_chain) * lanes_of_chain) {
    const uint64_t fit = vectors_that_fit(array, k);
    if (fit > 0) {
      const uint64_t groups = ceil_div(shape.vectors, fit);
      const GemvPlan plan{.k_slice = k, .vectors_per_pass = ceil_div(shape.vectors, groups)};
      const uint64_t cycles = planned_time(array, rate, shape, plan).cycles;
      if (best_cycles == 0 || cycles < best_cycles) {
        best = plan;
        best_cycles = cycles;
      }
      if (groups == 1) break;
    }
    if (k <= lanes_of_chain) break;
  }
  if (best_cycles == 0) {
    throw std::invalid_argument(
        fmt::format("local buffer: found {} bytes, allowed at least {}, one vector register of {} lanes",
                    array.local_buffer_bytes, array.lanes * word_bytes, array.lanes));
  }
  return best;
}

ArrayTime gemv_time(const VectorArrayDescription& array, double clock_hz, const GemvShape& shape) {
  if (shape.n == 0 || shape.k == 0 || shape.vectors == 0)
    throw std::invalid_argument("a GEMV dimension is 0");
  return planned_time(array, PortRate::from(array.sram_bytes_per_second, clock_hz), shape,
                      plan_gemv(array, clock_hz, shape));
}

GemvShape attention_scores(const AttentionShape& shape) {
  return {.n = shape.context, .k = shape.head_size, .vectors = shape.queries};
}

GemvShape attention_values(const AttentionShape& shape) {
  return {.n = shape.head_size, .k = shape.context, .vectors = shape.queries};
}

ArrayTime attention_score_time(const VectorArrayDescription& array, double clock_hz, uint64_t queries,
                               uint64_t head_size, uint64_t context) {
  return gemv_time(array, clock_hz, attention_scores({queries, head_size, context}));
}

ArrayTime attention_value_time(const VectorArrayDescription& array, double clock_hz, uint64_t queries,
                               uint64_t head_size, uint64_t context) {
  return gemv_time(array, clock_hz, attention_values({queries, head_size, context}));
}

ArrayTime softmax_time(const VectorArrayDescription& array, double clock_hz, const AttentionShape& shape) {
  ArrayTime time =
      sfu_time(array.sfu, array.sram_bytes_per_second, clock_hz, shape.queries * shape.context, 1, 1);
  // The sums of the weights are complete when the last weight is; their reciprocals follow.
  time.cycles +=
      ceil_div(shape.queries, array.sfu.units) * array.sfu.interval_cycles + array.sfu.latency_cycles;
  time.compute_cycles = time.cycles;
  time.sfu_operations += shape.queries;
  return time;
}

ArrayTime attention_time(const VectorArrayDescription& array, double clock_hz, const AttentionShape& shape) {
  if (shape.queries == 0 || shape.head_size == 0 || shape.context == 0)
    throw std::invalid_argument("an attention dimension is 0");
  ArrayTime sum = gemv_time(array, clock_hz, attention_scores(shape));
  add_after(sum, softmax_time(array, clock_hz, shape), 1);
  add_after(sum, gemv_time(array, clock_hz, attention_values(shape)), 1);
  return sum;
}

namespace {

constexpr uint64_t scalars_per_channel = 4;         // x, delta, A, D
constexpr uint64_t scalars_per_channel_mamba1 = 3;  // A is a matrix
constexpr uint64_t unfused_words = 7;               // see docs/models/systolic_array.md

PassStream ssm_stream(const VectorArrayDescription& array, const SsmShape& shape, const Chains& chains) {
  const uint64_t sums = sum_bytes(array.accumulation);
  const uint64_t interval = array.mac_interval_cycles;
  const uint64_t functions = chains.parallel * (1 + (shape.mamba1 ? shape.states : 1));
  const uint64_t sfu_steps = ceil_div(functions, array.sfu.units) * array.sfu.interval_cycles;
  const uint64_t element_bytes =
      (shape.mamba1 ? word_bytes : 0) + (array.fuse_ssm ? 0 : unfused_words * sums);
  PassStream stream{};
  stream.parallel = chains.parallel;
  stream.beats = chains.beats;
  stream.beat_steps = std::max(3 * interval, ceil_div(sfu_steps, chains.beats));
  stream.middle_bytes = chains.beat_elements * element_bytes;
  stream.last_bytes = chains.last_elements * element_bytes;
  stream.first_bytes = word_bytes * (shape.mamba1 ? scalars_per_channel_mamba1 : scalars_per_channel);
  stream.write_bytes = word_bytes;
  stream.write_delay =
      2 * uint64_t{array.sfu.latency_cycles} + 1 + 2 * interval + tree_levels(array.lanes) + chains.units + 1;
  return stream;
}

void count_ssm(ArrayTime& time, const VectorArrayDescription& array, const SsmShape& shape,
               uint64_t port_bytes, uint64_t sfu_stalls) {
  const uint64_t sums = sum_bytes(array.accumulation);
  const uint64_t elements = shape.channels * shape.states;
  const bool reads_state = shape.initial_state || shape.tokens == 1;
  time.macs = 3 * shape.tokens * elements;
  time.state_bytes = (reads_state ? 2 : 1) * elements * sums;
  time.intermediate_bytes = array.fuse_ssm ? 0 : unfused_words * sums * elements * shape.tokens;
  time.sfu_operations = shape.tokens * shape.channels * (1 + (shape.mamba1 ? shape.states : 1));
  time.sram_write_bytes = shape.tokens * shape.channels * word_bytes + elements * sums +
                          (array.fuse_ssm ? 0 : 3 * sums * elements * shape.tokens);
  time.sram_read_bytes = port_bytes - time.sram_write_bytes;
  time.stalls.sfu = sfu_stalls;
}

ArrayTime ssm_one_token(const VectorArrayDescription& array, PortRate rate, const SsmShape& shape) {
  const Chains chains(array, shape.states);
  const uint64_t sums = sum_bytes(array.accumulation);
  PortMeter meter(rate);
  meter.run(2 * (chains.beats - 1), 1, 1, 0, chains.beat_elements * word_bytes, 0);  // B and C
  meter.run(2, 1, 1, 0, chains.last_elements * word_bytes, 0);
  PassStream stream = ssm_stream(array, shape, chains);
  stream.passes = ceil_div(shape.channels, chains.parallel);
  stream.last_parallel = shape.channels - (stream.passes - 1) * chains.parallel;
  stream.middle_bytes += chains.beat_elements * sums;
  stream.last_bytes += chains.last_elements * sums;
  stream.write_bytes += shape.states * sums;
  const PassStream::End end = stream.play(meter);
  ArrayTime time;
  time.compute_cycles = end.last_write_step + end.stalls_before_it;
  time.cycles = end.last_write_step + 1 + meter.stall_cycles();
  time.stalls.sram = meter.stall_cycles();
  const uint64_t slots = stream.passes * stream.beats;
  count_ssm(time, array, shape, meter.bytes(), slots * (stream.beat_steps - 3 * array.mac_interval_cycles));
  return time;
}

// A pass's state stays in the local buffers for all tokens; the state is loaded before and written after.
ArrayTime ssm_many_tokens(const VectorArrayDescription& array, PortRate rate, const SsmShape& shape) {
  const Chains chains(array, shape.states);
  const uint64_t sums = sum_bytes(array.accumulation);
  PassStream stream = ssm_stream(array, shape, chains);
  stream.passes = shape.tokens;
  stream.shared_bytes = 2 * shape.states * word_bytes;  // B and C of the token
  const uint64_t passes = ceil_div(shape.channels, chains.parallel);
  const uint64_t last_parallel = shape.channels - (passes - 1) * chains.parallel;
  PortMeter meter(rate);
  ArrayTime time;
  const auto state_steps = [&](uint64_t parallel) {
    meter.run(chains.beats - 1, 1, 1, 0, parallel * chains.beat_elements * sums, 0);
    meter.run(1, 1, 1, 0, parallel * chains.last_elements * sums, 0);
  };
  const auto pass = [&](uint64_t parallel) {
    if (shape.initial_state) state_steps(parallel);
    stream.parallel = stream.last_parallel = parallel;
    const PassStream::End end = stream.play(meter);
    time.compute_cycles = end.last_write_step + end.stalls_before_it;
    meter.advance_to(end.last_write_step + 1);
    state_steps(parallel);
  };
  if (passes > 1) {
    pass(chains.parallel);
    const uint64_t steps = meter.steps();
    const uint64_t bytes = meter.bytes();
    if (passes > 3) meter.skip(passes - 3, steps, bytes);
    if (passes > 2) pass(chains.parallel);
  }
  pass(last_parallel);
  time.stalls.sram = meter.stall_cycles();
  time.cycles = meter.steps() + time.stalls.sram;
  const uint64_t slots = passes * shape.tokens * stream.beats;
  count_ssm(time, array, shape, meter.bytes(), slots * (stream.beat_steps - 3 * array.mac_interval_cycles));
  return time;
}

}  // namespace

ArrayTime ssm_decode_time(const VectorArrayDescription& array, double clock_hz, const SsmShape& shape) {
  if (shape.tokens == 0 || shape.channels == 0 || shape.states == 0) {
    throw std::invalid_argument("an SSM dimension is 0");
  }
  const PortRate rate = PortRate::from(array.sram_bytes_per_second, clock_hz);
  return shape.tokens == 1 ? ssm_one_token(array, rate, shape) : ssm_many_tokens(array, rate, shape);
}

}  // namespace duet::core
