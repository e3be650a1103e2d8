// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/scalar_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>

#include "duet/core/quantity.hpp"
#include "duet/platform/config/nearest_match.hpp"

namespace duet::platform {
namespace {

using core::FieldInfo;
using core::Unit;
using Kind = ConfigNode::Kind;

bool has_unit(const FieldInfo& info) {
  return info.unit != Unit::none && info.unit != Unit::ratio;
}

// What the YAML 1.2 core schema takes for something else than text.
bool looks_like_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool is_boolean_word(const std::string& text) {
  return text == "true" || text == "false";
}

bool is_null_word(const std::string& text) {
  return text == "null" || text == "~";
}

template <class Integer>
bool parse_whole(std::string_view text, Integer& value) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  } else if (text.starts_with("+")) {
    text.remove_prefix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

// "256 gb/s": the unit that was probably meant.
std::string unit_typo_hint(const std::string& text, Unit unit) {
  const size_t start = text.find_first_not_of("+-.0123456789eE \t");
  if (start == std::string::npos || start == 0) return "";
  std::vector<std::string> symbols;
  for (const auto symbol : core::unit_symbols(unit)) symbols.emplace_back(symbol);
  return nearest_hint(text.substr(start), symbols);
}

}  // namespace

std::string allowed_number(const FieldInfo& info, bool whole) {
  const std::string kind = has_unit(info) || info.unit == Unit::ratio
                               ? std::string(core::unit_hint(info.unit))
                           : whole ? "a whole number"
                                   : "a number";
  const auto limit = [&](double value) { return core::format_quantity_exactly(value, info.unit); };
  const bool low = std::isfinite(info.min);
  const bool high = std::isfinite(info.max);
  const std::string_view comma = has_unit(info) || info.unit == Unit::ratio ? "," : "";
  if (low && high) return fmt::format("{}{} from {} to {}", kind, comma, limit(info.min), limit(info.max));
  if (low) return fmt::format("{}{} at least {}", kind, comma, limit(info.min));
  if (high) return fmt::format("{}{} at most {}", kind, comma, limit(info.max));
  return kind;
}

void ScalarReader::found_instead_of(std::string_view allowed) const {
  mistake(fmt::format("found {}, allowed {}", node_.found(), allowed));
}

std::optional<std::string> ScalarReader::raw(std::string_view allowed) const {
  if (node_.kind == Kind::scalar && (node_.quoted || !is_null_word(node_.scalar))) return node_.scalar;
  found_instead_of(allowed);
  return std::nullopt;
}

std::optional<double> ScalarReader::quantity(const FieldInfo& info) const {
  const auto text = raw(allowed_number(info, false));
  if (!text) return std::nullopt;
  try {
    return core::parse_quantity(*text, info.unit);
  } catch (const core::UserError& error) {
    mistake(error.what() + unit_typo_hint(*text, info.unit));
    return std::nullopt;
  }
}

bool ScalarReader::in_range(double value, const FieldInfo& info, bool whole) const {
  if (value >= info.min && value <= info.max) return true;
  found_instead_of(allowed_number(info, whole));
  return false;
}

std::optional<double> ScalarReader::number(const FieldInfo& info) const {
  if (info.unit == Unit::none &&
      (node_.kind != Kind::scalar || node_.quoted || !looks_like_number(node_.scalar))) {
    found_instead_of(allowed_number(info, false));
    return std::nullopt;
  }
  const auto value = quantity(info);
  if (!value || !in_range(*value, info, false)) return std::nullopt;
  return value;
}

template <class Integer>
std::optional<Integer> ScalarReader::integer(const FieldInfo& info, Integer lowest, Integer highest) const {
  FieldInfo limited = info;
  limited.min = std::max(info.min, static_cast<double>(lowest));
  // The limits of 64 bit types would only be noise in a message.
  if (highest < static_cast<Integer>(std::numeric_limits<long long>::max()))
    limited.max = std::min(info.max, static_cast<double>(highest));
  if (lowest < 0 && lowest == std::numeric_limits<Integer>::lowest()) limited.min = info.min;

  if (has_unit(info)) {
    const auto value = quantity(limited);
    if (!value || !in_range(*value, limited, true)) return std::nullopt;
    // 0.3 ns is not exactly 300 ps in binary; anything farther off is a real fraction.
    const double whole = std::round(*value);
    if (std::abs(*value - whole) > 1e-9 * std::max(1.0, std::abs(whole)) || std::abs(whole) >= 0x1p63) {
      mistake(
          fmt::format("found {}, allowed a whole number of {}", node_.found(), core::unit_symbol(info.unit)));
      return std::nullopt;
    }
    return static_cast<Integer>(whole);
  }
  Integer value = 0;
  if (node_.kind != Kind::scalar || node_.quoted || !parse_whole(node_.scalar, value) || value < lowest ||
      value > highest) {
    found_instead_of(allowed_number(limited, true));
    return std::nullopt;
  }
  if (!in_range(static_cast<double>(value), limited, true)) return std::nullopt;
  return value;
}

std::optional<long long> ScalarReader::signed_integer(const FieldInfo& info, long long lowest,
                                                      long long highest) const {
  return integer<long long>(info, lowest, highest);
}

std::optional<unsigned long long> ScalarReader::unsigned_integer(const FieldInfo& info,
                                                                 unsigned long long highest) const {
  return integer<unsigned long long>(info, 0, highest);
}

std::optional<bool> ScalarReader::boolean() const {
  if (node_.kind == Kind::scalar && !node_.quoted && is_boolean_word(node_.scalar))
    return node_.scalar == "true";
  found_instead_of("true or false");
  return std::nullopt;
}

std::optional<std::string> ScalarReader::text() const {
  const auto value = raw("text");
  if (value && !node_.quoted && is_boolean_word(*value)) {
    found_instead_of("text (in quotes, if this word is meant)");
    return std::nullopt;
  }
  return value;
}

std::optional<size_t> ScalarReader::choice(const std::vector<std::string>& names) const {
  if (node_.kind == Kind::scalar) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == node_.scalar) return i;
    }
  }
  const std::string hint = node_.kind == Kind::scalar ? nearest_hint(node_.scalar, names) : "";
  mistake(fmt::format("found {}, allowed {}{}", node_.found(), fmt::join(names, ", "), hint));
  return std::nullopt;
}

}  // namespace duet::platform
