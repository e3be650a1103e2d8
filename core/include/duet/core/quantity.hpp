// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace duet::core {

/// What a number of the configuration measures. The unit in parentheses is the one that the
/// structs hold; YAML may use any unit of the same dimension ("256 GB/s", "1 MiB", "500 ns").
enum class Unit {
  none,                ///< a bare number
  bytes,               ///< (B) B, kB, KiB, MB, MiB, GB, GiB, TB, TiB
  bytes_per_second,    ///< (B/s) the same with "/s"
  hertz,               ///< (Hz) Hz, kHz, MHz, GHz
  picoseconds,         ///< (ps) ps, ns, us, ms, s
  watts,               ///< (W) uW, mW, W
  picojoules,          ///< (pJ) fJ, pJ, nJ, uJ
  picojoules_per_bit,  ///< (pJ/bit)
  square_millimetres,  ///< (mm2) um2, mm2
  millimetres,         ///< (mm) um, mm
  bits_per_second,     ///< (b/s) Mb/s, Gb/s, Tb/s: line rates
  ratio,               ///< 0.95 or "95 %"
};

/// Name of a dimension with examples, for messages: "bandwidth such as '256 GB/s'".
std::string_view unit_hint(Unit unit);

/// Symbol of the unit that the structs hold ("B/s", "ps", "" for none).
std::string_view unit_symbol(Unit unit);

/// Every symbol that YAML may use for the dimension, that of the structs first.
std::vector<std::string_view> unit_symbols(Unit unit);

/// Parses "256 GB/s" into the struct's unit. Throws UserError with found and allowed when the
/// text is no number, the unit is missing, or the unit is of another dimension.
double parse_quantity(std::string_view text, Unit unit);

/// Formats a value held in the struct's unit with a prefix that reads well: "256 GB/s".
std::string format_quantity(double value, Unit unit);

/// The shortest text that parse_quantity() reads back as exactly this value: "16 GiB".
std::string format_quantity_exactly(double value, Unit unit);

}  // namespace duet::core
