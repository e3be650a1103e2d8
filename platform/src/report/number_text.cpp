// SPDX-License-Identifier: Apache-2.0
#include "number_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace duet::platform {
namespace {

std::string three_digits(double value) {
  const double magnitude = std::abs(value);
  if (magnitude == 0) return "0";
  if (magnitude >= 99999.5 || magnitude < 1e-4) return fmt::format("{:.2e}", value);
  // The digit that rounding carries into counts, too: 9.996 is "10.0".
  const int before = static_cast<int>(std::floor(std::log10(magnitude * (1 + 5e-4)))) + 1;
  return fmt::format("{:.{}f}", value, std::max(0, 3 - before));
}

}  // namespace

std::string si_text(std::optional<double> value, std::string_view unit) {
  if (!value || !std::isfinite(*value)) return std::string(no_figure);
  constexpr std::array prefixes{"a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E"};
  constexpr int unity = 6;
  if (*value == 0) return fmt::format("0 {}", unit);
  const int thousands = static_cast<int>(std::floor(std::log10(std::abs(*value) * (1 + 5e-4)) / 3));
  const int prefix = std::clamp(thousands, -unity, unity);
  return fmt::format("{} {}{}", three_digits(*value / std::pow(1000.0, prefix)),
                     prefixes[static_cast<size_t>(prefix + unity)], unit);
}

std::string rate_text(std::optional<double> tokens_per_s) {
  if (!tokens_per_s || !std::isfinite(*tokens_per_s)) return std::string(no_figure);
  const double scale = *tokens_per_s > 0 ? std::pow(10.0, std::floor(std::log10(*tokens_per_s)) - 2) : 1;
  const double rounded = std::round(*tokens_per_s / scale) * scale;
  return (rounded >= 100 ? fmt::format("{:.0f}", rounded) : three_digits(rounded)) + " tokens/s";
}

std::string percent_text(std::optional<double> ratio) {
  if (!ratio || !std::isfinite(*ratio)) return std::string(no_figure);
  return fmt::format("{:.1f} %", *ratio * 100);
}

std::string plain_text(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return std::string(no_figure);
  return std::floor(*value) == *value && std::abs(*value) < 1e6 ? fmt::format("{:.0f}", *value)
                                                                : three_digits(*value);
}

std::string factor_text(std::optional<double> factor) {
  if (!factor || !std::isfinite(*factor)) return std::string(no_figure);
  return three_digits(*factor) + " ×";
}

}  // namespace duet::platform
