// SPDX-License-Identifier: Apache-2.0
#include "duet/core/int_range.hpp"

#include <fmt/format.h>

#include <charconv>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool parse_int(std::string_view text, int& value) {
  text = trimmed(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

IntRange TextCodec<IntRange>::parse(std::string_view text) {
  IntRange range;
  const size_t dots = text.find("..");
  const bool single = dots == std::string_view::npos;
  const bool numbers =
      single ? parse_int(text, range.first)
             : parse_int(text.substr(0, dots), range.first) && parse_int(text.substr(dots + 2), range.last);
  if (single) range.last = range.first;
  if (!numbers || range.last < range.first)
    throw UserError(fmt::format("found '{}', allowed {}", text, hint));
  return range;
}

std::string TextCodec<IntRange>::format(const IntRange& range) {
  if (range.first == range.last) return fmt::format("{}", range.first);
  return fmt::format("{}..{}", range.first, range.last);
}

}  // namespace duet::core
