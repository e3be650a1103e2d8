// SPDX-License-Identifier: Apache-2.0
#include "duet/models/vector/vector_engine.hpp"

#include <deque>

#include "gemv_source.hpp"
#include "ssm_pass_source.hpp"

namespace duet::models {
namespace {

// Results of a pass that are not yet written.
struct PendingPass {
  uint64_t ready_step;
  uint64_t bytes;
  bool last;
};

}  // namespace

VectorEngine::VectorEngine(core::VectorArrayDescription array, double clock_hz)
    : array_(array),
      clock_hz_(clock_hz),
      rate_(core::PortRate::from(array.sram_bytes_per_second, clock_hz)) {}

uint64_t VectorEngine::set_mode(VectorMode mode) {
  if (mode == mode_) return 0;
  mode_ = mode;
  return array_.mode_switch_cycles;
}

ArrayRun VectorEngine::gemv(const GemvOperands& operands) {
  ArrayRun result;
  result.status = status_of(mode_ == VectorMode::gemv, operands.sizes_agree());
  if (result.status == ArrayStatus::ok) multiply(operands, result);
  return result;
}

void VectorEngine::multiply(const GemvOperands& operands, ArrayRun& result) {
  const core::GemvShape& shape = operands.shape;
  const core::GemvPlan plan = core::plan_gemv(array_, clock_hz_, shape);
  result.values.assign(shape.partial_results ? 0 : shape.vectors * shape.n, 0);
  std::vector<float> partial(shape.vectors * shape.n);
  for (uint64_t v = 0; v < shape.vectors; v += plan.vectors_per_pass) {
    for (uint64_t k = 0; k < shape.k; k += plan.k_slice) {
      const GemvSource::Part part{v, std::min(plan.vectors_per_pass, shape.vectors - v), k,
                                  std::min(plan.k_slice, shape.k - k)};
      GemvSource source(array_, operands, part, partial, result);
      VectorUnits units = source.make_units();
      run(source, units, result.time);
      result.time.partial_sum_bytes += source.partial_sum_bytes();
    }
  }
  if (shape.partial_results) result.sums = std::move(partial);
}

ArrayRun VectorEngine::ssm(const SsmOperands& operands) {
  ArrayRun result;
  const bool has_state = operands.shape.tokens > 1 || operands.shape.initial_state;
  result.status = status_of(mode_ == VectorMode::ssm, has_state && operands.sizes_agree());
  if (result.status != ArrayStatus::ok) return result;
  SsmPassSource source(array_, operands, result);
  VectorUnits units = source.make_units();
  run(source, units, result.time);
  source.add_counts(result.time);
  return result;
}

void VectorEngine::run(PassSource& source, VectorUnits& units, core::ArrayTime& time) {
  if (fault_) units.inject(*fault_);
  fault_.reset();
  std::deque<PendingPass> pending;
  IssuedUnitSlot issued;
  uint64_t step = 0;
  uint64_t stream_start = 0;
  uint64_t cycle = 0;
  uint64_t last_mac_cycle = 0;
  int64_t credit = 0;
  bool more = source.next(issued, false);
  while (more || !pending.empty()) {
    if (!more) issued = {};
    if (issued.stream_start) stream_start = step;
    if (issued.pass_issued) {
      pending.push_back({step + source.write_delay(), issued.result_bytes, issued.last_pass});
    }
    // A pass start (or where one would be) takes the results of one earlier pass along; the last pass's
    // results are written as soon as they are there.
    uint64_t write_bytes = issued.write_bytes;
    const bool at_pass_start = (step - stream_start) % source.pass_steps() == 0;
    if (at_pass_start && !pending.empty() && !pending.front().last && pending.front().ready_step <= step) {
      write_bytes += pending.front().bytes;
      pending.pop_front();
    }
    if (!pending.empty() && pending.front().last && pending.front().ready_step <= step) {
      write_bytes += pending.front().bytes;
      pending.pop_front();
    }
    VectorPortState port;
    if (!rate_.is_unlimited()) {
      const auto demand = static_cast<int64_t>((issued.read_bytes + write_bytes) << 16);
      for (credit += rate_.q16(); credit < demand; credit += rate_.q16()) {
        port.stalled = true;
        if (observer_ != nullptr) observer_->on_cycle(time.cycles + cycle, units, mode_, port);
        ++cycle;
        ++time.stalls.sram;
      }
      credit -= demand;
    }
    units.step(issued.slot, source);
    if (units.computed()) last_mac_cycle = cycle;
    if (observer_ != nullptr) {
      port = {false, issued.read_bytes, write_bytes};
      observer_->on_cycle(time.cycles + cycle, units, mode_, port);
    }
    time.sram_read_bytes += issued.read_bytes;
    time.sram_write_bytes += write_bytes;
    ++cycle;
    ++step;
    if (more) more = source.next(issued, !pending.empty());
  }
  time.compute_cycles = time.cycles + last_mac_cycle + 1;
  time.cycles += cycle;
  time.macs += units.macs();
}

}  // namespace duet::models
