// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "array_timing_frame.hpp"
#include "duet/core/array_timing.hpp"

namespace duet::core {
namespace {

constexpr uint64_t word_bytes = 2;

class GemmFolds {
 public:
  GemmFolds(const SystolicArrayDescription& array, PortRate rate, const GemmShape& shape)
      : array_(array),
        shape_(shape),
        rate_(rate),
        result_bytes_(shape.partial_results && array.accumulation == Accumulation::fp32 ? 4 : word_bytes),
        row_folds_(ceil_div(shape.m, array.rows)),
        column_folds_(ceil_div(shape.n, array.columns)) {}

  ArrayTime time() {
    for_representatives(row_folds_, [&](uint64_t i, uint64_t rows) {
      for_representatives(column_folds_, [&](uint64_t j, uint64_t columns) { add(i, j, rows * columns); });
    });
    time_.sram_read_bytes = word_bytes * shape_.k * (column_folds_ * shape_.m + row_folds_ * shape_.n);
    time_.sram_write_bytes = result_bytes_ * shape_.m * shape_.n;
    time_.partial_sum_bytes = shape_.partial_results ? time_.sram_write_bytes : 0;
    time_.macs = shape_.m * shape_.k * shape_.n;
    return time_;
  }

 private:
  [[nodiscard]] uint64_t rows_of(uint64_t i) const {
    return i + 1 < row_folds_ ? array_.rows : shape_.m - i * array_.rows;
  }
  [[nodiscard]] uint64_t columns_of(uint64_t j) const {
    return j + 1 < column_folds_ ? array_.columns : shape_.n - j * array_.columns;
  }

  [[nodiscard]] ArrayFrame frame(uint64_t i, uint64_t j) const {
    const bool plain = array_.schedule == ArraySchedule::plain;
    const uint64_t r = rows_of(i);
    const uint64_t c = columns_of(j);
    const uint64_t timed_rows = plain ? array_.rows : r;
    const uint64_t timed_columns = plain ? array_.columns : c;
    const uint64_t interval = array_.mac_interval_cycles;
    const uint64_t last_operand = (shape_.k - 1) * interval;
    ArrayFrame f;
    f.reads[0] = {0, interval, shape_.k, word_bytes * (r + c)};
    f.last_mac_step = last_operand + timed_rows + timed_columns - 2;
    const uint64_t first_write = last_operand + 1 + (timed_rows - 1) + (array_.columns - 1);
    f.writes[0] = {first_write, 1, c, result_bytes_ * r};
    f.last_write_step = first_write + c - 1;
    f.steps = plain ? std::max(f.last_mac_step + 1, shape_.k * interval)
                    : std::max(own_slots(c), uint64_t{array_.rows} + array_.columns - 1);
    return f;
  }

  // Operand slots and collecting slots. The last collecting slot of a full fold passes through the last
  // column only, so that the next fold's first operands may share it.
  [[nodiscard]] uint64_t own_slots(uint64_t c) const {
    const uint64_t interval = array_.mac_interval_cycles;
    const uint64_t shared = c == array_.columns ? 1 : 0;
    return std::max(shape_.k * interval, (shape_.k - 1) * interval + 1 + c - shared);
  }

  void add(uint64_t i, uint64_t j, uint64_t multiplicity) {
    const ArrayFrame current = frame(i, j);
    const bool first = i == 0 && j == 0;
    const ArrayFrame previous =
        first ? ArrayFrame{} : (j > 0 ? frame(i, j - 1) : frame(i - 1, column_folds_ - 1));
    const ArrayFrame* before = first ? nullptr : &previous;
    if (i + 1 == row_folds_ && j + 1 == column_folds_) {
      const uint64_t until_mac = frame_stalls(before, current, rate_, current.last_mac_step);
      const uint64_t until_end = frame_stalls(before, current, rate_, current.last_write_step);
      time_.compute_cycles = time_.cycles + current.last_mac_step + 1 + until_mac;
      time_.cycles += current.last_write_step + 1 + until_end;
      time_.stalls.sram += until_end;
      return;
    }
    const uint64_t stalls = frame_stalls(before, current, rate_, current.steps - 1);
    time_.cycles += multiplicity * (current.steps + stalls);
    time_.stalls.sram += multiplicity * stalls;
    const uint64_t operands = shape_.k * array_.mac_interval_cycles;
    if (array_.schedule == ArraySchedule::overlapped) {
      const uint64_t last_collect = (shape_.k - 1) * array_.mac_interval_cycles + columns_of(j);
      const uint64_t slots = std::clamp(last_collect + 1, operands, current.steps);
      time_.stalls.drain += multiplicity * (slots - operands);
      time_.stalls.output += multiplicity * (current.steps - slots);
    } else {
      time_.stalls.drain += multiplicity * (current.steps - operands);
    }
  }

  const SystolicArrayDescription& array_;
  const GemmShape& shape_;
  PortRate rate_;
  uint64_t result_bytes_;
  uint64_t row_folds_;
  uint64_t column_folds_;
  ArrayTime time_;
};

}  // namespace

ArrayTime gemm_time(const SystolicArrayDescription& array, double clock_hz, const GemmShape& shape) {
  if (shape.m == 0 || shape.k == 0 || shape.n == 0) throw std::invalid_argument("a GEMM dimension is 0");
  return GemmFolds(array, PortRate::from(array.sram_bytes_per_second, clock_hz), shape).time();
}

double array_utilisation(const ArrayTime& time, uint64_t units, unsigned mac_interval_cycles) {
  const auto cycles = static_cast<double>(time.cycles);
  return cycles == 0
             ? 0.0
             : static_cast<double>(time.macs) * mac_interval_cycles / (static_cast<double>(units) * cycles);
}

}  // namespace duet::core
