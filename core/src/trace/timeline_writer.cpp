// SPDX-License-Identifier: Apache-2.0
#include "duet/core/trace/timeline_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <type_traits>

#include "duet/core/trace/json_text.hpp"

namespace duet::core {
namespace {

constexpr size_t tail_bytes = 512;  // kept free for the end of the JSON

// Picoseconds as microseconds without rounding: "12.345678".
void append_us(BufferedFile& file, uint64_t time_ps) {
  const fmt::format_int whole(time_ps / 1'000'000);
  file.append(std::string_view(whole.data(), whole.size()));
  auto fraction = static_cast<unsigned>(time_ps % 1'000'000);
  if (fraction == 0) return;
  char digits[7] = {'.', '0', '0', '0', '0', '0', '0'};
  for (int i = 6; i > 0; --i, fraction /= 10) digits[i] = static_cast<char>('0' + fraction % 10);
  size_t count = 7;
  while (digits[count - 1] == '0') --count;
  file.append(std::string_view(digits, count));
}

}  // namespace

TimelineWriter::TimelineWriter(TimelineOptions options) : options_(std::move(options)), file_(options_.path) {
  file_.append("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
}

TimelineWriter::~TimelineWriter() {
  try {
    close();
  } catch (const std::exception&) {
    // A destructor has nobody to tell.
  }
}

void TimelineWriter::write_metadata(std::string_view what, unsigned process, unsigned thread,
                                    std::string_view name) {
  file_.append(
      fmt::format("{}{{\"ph\":\"M\",\"name\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":0,\"args\":{{\"name\":",
                  first_ ? "" : ",\n", what, process, thread));
  append_json_string(file_, name);
  file_.append("}}");
  first_ = false;
}

TimelineWriter::Lane& TimelineWriter::add_lane(Track& track) {
  const unsigned thread = ++threads_;
  track.lanes.push_back({thread, 0});
  const size_t count = track.lanes.size();
  write_metadata("thread_name", track.process, thread,
                 count == 1 ? track.name : fmt::format("{} #{}", track.name, count));
  return track.lanes.back();
}

TimelineTrack TimelineWriter::add_track(std::string_view process, std::string_view name) {
  ++offered_tracks_;
  if (closed_ || !options_.selection.matches(fmt::format("{}.{}", process, name))) return {};
  auto found = processes_.find(process);
  if (found == processes_.end()) {
    const auto id = static_cast<unsigned>(processes_.size() + 1);
    found = processes_.emplace(std::string(process), id).first;
    write_metadata("process_name", id, 0, process);
  }
  tracks_.push_back({found->second, std::string(name), {}, 0});
  add_lane(tracks_.back());
  return TimelineTrack(static_cast<uint32_t>(tracks_.size() - 1));
}

bool TimelineWriter::begin_event(uint64_t begin_ps, uint64_t end_ps) {
  if (closed_ || truncated_ || end_ps < options_.begin_ps || begin_ps >= options_.end_ps) return false;
  if (file_.size() + tail_bytes > options_.max_bytes) {
    truncated_ = true;
    return false;
  }
  last_written_ps_ = begin_ps;
  ++written_events_;
  file_.append(first_ ? "" : ",\n");
  first_ = false;
  return true;
}

TimelineWriter::Lane& TimelineWriter::lane_for(Track& track, uint64_t begin_ps) {
  for (Lane& lane : track.lanes) {
    if (lane.end_ps <= begin_ps) return lane;
  }
  return add_lane(track);
}

void TimelineWriter::write_ids(const Track& track, unsigned thread, uint64_t time_ps) {
  file_.append(",\"pid\":");
  file_.append(fmt::format_int(track.process).str());
  file_.append(",\"tid\":");
  file_.append(fmt::format_int(thread).str());
  file_.append(",\"ts\":");
  append_us(file_, time_ps);
}

void TimelineWriter::complete(TimelineTrack handle, std::string_view name, std::string_view category,
                              uint64_t begin_ps, uint64_t end_ps,
                              std::span<const TimelineArgument> arguments) {
  if (!handle) return;
  Track& track = tracks_[handle.index()];
  end_ps = std::max(begin_ps, end_ps);
  if (end_ps < options_.begin_ps || begin_ps >= options_.end_ps) return;
  Lane& lane = lane_for(track, begin_ps);
  if (!begin_event(begin_ps, end_ps)) return;
  lane.end_ps = end_ps;
  track.last_lane = static_cast<size_t>(&lane - track.lanes.data());
  file_.append("{\"ph\":\"X\",\"name\":");
  append_json_string(file_, name);
  file_.append(",\"cat\":");
  append_json_string(file_, category);
  write_ids(track, lane.thread, begin_ps);
  file_.append(",\"dur\":");
  append_us(file_, end_ps - begin_ps);
  if (!arguments.empty()) {
    file_.append(",\"args\":{");
    for (const TimelineArgument& argument : arguments) {
      if (&argument != &arguments.front()) file_.append(',');
      append_json_string(file_, argument.key);
      file_.append(':');
      std::visit(
          [&](const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
              append_json_string(file_, value);
            } else {
              append_json_number(file_, value);
            }
          },
          argument.value);
    }
    file_.append('}');
  }
  file_.append('}');
}

void TimelineWriter::counter(TimelineTrack handle, std::string_view name, uint64_t time_ps, double value) {
  if (!handle || !begin_event(time_ps, time_ps)) return;
  const Track& track = tracks_[handle.index()];
  file_.append("{\"ph\":\"C\",\"name\":");
  // Viewers tell counters apart by process and name only.
  append_json_string(file_, fmt::format("{} {}", track.name, name));
  write_ids(track, track.lanes.front().thread, time_ps);
  file_.append(",\"args\":{\"value\":");
  append_json_number(file_, value);
  file_.append("}}");
}

void TimelineWriter::flow(TimelineTrack handle, std::string_view name, uint64_t id, uint64_t time_ps,
                          bool begins) {
  if (!handle || !begin_event(time_ps, time_ps)) return;
  const Track& track = tracks_[handle.index()];
  file_.append(begins ? "{\"ph\":\"s\",\"name\":" : "{\"ph\":\"f\",\"bp\":\"e\",\"name\":");
  append_json_string(file_, name);
  file_.append(fmt::format(",\"cat\":\"flow\",\"id\":{}", id));
  write_ids(track, track.lanes[track.last_lane].thread, time_ps);
  file_.append('}');
}

void TimelineWriter::close() {
  if (closed_) return;
  closed_ = true;
  file_.append("\n],\"otherData\":{\"producer\":\"DUET virtual platform\"");
  if (truncated_) {
    file_.append(fmt::format(",\"note\":\"cut at the limit of {} bytes, at {} ps\"", options_.max_bytes,
                             last_written_ps_));
  }
  file_.append("}}\n");
  file_.close();
}

std::string TimelineWriter::warning() const {
  if (tracks_.empty()) {
    return offered_tracks_ == 0
               ? fmt::format("the timeline '{}' is empty: no part offered a track", options_.path)
               : fmt::format("the timeline '{}' is empty: '{}' selects none of {} tracks", options_.path,
                             options_.selection.text(), offered_tracks_);
  }
  if (truncated_) {
    return fmt::format("the timeline '{}' ends at {} ps: it reached its limit of {} bytes", options_.path,
                       last_written_ps_, options_.max_bytes);
  }
  if (written_events_ == 0) {
    return fmt::format("the timeline '{}' has {} tracks, and nothing happens on them in its window",
                       options_.path, tracks_.size());
  }
  return {};
}

}  // namespace duet::core
