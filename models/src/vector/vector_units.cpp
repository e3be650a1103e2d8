// SPDX-License-Identifier: Apache-2.0
#include "duet/models/vector/vector_units.hpp"

#include <algorithm>
#include <bit>

namespace duet::models {
namespace {

constexpr unsigned padding = 8;

}  // namespace

VectorUnits::VectorUnits(unsigned lanes, unsigned units, unsigned products, unsigned vectors, unsigned delay,
                         core::Accumulation accumulation)
    : lanes_(lanes),
      units_(units),
      products_(products),
      stride_((products + padding - 1) / padding * padding),
      levels_(static_cast<unsigned>(std::bit_width(lanes - 1))),
      delay_(delay),
      kernels_(&lane_kernels(accumulation)),
      chains_(units),
      ones_(size_t{lanes} * stride_, 1.0F),
      start_(stride_),
      slots_(delay + units + levels_ + 3) {
  const size_t words = size_t{lanes} * stride_;
  for (Place& place : chains_) {
    place.operand1.resize(words);
    place.operand2.resize(words);
    place.ssm.resize(words);
    for (unsigned level = 0; level <= levels_; ++level)
      place.tree.emplace_back(size_t{lanes >> level} * stride_);
    place.accumulators.resize(size_t{vectors} * stride_);
    place.chain.resize(stride_);
  }
}

void VectorUnits::add(float* out, const float* a, const float* b, size_t count) const {
  kernels_->multiply_add(out, a, b, ones_.data(), count);  // a product with one is exact
}

void VectorUnits::step(const UnitSlot& entering, UnitOperands& operands) {
  head_ = (head_ + 1) % slots_.size();
  slots_[head_] = entering;
  computed_ = false;
  const bool faulty = fault_ && fault_->step == step_;
  const float kept = faulty ? *fault_register() : 0.0F;
  // From the end of the pipeline back, so that each stage uses what its predecessor held before this step.
  for (unsigned unit = units_; unit-- > 0;) {
    scalar_mac(unit, operands);
    reduce(unit);
    lanes_execute(unit, operands);
  }
  if (faulty) *fault_register() = kept;
  ++step_;
}

void VectorUnits::scalar_mac(unsigned unit, UnitOperands& operands) {
  const UnitSlot& slot = slot_behind(delay_ + unit + levels_ + 1);
  if (slot.operation != UnitOperation::dot && slot.operation != UnitOperation::output) return;
  Place& place = chains_[unit];
  computed_ = true;
  float* accumulator = &place.accumulators[size_t{slot.vector} * stride_];
  const float* sum = place.tree[levels_].data();
  if (slot.first_beat) {
    std::copy(sum, sum + stride_, accumulator);
  } else {
    add(accumulator, accumulator, sum, stride_);
  }
  if (!slot.last_beat) return;
  if (unit > 0) {
    add(place.chain.data(), chains_[unit - 1].chain.data(), accumulator, stride_);
  } else if (operands.chain_start(slot, start_.data())) {
    add(place.chain.data(), start_.data(), accumulator, stride_);
  } else {
    std::copy(accumulator, accumulator + stride_, place.chain.begin());
  }
  if (unit + 1 == units_) operands.results(slot, place.chain.data());
}

void VectorUnits::reduce(unsigned unit) {
  Place& place = chains_[unit];
  for (unsigned level = levels_; level > 0; --level) {
    const UnitOperation operation = slot_behind(delay_ + unit + level).operation;
    if (operation != UnitOperation::dot && operation != UnitOperation::output) continue;
    const size_t words = size_t{lanes_ >> level} * stride_;
    const float* from = place.tree[level - 1].data();
    add(place.tree[level].data(), from, from + words, words);
  }
}

void VectorUnits::lanes_execute(unsigned unit, UnitOperands& operands) {
  const UnitSlot& slot = slot_behind(delay_ + unit);
  if (slot.operation == UnitOperation::none) return;
  Place& place = chains_[unit];
  const size_t words = size_t{lanes_} * stride_;
  computed_ = true;
  const uint32_t before = unit * lanes_;
  const uint32_t elements = slot.elements > before ? std::min(lanes_, slot.elements - before) : 0;
  macs_ += uint64_t{slot.products} * elements;
  switch (slot.operation) {
    case UnitOperation::dot:
      if (slot.vector == 0) operands.operand1(slot, unit, place.operand1.data());
      operands.operand2(slot, unit, place.operand2.data());
      kernels_->multiply(place.tree[0].data(), place.operand1.data(), place.operand2.data(), words);
      break;
    case UnitOperation::decay: {
      operands.operand2(slot, unit, place.operand2.data());
      float* state = operands.state(slot, unit);
      if (slot.created_state) std::fill(state, state + words, 0.0F);
      kernels_->multiply(place.ssm.data(), place.operand2.data(), state, words);
      break;
    }
    case UnitOperation::input: {
      operands.operand1(slot, unit, place.operand1.data());
      operands.operand2(slot, unit, place.operand2.data());
      kernels_->multiply_add(operands.state(slot, unit), place.ssm.data(), place.operand2.data(),
                             place.operand1.data(), words);
      break;
    }
    case UnitOperation::output:
      operands.operand1(slot, unit, place.operand1.data());
      kernels_->multiply(place.tree[0].data(), place.operand1.data(), operands.state(slot, unit), words);
      break;
    case UnitOperation::none:
      break;
  }
}

float* VectorUnits::fault_register() {
  Place& place = chains_[fault_->unit];
  const size_t at = size_t{fault_->lane} * stride_ + fault_->product;
  switch (fault_->unit_register) {
    case UnitRegister::operand1:
      return &place.operand1[at];
    case UnitRegister::operand2:
      return &place.operand2[at];
    case UnitRegister::ssm:
      return &place.ssm[at];
    case UnitRegister::product:
      return &place.tree[0][at];
    case UnitRegister::chain:
      return &place.chain[fault_->product];
    case UnitRegister::accumulator:
      break;
  }
  return &place.accumulators[fault_->product];
}

float VectorUnits::lane_value(unsigned unit, unsigned product, unsigned lane, UnitRegister which) const {
  const Place& place = chains_[unit];
  const size_t at = size_t{lane} * stride_ + product;
  switch (which) {
    case UnitRegister::operand1:
      return place.operand1[at];
    case UnitRegister::operand2:
      return place.operand2[at];
    case UnitRegister::ssm:
      return place.ssm[at];
    case UnitRegister::product:
      return place.tree[0][at];
    case UnitRegister::chain:
      return place.chain[product];
    case UnitRegister::accumulator:
      break;
  }
  return place.accumulators[product];
}

}  // namespace duet::models
