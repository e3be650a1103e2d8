// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "duet/core/field.hpp"

namespace duet::core {

/// Consecutive integers, both ends included; YAML writes "1..4", or "3" for one.
struct IntRange {
  int first = 0;
  int last = 0;

  [[nodiscard]] int size() const { return last - first + 1; }
  [[nodiscard]] bool contains(int value) const { return value >= first && value <= last; }
  bool operator==(const IntRange&) const = default;
};

template <>
struct TextCodec<IntRange> {
  static constexpr std::string_view pattern = "^-?[0-9]+( *\\.\\. *-?[0-9]+)?$";
  static constexpr std::string_view hint = "an integer or a rising range such as '1..4'";

  static IntRange parse(std::string_view text);
  static std::string format(const IntRange& range);
};

}  // namespace duet::core
