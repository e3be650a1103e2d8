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

int64_t picoseconds(std::optional<double> seconds) {
  return std::llround(std::clamp(seconds.value_or(0), 0.0, 1e6) * 1e12);
}

Json compact_timeline(const Json& phase) {
  NameTable tracks;
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
