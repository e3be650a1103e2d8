// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace duet::platform {

enum class Resource { compute, sram, noi, memory, link, driver };
inline constexpr std::array<std::string_view, 6> resource_names = {"compute", "sram", "noi",
                                                                   "memory",  "link", "driver"};

/// What a time would be if only one resource limited it, in seconds.
struct ResourceTimes {
  std::array<double, resource_names.size()> seconds{};

  double& operator[](Resource resource) { return seconds[static_cast<size_t>(resource)]; }
  double operator[](Resource resource) const { return seconds[static_cast<size_t>(resource)]; }
  ResourceTimes& operator+=(const ResourceTimes& other) {
    for (size_t i = 0; i < seconds.size(); ++i) seconds[i] += other.seconds[i];
    return *this;
  }
  [[nodiscard]] double largest_s() const { return *std::ranges::max_element(seconds); }
  /// The resource with the largest time: what held the run.
  [[nodiscard]] Resource bound() const {
    return static_cast<Resource>(std::ranges::max_element(seconds) - seconds.begin());
  }
};

inline std::string_view name_of(Resource resource) {
  return resource_names[static_cast<size_t>(resource)];
}

}  // namespace duet::platform
