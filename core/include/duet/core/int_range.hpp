// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <charconv>
#include <string>
#include <string_view>

#include "duet/core/error.hpp"
#include "duet/core/field.hpp"

namespace duet::core {

/// A closed range of grid positions: "1..4", or a single "3".
struct IntRange {
  int first = 0;
  int last = 0;

  [[nodiscard]] bool contains(int value) const { return first <= value && value <= last; }
  friend bool operator==(const IntRange&, const IntRange&) = default;
};

template <>
struct TextCodec<IntRange> {
  static constexpr std::string_view pattern = R"(^[0-9]+(\.\.[0-9]+)?$)";
  static constexpr std::string_view hint = "a position such as '3', or a range such as '1..4'";

  static IntRange parse(std::string_view text) {
    IntRange range;
    const char* end = text.data() + text.size();
    auto result = std::from_chars(text.data(), end, range.first);
    range.last = range.first;
    if (result.ec == std::errc{} && std::string_view(result.ptr, end).starts_with("..")) {
      result = std::from_chars(result.ptr + 2, end, range.last);
    }
    if (result.ec != std::errc{} || result.ptr != end || range.last < range.first || range.first < 0) {
      throw UserError("found '" + std::string(text) + "', allowed " + std::string(hint));
    }
    return range;
  }
  static std::string format(const IntRange& range) {
    return range.first == range.last ? std::to_string(range.first)
                                     : std::to_string(range.first) + ".." + std::to_string(range.last);
  }
};

}  // namespace duet::core
