// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace duet::core {

/// Refers to a track of a TimelineSink. A default one, and one that the selection left out, is false
/// and what is reported on it is dropped.
class TimelineTrack {
 public:
  TimelineTrack() = default;
  explicit TimelineTrack(uint32_t index) : index_(index) {}
  explicit operator bool() const { return index_ != none; }
  [[nodiscard]] uint32_t index() const { return index_; }

 private:
  static constexpr uint32_t none = ~uint32_t{0};
  uint32_t index_ = none;
};

/// A detail of an event: {"bytes", uint64_t{4096}}, {"bound", "memory"}.
struct TimelineArgument {
  std::string_view key;
  std::variant<uint64_t, double, std::string_view> value;
};

/// Where models report what happened when: one track per chiplet, link, channel, driver.
/// Models hold a `TimelineSink*` that is null when nobody looks.
class TimelineSink {
 public:
  virtual ~TimelineSink() = default;

  /// Adds a track. `process` groups tracks ("prefill package"), `name` is the hierarchical name
  /// within it ("chiplet[3]", "link[3->4]").
  virtual TimelineTrack add_track(std::string_view process, std::string_view name) = 0;
  /// Something lasted from `begin_ps` to `end_ps` (not before it). `category` is what a viewer
  /// colours by: "gemm", "transfer", "wait".
  virtual void complete(TimelineTrack track, std::string_view name, std::string_view category,
                        uint64_t begin_ps, uint64_t end_ps, std::span<const TimelineArgument> arguments) = 0;
  /// The value of a quantity from this time on.
  virtual void counter(TimelineTrack track, std::string_view name, uint64_t time_ps, double value) = 0;
  /// An arrow from one event to another; both ends give the same `id` and lie inside an event.
  virtual void flow(TimelineTrack track, std::string_view name, uint64_t id, uint64_t time_ps,
                    bool begins) = 0;

  void complete(TimelineTrack track, std::string_view name, std::string_view category, uint64_t begin_ps,
                uint64_t end_ps) {
    complete(track, name, category, begin_ps, end_ps, {});
  }
};

}  // namespace duet::core
