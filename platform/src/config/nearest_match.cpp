// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/nearest_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <vector>

namespace duet::platform {
namespace {

std::string folded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result.push_back(c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return result;
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string nearest_match(std::string_view word, std::span<const std::string> candidates) {
  const std::string typed = folded(word);
  size_t best_distance = std::numeric_limits<size_t>::max();
  std::string best;
  for (const std::string& candidate : candidates) {
    const std::string name = folded(candidate);
    const size_t allowed = std::max<size_t>(1, std::max(typed.size(), name.size()) / 3);
    const size_t distance = edit_distance(typed, name);
    if (distance > allowed || distance >= name.size() || distance > best_distance) continue;
    // Among the equally near: what was typed may lack its end.
    if (distance == best_distance && !name.starts_with(typed)) continue;
    if (distance == best_distance && folded(best).starts_with(typed)) continue;
    best_distance = distance;
    best = candidate;
  }
  if (!best.empty() || typed.size() < 3) return best;
  // A word far too short may still be the begin of one name and no other.
  const auto begins = [&](const std::string& name) { return folded(name).starts_with(typed); };
  const auto found = std::ranges::find_if(candidates, begins);
  return std::ranges::count_if(candidates, begins) == 1 ? *found : "";
}

std::string nearest_hint(std::string_view word, std::span<const std::string> candidates) {
  const std::string match = nearest_match(word, candidates);
  return match.empty() ? "" : fmt::format("; did you mean '{}'?", match);
}

}  // namespace duet::platform
