// SPDX-License-Identifier: Apache-2.0
#include "duet/core/quantity.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <span>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

struct Symbol {
  std::string_view text;
  double factor;
};

constexpr double kibi = 1024.0;

// The first symbol of factor 1 is the unit of the structs; decimal symbols come in rising order.
constexpr std::array byte_symbols{Symbol{"B", 1},
                                  Symbol{"kB", 1e3},
                                  Symbol{"MB", 1e6},
                                  Symbol{"GB", 1e9},
                                  Symbol{"TB", 1e12},
                                  Symbol{"PB", 1e15},
                                  Symbol{"KiB", kibi},
                                  Symbol{"MiB", kibi* kibi},
                                  Symbol{"GiB", kibi* kibi* kibi},
                                  Symbol{"TiB", kibi* kibi* kibi* kibi}};
constexpr std::array bandwidth_symbols{Symbol{"B/s", 1},
                                       Symbol{"kB/s", 1e3},
                                       Symbol{"MB/s", 1e6},
                                       Symbol{"GB/s", 1e9},
                                       Symbol{"TB/s", 1e12},
                                       Symbol{"PB/s", 1e15},
                                       Symbol{"KiB/s", kibi},
                                       Symbol{"MiB/s", kibi* kibi},
                                       Symbol{"GiB/s", kibi* kibi* kibi},
                                       Symbol{"TiB/s", kibi* kibi* kibi* kibi}};
constexpr std::array hertz_symbols{Symbol{"Hz", 1}, Symbol{"kHz", 1e3}, Symbol{"MHz", 1e6},
                                   Symbol{"GHz", 1e9}};
constexpr std::array time_symbols{Symbol{"ps", 1}, Symbol{"ns", 1e3}, Symbol{"us", 1e6}, Symbol{"ms", 1e9},
                                  Symbol{"s", 1e12}};
constexpr std::array watt_symbols{Symbol{"W", 1}, Symbol{"uW", 1e-6}, Symbol{"mW", 1e-3}, Symbol{"kW", 1e3}};
constexpr std::array joule_symbols{Symbol{"pJ", 1},   Symbol{"fJ", 1e-3}, Symbol{"nJ", 1e3},
                                   Symbol{"uJ", 1e6}, Symbol{"mJ", 1e9},  Symbol{"J", 1e12}};
constexpr std::array joule_per_bit_symbols{Symbol{"pJ/bit", 1}, Symbol{"fJ/bit", 1e-3}};
constexpr std::array area_symbols{Symbol{"mm2", 1}, Symbol{"um2", 1e-6}};
constexpr std::array length_symbols{Symbol{"mm", 1}, Symbol{"um", 1e-3}};
constexpr std::array line_rate_symbols{Symbol{"b/s", 1}, Symbol{"Mb/s", 1e6}, Symbol{"Gb/s", 1e9},
                                       Symbol{"Tb/s", 1e12}};
constexpr std::array ratio_symbols{Symbol{"", 1}, Symbol{"%", 0.01}};
constexpr std::array none_symbols{Symbol{"", 1}};

struct Dimension {
  std::span<const Symbol> symbols;
  std::string_view hint;
};

Dimension dimension_of(Unit unit) {
  switch (unit) {
    case Unit::bytes:
      return {byte_symbols, "a size such as '1 MiB'"};
    case Unit::bytes_per_second:
      return {bandwidth_symbols, "a bandwidth such as '256 GB/s'"};
    case Unit::hertz:
      return {hertz_symbols, "a frequency such as '700 MHz'"};
    case Unit::picoseconds:
      return {time_symbols, "a time such as '500 ns'"};
    case Unit::watts:
      return {watt_symbols, "a power such as '935 mW'"};
    case Unit::picojoules:
      return {joule_symbols, "an energy such as '2 pJ'"};
    case Unit::picojoules_per_bit:
      return {joule_per_bit_symbols, "an energy per bit such as '1.17 pJ/bit'"};
    case Unit::square_millimetres:
      return {area_symbols, "an area such as '121 mm2'"};
    case Unit::millimetres:
      return {length_symbols, "a length such as '11 mm'"};
    case Unit::bits_per_second:
      return {line_rate_symbols, "a line rate such as '8 Gb/s'"};
    case Unit::ratio:
      return {ratio_symbols, "a ratio such as '0.95' or '95 %'"};
    case Unit::none:
      break;
  }
  return {none_symbols, "a number"};
}

}  // namespace

std::string_view unit_hint(Unit unit) {
  return dimension_of(unit).hint;
}

std::string_view unit_symbol(Unit unit) {
  return dimension_of(unit).symbols.front().text;
}

double parse_quantity(std::string_view text, Unit unit) {
  const Dimension dimension = dimension_of(unit);
  const std::string copy{text};
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (end == copy.c_str() || !std::isfinite(number)) {
    throw UserError(fmt::format("found '{}', allowed {}", text, dimension.hint));
  }
  std::string_view symbol = std::string_view(copy).substr(static_cast<size_t>(end - copy.c_str()));
  while (!symbol.empty() && symbol.front() == ' ') symbol.remove_prefix(1);
  for (const Symbol& candidate : dimension.symbols) {
    if (candidate.text == symbol) return number * candidate.factor;
  }
  throw UserError(fmt::format("found '{}' ({}), allowed {}", text,
                              symbol.empty() ? "no unit" : fmt::format("unit '{}'", symbol), dimension.hint));
}

std::vector<std::string_view> unit_symbols(Unit unit) {
  std::vector<std::string_view> symbols;
  for (const Symbol& symbol : dimension_of(unit).symbols) symbols.push_back(symbol.text);
  return symbols;
}

std::string format_quantity_exactly(double value, Unit unit) {
  if (unit == Unit::ratio) return fmt::format("{}", value);
  std::string shortest;
  for (const Symbol& symbol : dimension_of(unit).symbols) {
    const double scaled = value / symbol.factor;
    if (scaled * symbol.factor != value) continue;
    const std::string text =
        symbol.text.empty() ? fmt::format("{}", scaled) : fmt::format("{} {}", scaled, symbol.text);
    const bool plain = text.find('e') == std::string::npos;
    if (shortest.empty() || (plain && text.size() < shortest.size())) shortest = text;
  }
  return shortest;
}

std::string format_quantity(double value, Unit unit) {
  const Dimension dimension = dimension_of(unit);
  if (unit == Unit::none || unit == Unit::ratio) return fmt::format("{:g}", value);
  Symbol best = dimension.symbols.front();
  for (const Symbol& candidate : dimension.symbols) {
    const bool decimal = candidate.text.find('i') == std::string_view::npos ||
                         candidate.text.find("bit") != std::string_view::npos;
    const bool fits = std::abs(value) >= candidate.factor;
    if (decimal && fits && (candidate.factor > best.factor || std::abs(value) < best.factor))
      best = candidate;
  }
  return fmt::format("{:g} {}", value / best.factor, best.text);
}

}  // namespace duet::core
