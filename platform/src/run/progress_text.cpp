// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/progress_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace duet::platform {
std::string duration_text(double seconds) {
  if (seconds < 90) return fmt::format("{} s", std::max(1L, std::lround(seconds)));
  if (seconds < 90 * 60) return fmt::format("{} min", std::lround(seconds / 60));
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string progress_text(const RunProgress& progress) {
  std::string text = fmt::format("batch {}", progress.batch);
  if (progress.points > 1) text += fmt::format(" ({} of {})", progress.point + 1, progress.points);
  if (progress.point_done) return text + fmt::format(": {:.1f} s", progress.point_wall_s);
  text += fmt::format(": {} {:.0f} %", progress.phase, progress.phase_share * 100);
  if (progress.remaining_s) text += fmt::format(", about {} left", duration_text(*progress.remaining_s));
  return text;
}

}  // namespace duet::platform
