// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "duet/core/chiplet_description.hpp"
#include "duet/core/operation_timing.hpp"
#include "duet/models/chiplet/job_timeline.hpp"
#include "duet/models/values/operand_log.hpp"
#include "duet/sw_driver/descriptor.h"

namespace duet::models {

/// An array of a chiplet at level `pe`. The kernels of the array with the most work run register by register,
/// and what they take is the operation's time. Cycles do not depend on values: a kernel whose shape has run
/// before is stepped again only where a trace's window shows it. A trace shows, in timing mode, those kernels
/// on generated operands; in functional mode the kernels of the first array on the operands that it has.
class DetailedArray {
 public:
  virtual ~DetailedArray() = default;

  /// Cycles of the operation. Throws std::logic_error if they are not those of the closed form, which is a
  /// defect of the platform.
  uint64_t step(const core::OperationTiming& timing);
  /// Whether the trace's window shows something of the operation that step() has run last.
  [[nodiscard]] bool is_shown(const core::OperationTiming& timing) const;
  /// Shows that operation in the trace, on generated operands.
  void show(const core::OperationTiming& timing, JobTimeline& times);
  /// Shows these kernels in the trace, from that operation's begin and no longer than it takes.
  void show(const core::OperationTiming& timing, JobTimeline& times, const OperandLog& operands);
  /// Ends the trace; a sentence if there was work, but none of it inside the window or the scope.
  std::string end_trace();

  /// Cycles that were stepped, those for the trace left out.
  [[nodiscard]] uint64_t stepped_cycles() const { return stepped_cycles_; }
  /// Cycles of all operations so far.
  [[nodiscard]] uint64_t worked_cycles() const { return worked_cycles_; }

 protected:
  explicit DetailedArray(const std::optional<core::ArrayTraceDescription>& trace) : trace_(trace) {}

  using Shape = decltype(core::ArrayKernel::shape);
  /// Runs one kernel on generated operands, whatever their values.
  virtual uint64_t run(const Shape& shape, uint64_t seed) = 0;
  virtual uint64_t run(const OperandLog::Kernel& kernel) = 0;
  /// From now on what a kernel does in the cycles of `window` goes to the trace; its cycle 0 is the array's
  /// `first_cycle`.
  virtual void look_on(uint64_t first_cycle, const core::CycleWindow& window,
                       std::function<uint64_t(uint64_t)> time_ps) = 0;
  virtual void look_away() = 0;
  virtual std::string close_trace() = 0;

  [[nodiscard]] const core::ArrayTraceDescription& trace() const { return *trace_; }

 private:
  /// The first cycle of the operation that step() has run last.
  [[nodiscard]] uint64_t begin_of(const core::OperationTiming& timing) const {
    return worked_cycles_ - timing.cycles;
  }

  std::optional<core::ArrayTraceDescription> trace_;
  std::map<Shape, uint64_t> cycles_of_;
  uint64_t stepped_cycles_ = 0;
  uint64_t worked_cycles_ = 0;
};

/// Null for a kind of array that the chiplet does not have, or has at level `tile`.
std::unique_ptr<DetailedArray> make_detailed_array(duet_engine kind,
                                                   const core::NodeTypeDescription& chiplet);

}  // namespace duet::models
