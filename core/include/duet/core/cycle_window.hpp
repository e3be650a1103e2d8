// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "duet/core/field.hpp"

namespace duet::core {

/// Clock cycles first..last, both included; YAML and the command line write "100:400".
struct CycleWindow {
  uint64_t first = 0;
  uint64_t last = ~uint64_t{0} - 1;  ///< so that the cycle after it can be named

  [[nodiscard]] bool contains(uint64_t cycle) const { return cycle >= first && cycle <= last; }
  /// Whether any of the `count` cycles from `begin` lies in the window.
  [[nodiscard]] bool overlaps(uint64_t begin, uint64_t count) const {
    return count > 0 && begin <= last && begin + count > first;
  }
  bool operator==(const CycleWindow&) const = default;
};

template <>
struct TextCodec<CycleWindow> {
  static constexpr std::string_view pattern = "^([0-9]+:[0-9]*)$";
  static constexpr std::string_view hint = "first:last in cycles such as '100:400', or '100:' up to the end";

  static CycleWindow parse(std::string_view text);
  static std::string format(const CycleWindow& window);
};

}  // namespace duet::core
