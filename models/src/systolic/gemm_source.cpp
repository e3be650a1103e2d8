// SPDX-License-Identifier: Apache-2.0
#include "gemm_source.hpp"

#include <algorithm>

#include "duet/models/numerics/fp16.hpp"
#include "duet/models/numerics/lane_kernels.hpp"

namespace duet::models {
namespace {

constexpr uint64_t word_bytes = 2;

}  // namespace

GemmSource::GemmSource(const core::SystolicArrayDescription& array, const GemmOperands& operands,
                       ArrayRun& run)
    : array_(array),
      shape_(operands.shape),
      run_(run),
      result_bytes_(shape_.partial_results && array.accumulation == core::Accumulation::fp32 ? 4
                                                                                             : word_bytes),
      a_by_k_(shape_.m * shape_.k),
      b_(shape_.k * shape_.n) {
  for (uint64_t row = 0; row < shape_.m; ++row) {
    for (uint64_t k = 0; k < shape_.k; ++k)
      a_by_k_[k * shape_.m + row] = fp16_to_float(operands.a[row * shape_.k + k]);
  }
  conversion_kernels().to_float(b_.data(), operands.b.data(), b_.size());
  if (shape_.partial_results) {
    run_.sums.resize(shape_.m * shape_.n);
  } else {
    run_.values.resize(shape_.m * shape_.n);
  }
  fold_ = fold_at(0, 0);
}

GemmSource::Fold GemmSource::fold_at(uint64_t row, uint64_t column) const {
  return {row, column, static_cast<unsigned>(std::min<uint64_t>(array_.rows, shape_.m - row)),
          static_cast<unsigned>(std::min<uint64_t>(array_.columns, shape_.n - column))};
}

bool GemmSource::is_last() const {
  return fold_.row + fold_.rows == shape_.m && fold_.column + fold_.columns == shape_.n;
}

bool GemmSource::fold_is_over() const {
  const uint64_t interval = array_.mac_interval_cycles;
  const uint64_t last_operand = (shape_.k - 1) * interval;
  if (is_last()) return step_ > last_operand;
  if (step_ < shape_.k * interval) return false;
  if (array_.schedule == core::ArraySchedule::plain) {
    return step_ >= last_operand + array_.rows + array_.columns - 1;
  }
  // The last collecting wave only concerns the last column, so the next fold may ride on it. Results of
  // one fold at a time are on their way from the array to SRAM.
  const bool last_may_ride = fold_.columns == array_.columns;
  const bool links_free = !collecting_ || (last_may_ride && collect_ + 1 == fold_.columns);
  return links_free && step_ > last_operand && step_ >= uint64_t{array_.rows} + array_.columns - 1;
}

bool GemmSource::next(IssuedSlot& slot) {
  slot = {};
  west_ = north_ = {};
  if (folds_left_ && step_ > 0 && fold_is_over()) {
    if (fold_.column + fold_.columns < shape_.n) {
      fold_ = fold_at(fold_.row, fold_.column + fold_.columns);
      step_ = 0;
    } else if (fold_.row + fold_.rows < shape_.m) {
      fold_ = fold_at(fold_.row + fold_.rows, 0);
      step_ = 0;
    } else {
      folds_left_ = false;
    }
  }
  if (!folds_left_ && !collecting_) return false;
  slot.frame_start = step_ == 0;
  if (collecting_) issue_collect(slot);
  if (folds_left_) issue_operands(slot);
  ++step_;
  return true;
}

void GemmSource::issue_operands(IssuedSlot& slot) {
  const uint64_t interval = array_.mac_interval_cycles;
  const uint64_t k = step_ / interval;
  const bool plain = array_.schedule == core::ArraySchedule::plain;
  if (k >= shape_.k) {
    if (is_last()) return;
    const bool draining = collecting_ || slot.slot.collect >= 0 || plain;
    ++(draining ? counts_.stalls.drain : counts_.stalls.output);
    return;
  }
  if (step_ % interval != 0) return;
  slot.slot.operation = k == 0 ? SlotOperation::mac_first : SlotOperation::mac;
  slot.slot.rows = static_cast<uint16_t>(fold_.rows);
  slot.slot.columns = static_cast<uint16_t>(fold_.columns);
  slot.slot.timed_rows = static_cast<uint16_t>(plain ? array_.rows : fold_.rows);
  slot.slot.timed_columns = static_cast<uint16_t>(plain ? array_.columns : fold_.columns);
  slot.read_bytes = word_bytes * (fold_.rows + fold_.columns);
  west_ = {&a_by_k_[k * shape_.m + fold_.row], fold_.rows};
  north_ = {&b_[k * shape_.n + fold_.column], fold_.columns};
  if (k + 1 == shape_.k) {
    collecting_ = true;
    collect_ = 0;
    collected_fold_ = fold_;
  }
}

void GemmSource::issue_collect(IssuedSlot& slot) {
  const bool plain = array_.schedule == core::ArraySchedule::plain;
  slot.slot.collect = static_cast<int16_t>(collect_);
  slot.result_bytes = result_bytes_ * collected_fold_.rows;
  slot.result_rows = collected_fold_.rows;
  slot.result_timed_rows = plain ? array_.rows : collected_fold_.rows;
  slot.result_tag = collected_fold_.row * shape_.n + collected_fold_.column + collect_;
  if (shape_.partial_results) counts_.partial_sum_bytes += slot.result_bytes;
  if (++collect_ == collected_fold_.columns) collecting_ = false;
}

void GemmSource::store(uint64_t tag, std::span<const float> words) {
  for (size_t i = 0; i < words.size(); ++i) {
    const uint64_t at = tag + i * shape_.n;
    if (shape_.partial_results) {
      run_.sums[at] = words[i];
    } else {
      run_.values[at] = fp16_from_float(words[i]);
    }
  }
}

}  // namespace duet::models
