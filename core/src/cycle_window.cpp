// SPDX-License-Identifier: Apache-2.0
#include "duet/core/cycle_window.hpp"

#include <fmt/format.h>

#include <charconv>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

bool parse_cycle(std::string_view text, uint64_t& cycle) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cycle);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

CycleWindow TextCodec<CycleWindow>::parse(std::string_view text) {
  CycleWindow window;
  const size_t colon = text.find(':');
  const bool numbers = colon != std::string_view::npos && parse_cycle(text.substr(0, colon), window.first) &&
                       (colon + 1 == text.size() || parse_cycle(text.substr(colon + 1), window.last));
  if (!numbers || window.last < window.first)
    throw UserError(fmt::format("found '{}', allowed {}", text, hint));
  return window;
}

std::string TextCodec<CycleWindow>::format(const CycleWindow& window) {
  if (window.last == CycleWindow{}.last) return fmt::format("{}:", window.first);
  return fmt::format("{}:{}", window.first, window.last);
}

}  // namespace duet::core
