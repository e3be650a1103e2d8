// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace duet::platform {

/// Guesses how much longer a run of many phases takes: the present phase from its own share, those after
/// it as the last of their kind took.
class RemainingTime {
 public:
  /// The kinds of all phases, in order.
  explicit RemainingTime(std::vector<unsigned> kinds) : kinds_(std::move(kinds)) {}

  /// The next phase begins; `now_s` never goes back.
  void begin(double now_s);
  /// `share` of the present phase is done. Nothing while there is too little to go by.
  [[nodiscard]] std::optional<double> seconds(double share, double now_s) const;
  void end(double now_s);
  /// Leaves out the phases up to this one (a point that does not fit).
  void skip_to(size_t phase) { phase_ = phase; }

 private:
  [[nodiscard]] std::optional<double> last_of(unsigned kind) const;

  std::vector<unsigned> kinds_;
  std::vector<std::optional<double>> last_s_;
  size_t phase_ = 0;
  double began_s_ = 0;
};

}  // namespace duet::platform
