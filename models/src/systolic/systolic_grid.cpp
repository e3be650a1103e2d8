// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/systolic_grid.hpp"

#include <algorithm>
#include <cstring>

namespace duet::models {
namespace {

constexpr uint32_t padding = 8;  // registers of a diagonal start and end at whole vectors

}  // namespace

SystolicGrid::SystolicGrid(unsigned rows, unsigned columns, core::Accumulation accumulation)
    : rows_(rows),
      columns_(columns),
      diagonals_(rows + columns - 1),
      kernels_(&lane_kernels(accumulation)),
      layout_(diagonals_) {
  uint32_t base = 0;
  for (unsigned d = 0; d < diagonals_; ++d) {
    const unsigned first = d + 1 > columns ? d + 1 - columns : 0;
    const unsigned last = std::min(d, rows - 1);
    const unsigned count = last - first + 1;
    layout_[d] = {base, first, count, (count + padding - 1) / padding * padding};
    base += layout_[d].padded;
  }
  for (auto& which : registers_) which.resize(base);
  zeros_.resize((std::min(rows, columns) + padding - 1) / padding * padding);
  slots_.resize(diagonals_);
  west_lines_.resize(size_t{diagonals_} * rows);
  north_lines_.resize(size_t{diagonals_} * columns);
  east_.resize(rows);
}

void SystolicGrid::reset() {
  for (auto& which : registers_) std::fill(which.begin(), which.end(), 0.0F);
  std::fill(slots_.begin(), slots_.end(), Slot{});
  std::fill(west_lines_.begin(), west_lines_.end(), 0.0F);
  std::fill(north_lines_.begin(), north_lines_.end(), 0.0F);
  macs_ = 0;
  step_ = 0;
  fault_.reset();
}

void SystolicGrid::enter(const Slot& slot, std::span<const float> west, std::span<const float> north) {
  head_ = head_ + 1 == diagonals_ ? 0 : head_ + 1;
  slots_[head_] = slot;
  const auto fill = [](float* line, size_t length, std::span<const float> words) {
    std::copy(words.begin(), words.end(), line);
    std::fill(line + words.size(), line + length, 0.0F);
  };
  fill(&west_lines_[head_ * rows_], rows_, west);
  fill(&north_lines_[head_ * columns_], columns_, north);
  load_edges();
}

// The skew line of row i (column j) is i (j) words long: its end holds the word that PE (i, 0) takes.
void SystolicGrid::load_edges() {
  float* we = registers(PeRegister::we);
  float* ns = registers(PeRegister::ns);
  for (unsigned d = 0; d < diagonals_; ++d) {
    const size_t line = ring(d);
    if (d < rows_) we[layout_[d].base + d - layout_[d].first] = west_lines_[line * rows_ + d];
    if (d < columns_) ns[layout_[d].base] = north_lines_[line * columns_ + d];
  }
}

void SystolicGrid::execute() {
  const bool defect = fault_ && fault_->step == step_;
  if (defect) kept_ = value(fault_->row, fault_->column, fault_->pe_register);
  computed_ = false;
  // From the far corner back, so that a diagonal hands its words to one that has already used its own.
  for (unsigned d = diagonals_; d-- > 0;) execute_diagonal(d);
  if (defect) registers(fault_->pe_register)[index(fault_->row, fault_->column)] = kept_;
  ++step_;
}

void SystolicGrid::execute_diagonal(unsigned diagonal) {
  const Diagonal& d = layout_[diagonal];
  const Slot& slot = slot_at(diagonal);
  float collected = 0;
  if (slot.collect >= 0) {
    const auto column = static_cast<unsigned>(slot.collect);
    if (diagonal >= column && diagonal - column < rows_) {
      collected = value(diagonal - column, column, PeRegister::accumulator);
    }
  }
  if (slot.operation != SlotOperation::none) {
    operate(d, diagonal, slot);
    // The output register drives the link in the same step, so its defect must show before.
    if (faulty(PeRegister::ssm2) && fault_->row + fault_->column == diagonal) {
      registers(PeRegister::ssm2)[index(fault_->row, fault_->column)] = kept_;
    }
    count(diagonal, slot);
  }
  pass_on(d, diagonal, slot, collected);
}

void SystolicGrid::operate(const Diagonal& d, unsigned diagonal, const Slot& slot) {
  float* we = registers(PeRegister::we) + d.base;
  float* ns = registers(PeRegister::ns) + d.base;
  float* ssm1 = registers(PeRegister::ssm1) + d.base;
  float* ssm2 = registers(PeRegister::ssm2) + d.base;
  float* accumulator = registers(PeRegister::accumulator) + d.base;
  if (slot.column >= 0) {
    const auto column = static_cast<unsigned>(slot.column);
    if (diagonal < column || diagonal - column >= rows_) return;
    const unsigned at = diagonal - column - d.first;
    if (slot.operation == SlotOperation::decay) {
      kernels_->multiply(ssm1 + at, we + at, accumulator + at, 1);
    } else if (slot.operation == SlotOperation::decay_first) {
      kernels_->multiply(ssm1 + at, we + at, zeros_.data(), 1);
    } else if (slot.operation == SlotOperation::deposit) {
      accumulator[at] = we[at];
    }
    return;
  }
  switch (slot.operation) {
    case SlotOperation::mac_first:
      kernels_->multiply_add(accumulator, zeros_.data(), we, ns, d.padded);
      break;
    case SlotOperation::mac:
      kernels_->multiply_add(accumulator, accumulator, we, ns, d.padded);
      break;
    case SlotOperation::decay:
      kernels_->multiply(ssm1, we, accumulator, d.padded);
      break;
    case SlotOperation::decay_first:
      kernels_->multiply(ssm1, we, zeros_.data(), d.padded);
      break;
    case SlotOperation::input:
      kernels_->multiply_add(accumulator, ssm1, we, ns, d.padded);
      break;
    case SlotOperation::output:
      kernels_->multiply_add(ssm2, we, ns, accumulator, d.padded);
      // Columns without states (the first PEs of the diagonal) pass the partial sum on as it is.
      if (diagonal >= slot.columns + d.first) {
        std::memcpy(ssm2, we, std::min(d.count, diagonal + 1 - slot.columns - d.first) * sizeof(float));
      }
      break;
    case SlotOperation::deposit:
    case SlotOperation::none:
      break;
  }
}

void SystolicGrid::pass_on(const Diagonal& d, unsigned diagonal, const Slot& slot, float collected) {
  const PeRegister driven = slot.operation == SlotOperation::output ? PeRegister::ssm2 : PeRegister::we;
  const float* link = registers(driven) + d.base;
  const bool collects = slot.collect >= 0 && diagonal >= static_cast<unsigned>(slot.collect) &&
                        diagonal - static_cast<unsigned>(slot.collect) < rows_;
  const unsigned collecting_row = collects ? diagonal - static_cast<unsigned>(slot.collect) : 0;
  if (diagonal + 1 >= columns_ && diagonal + 1 - columns_ < rows_) {
    const unsigned row = diagonal + 1 - columns_;  // of the PE in the last column
    east_[row] = collects && collecting_row == row ? collected : link[0];
  }
  if (diagonal + 1 == diagonals_) return;
  const Diagonal& next = layout_[diagonal + 1];
  float* we = registers(PeRegister::we) + next.base;
  float* ns = registers(PeRegister::ns) + next.base;
  const unsigned shift = next.first - d.first;  // 1 once the last column is reached
  std::memcpy(we, link + shift, (d.count - shift) * sizeof(float));
  if (collects && collecting_row >= next.first) we[collecting_row - next.first] = collected;
  const unsigned south = std::min(d.count, rows_ - 1 - d.first);
  std::memcpy(ns + 1 - shift, registers(PeRegister::ns) + d.base, south * sizeof(float));
}

void SystolicGrid::count(unsigned diagonal, const Slot& slot) {
  if (slot.operation == SlotOperation::deposit) return;
  if (slot.column >= 0) {
    const auto column = static_cast<unsigned>(slot.column);
    if (diagonal < column || diagonal - column >= slot.timed_rows) return;
    computed_ = true;
    if (diagonal - column < slot.rows) ++macs_;
    return;
  }
  const auto members = [diagonal](unsigned rows, unsigned columns) -> unsigned {
    const unsigned first = diagonal + 1 > columns ? diagonal + 1 - columns : 0;
    const unsigned last = std::min(diagonal, rows - 1);
    return last >= first ? last - first + 1 : 0;
  };
  macs_ += members(slot.rows, slot.columns);
  if (diagonal + 2 <= uint32_t{slot.timed_rows} + slot.timed_columns) computed_ = true;
}

}  // namespace duet::models
