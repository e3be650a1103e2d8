// SPDX-License-Identifier: Apache-2.0
#include "duet/models/systolic/systolic_engine.hpp"

#include <algorithm>

#include "gemm_source.hpp"
#include "ssm_source.hpp"

namespace duet::models {
namespace {

// Slots that have been issued and wait while the SFU column works on their words.
class EdgeDelay {
 public:
  EdgeDelay(uint64_t delay, unsigned rows, unsigned columns)
      : rows_(rows), columns_(columns), slots_(delay + 1), words_((delay + 1) * (rows + columns)) {}

  void push(const Slot& slot, std::span<const float> west, std::span<const float> north) {
    Entry& entry = slots_[at_];
    entry = {slot, west.size(), north.size()};
    std::copy(west.begin(), west.end(), words_.begin() + static_cast<ptrdiff_t>(at_ * (rows_ + columns_)));
    std::copy(north.begin(), north.end(),
              words_.begin() + static_cast<ptrdiff_t>(at_ * (rows_ + columns_) + rows_));
    at_ = at_ + 1 == slots_.size() ? 0 : at_ + 1;
  }
  // The oldest slot; valid after each push.
  [[nodiscard]] const Slot& slot() const { return slots_[at_].slot; }
  [[nodiscard]] std::span<const float> west() const {
    return {words_.data() + at_ * (rows_ + columns_), slots_[at_].west_words};
  }
  [[nodiscard]] std::span<const float> north() const {
    return {words_.data() + at_ * (rows_ + columns_) + rows_, slots_[at_].north_words};
  }

 private:
  struct Entry {
    Slot slot;
    size_t west_words = 0;
    size_t north_words = 0;
  };
  unsigned rows_;
  unsigned columns_;
  std::vector<Entry> slots_;
  std::vector<float> words_;
  size_t at_ = 0;
};

}  // namespace

SystolicEngine::SystolicEngine(core::SystolicArrayDescription array, double clock_hz)
    : array_(array),
      rate_(core::PortRate::from(array.sram_bytes_per_second, clock_hz)),
      grid_(array.rows, array.columns, array.accumulation),
      deskew_slots_(grid_.diagonals() + 1),
      deskew_(deskew_slots_ * array.rows) {}

uint64_t SystolicEngine::set_mode(SystolicMode mode) {
  if (mode == mode_) return 0;
  mode_ = mode;
  return array_.mode_switch_cycles;
}

ArrayRun SystolicEngine::gemm(const GemmOperands& operands) {
  ArrayRun result;
  result.status = status_of(mode_ == SystolicMode::gemm, operands.sizes_agree());
  if (result.status != ArrayStatus::ok) return result;
  GemmSource source(array_, operands, result);
  run(source, 0, result);
  return result;
}

ArrayRun SystolicEngine::ssm(const SsmOperands& operands) {
  ArrayRun result;
  result.status = status_of(mode_ == SystolicMode::ssm, operands.sizes_agree());
  if (result.status != ArrayStatus::ok) return result;
  SsmSource source(array_, operands, result);
  run(source, 2 * uint64_t{array_.sfu.latency_cycles} + 1, result);
  return result;
}

void SystolicEngine::run(SlotSource& source, uint64_t edge_delay, ArrayRun& result) {
  grid_.reset();
  if (fault_) grid_.inject(*fault_);
  fault_.reset();
  EdgeDelay edge(edge_delay, array_.rows, array_.columns);
  std::deque<PendingResult> pending;
  IssuedSlot issued;
  uint64_t cycle = 0;
  uint64_t step = 0;
  uint64_t stalls = 0;
  int64_t credit = 0;
  uint64_t last_mac_cycle = 0;
  uint64_t read_bytes = 0;
  uint64_t written_bytes = 0;
  bool more = source.next(issued);
  while (more || !pending.empty()) {
    if (!more) issued = {};
    if (issued.result_rows > 0) {
      const uint64_t leaves = step + edge_delay + issued.result_timed_rows + array_.columns - 2;
      // A tile of fewer rows may overtake the last results of the one before.
      auto place = pending.end();
      while (place != pending.begin() && std::prev(place)->step > leaves) --place;
      pending.insert(place,
                     {leaves, step + edge_delay, issued.result_bytes, issued.result_tag, issued.result_rows});
    }
    uint64_t write_bytes = 0;
    for (auto due = pending.begin(); due != pending.end() && due->step == step; ++due)
      write_bytes += due->bytes;
    PortState port;
    if (!rate_.is_unlimited()) {
      if (issued.frame_start) credit = 0;
      const auto demand = static_cast<int64_t>((issued.read_bytes + write_bytes) << 16);
      for (credit += rate_.q16(); credit < demand; credit += rate_.q16()) {
        port.stalled = true;
        if (observer_ != nullptr) observer_->on_cycle(cycle, grid_, mode_, port);
        ++cycle;
        ++stalls;
      }
      credit -= demand;
    }
    if (more) {
      edge.push(issued.slot, source.west(), source.north());
    } else {
      edge.push({}, {}, {});
    }
    grid_.enter(edge.slot(), edge.west(), edge.north());
    if (observer_ != nullptr) {
      port = {false,       issued.read_bytes,
              write_bytes, issued.read_bytes > 0 && mode_ == SystolicMode::ssm,
              edge.west(), write_bytes > 0};
      observer_->on_cycle(cycle, grid_, mode_, port);
    }
    grid_.execute();
    if (grid_.computed()) last_mac_cycle = cycle;
    // The word of row i belongs to the slot that entered i + columns - 1 steps ago.
    for (unsigned row = 0; row < array_.rows && row + array_.columns - 1 <= step; ++row) {
      const uint64_t slot = step - row - (array_.columns - 1);
      deskew_[slot % deskew_slots_ * array_.rows + row] = grid_.east(row);
    }
    while (!pending.empty() && pending.front().step == step) {
      const PendingResult& done = pending.front();
      source.store(done.tag, {&deskew_[done.slot % deskew_slots_ * array_.rows], done.rows});
      written_bytes += done.bytes;
      pending.pop_front();
    }
    read_bytes += issued.read_bytes;
    ++cycle;
    ++step;
    if (more) more = source.next(issued);
  }
  result.time = source.counts();
  result.time.compute_cycles = last_mac_cycle + 1;
  result.time.cycles = cycle;
  result.time.stalls.sram = stalls;
  result.time.sram_read_bytes = read_bytes;
  result.time.sram_write_bytes = written_bytes;
  result.time.macs = grid_.macs();
}

}  // namespace duet::models
