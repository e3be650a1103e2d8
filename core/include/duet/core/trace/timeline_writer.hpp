// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/trace/buffered_file.hpp"
#include "duet/core/trace/name_selection.hpp"
#include "duet/core/trace/timeline_sink.hpp"

namespace duet::core {

struct TimelineOptions {
  std::string path;           ///< the .json
  NameSelection selection{};  ///< which tracks, by "process.name"
  uint64_t begin_ps = 0;      ///< window: events that end before it are left out
  uint64_t end_ps = ~uint64_t{0};
  uint64_t max_bytes = uint64_t{1} << 30;
};

/// Writes a timeline as JSON of Chrome's trace event format (JSON object format: "X", "C", "s", "f" and
/// "M" events), which Perfetto and speedscope open. Times are in microseconds with six decimals, so that
/// every picosecond is exact in the text.
///
/// Events that overlap on one track get lanes ("link[3->4]", "link[3->4] #2"), because viewers nest what
/// shares a thread. Same calls, same bytes.
class TimelineWriter final : public TimelineSink {
 public:
  /// Throws UserError if the file cannot be written.
  explicit TimelineWriter(TimelineOptions options);
  ~TimelineWriter() override;
  TimelineWriter(const TimelineWriter&) = delete;
  TimelineWriter& operator=(const TimelineWriter&) = delete;

  TimelineTrack add_track(std::string_view process, std::string_view name) override;
  using TimelineSink::complete;
  void complete(TimelineTrack track, std::string_view name, std::string_view category, uint64_t begin_ps,
                uint64_t end_ps, std::span<const TimelineArgument> arguments) override;
  void counter(TimelineTrack track, std::string_view name, uint64_t time_ps, double value) override;
  void flow(TimelineTrack track, std::string_view name, uint64_t id, uint64_t time_ps, bool begins) override;
  /// Writes the end of the JSON; the file is complete only then.
  void close();

  [[nodiscard]] uint64_t offered_tracks() const { return offered_tracks_; }
  [[nodiscard]] uint64_t selected_tracks() const { return tracks_.size(); }
  [[nodiscard]] uint64_t written_events() const { return written_events_; }
  [[nodiscard]] uint64_t bytes() const { return file_.size(); }
  [[nodiscard]] bool truncated() const { return truncated_; }
  /// Empty, or one sentence for the user: nothing selected, nothing happened, or cut at the limit.
  [[nodiscard]] std::string warning() const;
  /// A guess of the size of a timeline, for a message before the run.
  [[nodiscard]] static uint64_t estimate_bytes(uint64_t events) { return events * 150; }

 private:
  struct Lane {
    unsigned thread;
    uint64_t end_ps;
  };
  struct Track {
    unsigned process;
    std::string name;
    std::vector<Lane> lanes;
    size_t last_lane = 0;  // of the newest event; arrows attach there
  };

  bool begin_event(uint64_t begin_ps, uint64_t end_ps);
  void write_metadata(std::string_view what, unsigned process, unsigned thread, std::string_view name);
  void write_ids(const Track& track, unsigned thread, uint64_t time_ps);
  Lane& lane_for(Track& track, uint64_t begin_ps);
  Lane& add_lane(Track& track);

  TimelineOptions options_;
  BufferedFile file_;
  std::map<std::string, unsigned, std::less<>> processes_;
  std::vector<Track> tracks_;
  unsigned threads_ = 0;
  uint64_t offered_tracks_ = 0;
  uint64_t written_events_ = 0;
  uint64_t last_written_ps_ = 0;
  bool first_ = true;
  bool truncated_ = false;
  bool closed_ = false;
};

}  // namespace duet::core
