// SPDX-License-Identifier: Apache-2.0
#include "embedded_data.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace duet::platform {
namespace {

class NameTable {
 public:
  int64_t index_of(const std::string& name) {
    const auto [found, added] = indices_.emplace(name, static_cast<int64_t>(names_.size()));
    if (added) names_.push_back(name);
    return found->second;
  }
  [[nodiscard]] const Json& names() const { return names_; }

 private:
  std::unordered_map<std::string, int64_t> indices_;
  Json names_ = Json::array();
};

// "link[2]" before "link[10]": runs of digits compare as numbers.
bool natural_less(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const size_t end_a = std::min(a.find_first_not_of("0123456789", i), a.size());
      const size_t end_b = std::min(b.find_first_not_of("0123456789", j), b.size());
      if (end_a - i != end_b - j) return end_a - i < end_b - j;
      const int order = a.compare(i, end_a - i, b, j, end_b - j);
      if (order != 0) return order < 0;
      i = end_a;
      j = end_b;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

int64_t picoseconds(std::optional<double> seconds) {
  return std::llround(std::clamp(seconds.value_or(0), 0.0, 1e6) * 1e12);
}

Json compact_timeline(const Json& phase) {
  std::vector<std::string> track_names;
  for (const Json* event : list(phase, "timeline")) track_names.push_back(text(*event, "track"));
  std::sort(track_names.begin(), track_names.end(), natural_less);
  NameTable tracks;
  for (const std::string& name : track_names) tracks.index_of(name);
  NameTable names;
  NameTable categories;
  std::vector<std::array<int64_t, 5>> events;
  for (const Json* event : list(phase, "timeline")) {
    events.push_back({tracks.index_of(text(*event, "track")), names.index_of(text(*event, "name")),
                      categories.index_of(text(*event, "category")), picoseconds(number(*event, "start_s")),
                      picoseconds(number(*event, "duration_s"))});
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& a, const auto& b) { return a[0] != b[0] ? a[0] < b[0] : a[3] < b[3]; });
  Json flat = Json::array();
  for (const auto& event : events) {
    for (const int64_t value : event) flat.push_back(value);
  }
  return {{"tracks", tracks.names()},
          {"names", names.names()},
          {"categories", categories.names()},
          {"events", flat}};
}

}  // namespace

std::string embedded_data(const ResultSet& set) {
  Json runs = set.runs;
  for (Json& run : runs) {
    const auto points = run.find("points");
    if (points == run.end() || !points->is_array()) continue;
    for (Json& point : *points) {
      for (const char* name : {"prefill", "decode"}) {
        if (list(child(point, name), "timeline").empty()) continue;
        point[name]["timeline"] = compact_timeline(point[name]);
      }
    }
  }
  const Json data{{"runs", runs}, {"pareto", set.pareto}};
  const std::string plain = data.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(plain.size());
  for (const char c : plain) {
    if (c == '<') {
      safe += "\\u003c";  // only inside strings, where "</script>" would end the element
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace duet::platform
