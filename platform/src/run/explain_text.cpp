// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "duet/platform/run/result_output.hpp"

namespace duet::platform {
namespace {

// "layer.7.mlp.up" and "layer.9.mlp.up" are the same stage of other layers.
std::string name_in_layer(const std::string& name) {
  if (!name.starts_with("layer.")) return name;
  const size_t after_number = name.find('.', 6);
  return after_number == std::string::npos ? name : name.substr(after_number + 1);
}

struct Line {
  const StageResult* first = nullptr;
  uint64_t count = 0;
  double predicted_s = 0;
  double measured_s = 0;
};

}  // namespace

std::string explain_text(const PhaseResult& phase) {
  std::vector<Line> lines;
  std::map<std::string, size_t> known;
  for (const StageResult& stage : phase.stages) {
    const auto [found, added] = known.try_emplace(name_in_layer(stage.name) + stage.split, lines.size());
    if (added) lines.push_back({&stage});
    Line& line = lines[found->second];
    ++line.count;
    line.predicted_s += stage.predicted_s;
    line.measured_s += stage.time_s;
  }
  std::string text = fmt::format("  {:<28} {:>5}  {:<28} {:<8} {:>10} {:>10}\n", "stage", "times", "split",
                                 "bound", "predicted", "simulated");
  double predicted_s = 0;
  for (const Line& line : lines) {
    const auto mean_us = [&](double seconds) { return seconds / static_cast<double>(line.count) * 1e6; };
    const std::string measured =
        line.first->beside ? "beside" : fmt::format("{:.3f} us", mean_us(line.measured_s));
    text += fmt::format("  {:<28} {:>5}  {:<28} {:<8} {:>7.3f} us {:>10}\n", name_in_layer(line.first->name),
                        line.count, line.first->split, name_of(line.first->bounds.bound()),
                        mean_us(line.predicted_s), measured);
    if (!line.first->beside) predicted_s += line.predicted_s;
  }
  return text + fmt::format("  sum: predicted {:.3f} ms, simulated {:.3f} ms\n", predicted_s * 1e3,
                            phase.time_s * 1e3);
}

}  // namespace duet::platform
