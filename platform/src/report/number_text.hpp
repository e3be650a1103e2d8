// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace duet::platform {

/// A dash where a result has no figure.
inline constexpr std::string_view no_figure = "–";

/// Three significant digits with a decimal prefix: (0.00985, "s") is "9.85 ms".
std::string si_text(std::optional<double> value, std::string_view unit);
/// Tokens per second without a prefix: "3920 tokens/s".
std::string rate_text(std::optional<double> tokens_per_s);
/// "96.1 %".
std::string percent_text(std::optional<double> ratio);
/// Three significant digits without a prefix: "0.217", "2140".
std::string plain_text(std::optional<double> value);
/// "4.03 x".
std::string factor_text(std::optional<double> factor);

}  // namespace duet::platform
