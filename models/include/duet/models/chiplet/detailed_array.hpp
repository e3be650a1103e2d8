// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "duet/core/chiplet_description.hpp"
#include "duet/core/operation_timing.hpp"
#include "duet/models/chiplet/job_timeline.hpp"
#include "duet/sw_driver/descriptor.h"

namespace duet::models {

/// The array with the most work of a chiplet's arrays of one kind, at level `pe`: the kernels of each
/// operation run register by register, and what they take is the operation's time. The operands
/// are generated: timing mode has no values, and in functional mode ValueUnit computes them. Cycles do not
/// depend on values: a kernel whose shape has run before is stepped again only where a trace's window shows
/// it.
class DetailedArray {
 public:
  virtual ~DetailedArray() = default;

  /// Cycles of the operation. Throws std::logic_error if they are not those of the closed form, which is a
  /// defect of the platform.
  uint64_t step(const core::OperationTiming& timing);
  /// Shows the operation that step() has run last in the trace, if it has a window there.
  void show(const core::OperationTiming& timing, JobTimeline& times);
  /// Ends the trace; a sentence if there was work, but none of it inside the window or the scope.
  std::string end_trace();

  /// Cycles that were stepped, those for the trace left out.
  [[nodiscard]] uint64_t stepped_cycles() const { return stepped_cycles_; }
  /// Cycles of all operations so far.
  [[nodiscard]] uint64_t worked_cycles() const { return worked_cycles_; }

 protected:
  explicit DetailedArray(const std::optional<core::ArrayTraceDescription>& trace) : trace_(trace) {}

  using Shape = decltype(core::ArrayKernel::shape);
  /// Runs one kernel without looking on.
  virtual uint64_t run(const Shape& shape) = 0;
  /// Runs one kernel whose cycle 0 is the array's `first_cycle`, and writes what happens to the trace.
  virtual void run_traced(const Shape& shape, uint64_t first_cycle, JobTimeline& times,
                          uint64_t operation_begin) = 0;
  virtual std::string close_trace() = 0;

  [[nodiscard]] const core::ArrayTraceDescription& trace() const { return *trace_; }

 private:
  std::optional<core::ArrayTraceDescription> trace_;
  std::map<Shape, uint64_t> cycles_of_;
  uint64_t stepped_cycles_ = 0;
  uint64_t worked_cycles_ = 0;
};

/// Null for a kind of array that the chiplet does not have, or has at level `tile`.
std::unique_ptr<DetailedArray> make_detailed_array(duet_engine kind,
                                                   const core::NodeTypeDescription& chiplet);

}  // namespace duet::models
