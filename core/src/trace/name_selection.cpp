// SPDX-License-Identifier: Apache-2.0
#include "duet/core/trace/name_selection.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

constexpr std::string_view allowed =
    "names with '*', '?', '**' and index ranges such as 'array.pe[0..3][0..3]'";

[[noreturn]] void reject(std::string_view pattern, std::string_view why) {
  throw UserError(fmt::format("selection: found '{}' ({}), allowed {}", pattern, why, allowed));
}

std::vector<std::string_view> split_patterns(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']') --depth;
    if (text[i] == ',' && depth == 0) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(text.substr(begin));
  for (std::string_view& part : parts) {
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
  }
  return parts;
}

std::optional<uint64_t> parse_index(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "0,2,8..11" as inclusive ranges; nothing if it is no list of indices ("3->4").
std::optional<std::vector<std::pair<uint64_t, uint64_t>>> parse_ranges(std::string_view text) {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const size_t dots = item.find("..");
    const auto first = parse_index(item.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : parse_index(item.substr(dots + 2));
    if (!first || !last) return std::nullopt;
    ranges.emplace_back(*first, *last);
    if (comma == std::string_view::npos) return ranges;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

NameSelection::NameSelection(std::string_view patterns) : text_(patterns) {
  for (const std::string_view part : split_patterns(text_)) patterns_.push_back(compile(part));
}

NameSelection::Pattern NameSelection::compile(std::string_view text) {
  if (text.empty()) reject(text, "empty");
  Pattern pattern;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '*' && text.substr(i, 2) == "**") {
      pattern.push_back({Kind::any_levels, 0, {}});
      ++i;
    } else if (c == '*') {
      pattern.push_back({Kind::any_in_level, 0, {}});
    } else if (c == '?') {
      pattern.push_back({Kind::any_character, 0, {}});
    } else if (c == '[') {
      const size_t close = text.find(']', i);
      if (close == std::string_view::npos) reject(text, "'[' without ']'");
      const std::string_view inside = text.substr(i + 1, close - i - 1);
      if (auto ranges = parse_ranges(inside)) {
        for (const auto& [first, last] : *ranges) {
          if (first > last) reject(text, fmt::format("range {}..{} is empty", first, last));
        }
        pattern.push_back({Kind::indices, 0, std::move(*ranges)});
        i = close;
      } else if (inside.find("..") != std::string_view::npos || inside.empty()) {
        reject(text, fmt::format("'[{}]' is no range of indices", inside));
      } else {
        pattern.push_back({Kind::character, c, {}});
      }
    } else {
      pattern.push_back({Kind::character, c, {}});
    }
  }
  return pattern;
}

bool NameSelection::match(const Pattern& pattern, size_t token, std::string_view rest, bool prefix_suffices) {
  if (token == pattern.size()) return rest.empty() || rest.front() == '.' || rest.front() == '[';
  if (rest.empty() && prefix_suffices) return true;
  const Token& t = pattern[token];
  switch (t.kind) {
    case Kind::character:
      return !rest.empty() && rest.front() == t.character &&
             match(pattern, token + 1, rest.substr(1), prefix_suffices);
    case Kind::any_character:
      return !rest.empty() && rest.front() != '.' &&
             match(pattern, token + 1, rest.substr(1), prefix_suffices);
    case Kind::any_in_level:
    case Kind::any_levels:
      for (size_t taken = 0;; ++taken) {
        if (match(pattern, token + 1, rest.substr(taken), prefix_suffices)) return true;
        if (taken == rest.size() || (t.kind == Kind::any_in_level && rest[taken] == '.')) return false;
      }
    case Kind::indices: {
      const size_t close = rest.find(']');
      if (rest.empty() || rest.front() != '[' || close == std::string_view::npos) return false;
      const auto index = parse_index(rest.substr(1, close - 1));
      if (!index) return false;
      for (const auto& [first, last] : t.ranges) {
        if (*index >= first && *index <= last) {
          return match(pattern, token + 1, rest.substr(close + 1), prefix_suffices);
        }
      }
      return false;
    }
  }
  return false;
}

bool NameSelection::matches(std::string_view name) const {
  for (const Pattern& pattern : patterns_) {
    if (match(pattern, 0, name, false)) return true;
  }
  return false;
}

bool NameSelection::may_match_below(std::string_view scope) const {
  const std::string below = std::string(scope) + ".";
  for (const Pattern& pattern : patterns_) {
    if (match(pattern, 0, below, true)) return true;
  }
  return false;
}

}  // namespace duet::core
