// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

namespace duet::core {

/// Rate of an array's SRAM port in bytes per array cycle, in steps of 2^-16 bytes, so that the
/// cycle-by-cycle models and the closed forms count with the same integers.
class PortRate {
 public:
  /// A port that never stalls the array.
  static constexpr PortRate unlimited() { return PortRate{0}; }
  /// Infinite `bytes_per_second` means unlimited; `clock_hz` is the array's clock.
  static PortRate from(double bytes_per_second, double clock_hz);

  [[nodiscard]] constexpr bool is_unlimited() const { return q16_ == 0; }
  [[nodiscard]] constexpr int64_t q16() const { return q16_; }

 private:
  explicit constexpr PortRate(int64_t q16) : q16_(q16) {}
  int64_t q16_;
};

/// Equal demands on the port at steps start, start + interval, ... (`count` of them).
struct DemandTrain {
  uint64_t start = 0;
  uint64_t interval = 1;
  uint64_t count = 0;
  uint64_t bytes = 0;
};

/// How many cycles an array that moves in lockstep stands still, up to and including step
/// `last_step`, because the port has not yet moved the bytes that the steps so far demand.
///
/// The port moves PortRate bytes in every cycle from the frame's first, ahead of the array when the
/// array does not need them yet; step l can happen in cycle t when (t + 1) * rate covers the demand
/// of steps 0..l. So the stalls are ceil(max over l of (demand(0..l) - (l + 1) * rate) / rate).
/// Trains may have interval 1 or one common other interval. At most 8 trains.
uint64_t port_stall_cycles(std::span<const DemandTrain> trains, PortRate rate, uint64_t last_step);

/// The same for nested periods, fed in the order of time: passes of equal beats, one after another.
class PortMeter {
 public:
  explicit PortMeter(PortRate rate) : rate_(rate.q16()) {}

  /// `passes` times `beats` beats of `beat_steps` steps; beat b of a pass demands at its first step
  /// `middle` bytes (`last` for the last beat of a pass), and beat 0 `extra_first` in addition.
  void run(uint64_t passes, uint64_t beats, uint64_t beat_steps, uint64_t middle, uint64_t last,
           uint64_t extra_first);
  /// One demand at an absolute step, not before the last one; does not move the step counter.
  void demand_at(uint64_t step, uint64_t bytes);
  /// Repeats what happened since (`steps`, `bytes`) of an earlier moment `times` times without looking:
  /// the caller evaluates the first and the last repetition, and what lies between cannot be the maximum.
  void skip(uint64_t times, uint64_t steps, uint64_t bytes);
  /// The next run starts at this step.
  void advance_to(uint64_t step) { steps_ = step; }

  [[nodiscard]] uint64_t steps() const { return steps_; }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  [[nodiscard]] uint64_t stall_cycles() const;

 private:
  void look(uint64_t step, uint64_t bytes);

  int64_t rate_;
  uint64_t steps_ = 0;
  uint64_t bytes_ = 0;
  int64_t excess_ = 0;  ///< largest lead of the demand over the port so far, in 2^-16 bytes
};

}  // namespace duet::core
