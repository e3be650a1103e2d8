// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace duet::core {

/// One figure that can be read at any time: hierarchical name, unit, one-line description.
struct Statistic {
  std::string name;  ///< "prefill.noi.link[3->4].busy_time"
  std::string unit;  ///< "B", "ps", "cycles", "1"
  std::string text;
  std::function<double()> value;
};

/// The one registry of a simulation; modules add what they count at elaboration.
class StatisticsRegistry {
 public:
  /// Adds a statistic. The callback must stay valid as long as the registry is read.
  void add(std::string name, std::string unit, std::string text, std::function<double()> value) {
    statistics_.push_back({std::move(name), std::move(unit), std::move(text), std::move(value)});
  }
  [[nodiscard]] const std::vector<Statistic>& all() const { return statistics_; }

 private:
  std::vector<Statistic> statistics_;
};

}  // namespace duet::core
