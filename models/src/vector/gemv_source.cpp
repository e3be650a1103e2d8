// SPDX-License-Identifier: Apache-2.0
#include "gemv_source.hpp"

#include <bit>

#include "duet/models/numerics/fp16.hpp"

namespace duet::models {
namespace {

constexpr uint64_t word_bytes = 2;
constexpr unsigned padding = 8;

}  // namespace

GemvSource::GemvSource(const core::VectorArrayDescription& array, const GemvOperands& operands,
                       const Part& part, std::vector<float>& partial, ArrayRun& run)
    : array_(array),
      operands_(operands),
      part_(part),
      partial_(partial),
      run_(run),
      layout_(array, part.k),
      stride_((layout_.products + padding - 1) / padding * padding),
      levels_(static_cast<unsigned>(std::bit_width(array.lanes - 1))),
      sum_bytes_(array.accumulation == core::Accumulation::fp32 ? 4 : 2),
      passes_((operands.shape.n + layout_.products - 1) / layout_.products),
      load_steps_(part.vectors * layout_.beats),
      beat_steps_(part.vectors * array.mac_interval_cycles) {}

VectorUnits GemvSource::make_units() const {
  return {array_.lanes,       layout_.units, layout_.products, static_cast<unsigned>(part_.vectors), 0,
          array_.accumulation};
}

uint64_t GemvSource::write_delay() const {
  return (part_.vectors - 1) * array_.mac_interval_cycles + levels_ + layout_.units + 1;
}

uint64_t GemvSource::partial_sum_bytes() const {
  const uint64_t ways = (reads_partial() ? 1 : 0) + (writes_partial() ? 1 : 0);
  return ways * sum_bytes_ * operands_.shape.n * part_.vectors;
}

unsigned GemvSource::products_of(uint64_t pass) const {
  return static_cast<unsigned>(
      std::min<uint64_t>(layout_.products, operands_.shape.n - pass * layout_.products));
}

bool GemvSource::next(IssuedUnitSlot& slot, bool /*results_pending*/) {
  slot = {};
  const uint64_t step = step_++;
  if (step < load_steps_) {
    // Slices of all vectors for the first beat, then for the next one: broadcast to the units.
    slot.read_bytes = word_bytes * layout_.elements_of(step / part_.vectors);
    return true;
  }
  const uint64_t at = step - load_steps_;
  const uint64_t pass = at / pass_steps();
  if (pass == passes_) return false;
  const uint64_t beat = at % pass_steps() / beat_steps_;
  const uint64_t phase = at % beat_steps_;
  const bool last = pass + 1 == passes_ && beat + 1 == layout_.beats;
  if (last && phase > (part_.vectors - 1) * array_.mac_interval_cycles) return false;
  const unsigned products = products_of(pass);
  slot.stream_start = at == 0;
  if (phase == 0) {
    slot.pass_start = beat == 0;
    slot.read_bytes = word_bytes * products * layout_.elements_of(beat);
    if (beat == 0 && reads_partial()) slot.read_bytes += sum_bytes_ * products * part_.vectors;
    if (beat + 1 == layout_.beats) {
      slot.pass_issued = true;
      slot.last_pass = pass + 1 == passes_;
      slot.result_bytes = (writes_partial() ? sum_bytes_ : word_bytes) * products * part_.vectors;
    }
  }
  if (phase % array_.mac_interval_cycles == 0) {
    slot.slot.operation = UnitOperation::dot;
    slot.slot.pass = pass;
    slot.slot.beat = static_cast<uint32_t>(beat);
    slot.slot.vector = static_cast<uint32_t>(phase / array_.mac_interval_cycles);
    slot.slot.products = products;
    slot.slot.elements = static_cast<uint32_t>(layout_.elements_of(beat));
    slot.slot.first_beat = beat == 0;
    slot.slot.last_beat = beat + 1 == layout_.beats;
  }
  return true;
}

void GemvSource::operand1(const UnitSlot& slot, unsigned unit, float* words) {
  std::fill(words, words + size_t{array_.lanes} * stride_, 0.0F);
  const uint64_t first = uint64_t{unit} * array_.lanes;
  if (first >= slot.elements) return;
  const uint64_t elements = std::min<uint64_t>(array_.lanes, slot.elements - first);
  const uint64_t k = part_.first_k + slot.beat * layout_.beat_elements + first;
  for (uint32_t product = 0; product < slot.products; ++product) {
    const uint64_t row = slot.pass * layout_.products + product;
    const uint16_t* from = &operands_.matrix[row * operands_.shape.k + k];
    for (uint64_t lane = 0; lane < elements; ++lane)
      words[lane * stride_ + product] = fp16_to_float(from[lane]);
  }
}

void GemvSource::operand2(const UnitSlot& slot, unsigned unit, float* words) {
  const uint64_t first = uint64_t{unit} * array_.lanes;
  const uint64_t vector = part_.first_vector + slot.vector;
  for (uint64_t lane = 0; lane < array_.lanes; ++lane) {
    float word = 0;
    if (first + lane < slot.elements) {
      const uint64_t k = part_.first_k + slot.beat * layout_.beat_elements + first + lane;
      word = fp16_to_float(operands_.vectors[vector * operands_.shape.k + k]);
    }
    std::fill_n(words + lane * stride_, stride_, word);
  }
}

bool GemvSource::chain_start(const UnitSlot& slot, float* words) {
  if (!reads_partial()) return false;
  const uint64_t first =
      (part_.first_vector + slot.vector) * operands_.shape.n + slot.pass * layout_.products;
  std::fill_n(words, stride_, 0.0F);
  std::copy_n(&partial_[first], slot.products, words);
  return true;
}

void GemvSource::results(const UnitSlot& slot, const float* words) {
  const uint64_t first =
      (part_.first_vector + slot.vector) * operands_.shape.n + slot.pass * layout_.products;
  for (uint32_t product = 0; product < slot.products; ++product) {
    if (writes_partial()) {
      partial_[first + product] = words[product];
    } else {
      run_.values[first + product] = fp16_from_float(words[product]);
    }
  }
}

}  // namespace duet::models
