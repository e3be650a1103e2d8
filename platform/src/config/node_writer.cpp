// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/node_writer.hpp"

#include <fmt/format.h>

#include <charconv>

#include "duet/core/quantity.hpp"

namespace duet::platform::config_detail {
namespace {

bool needs_quotes(const std::string& text) {
  if (text.empty() || text == "true" || text == "false" || text == "null" || text == "~") return true;
  if (text.front() == ' ' || text.back() == ' ') return true;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return true;
  return text.find_first_of("\n\t\"'#{}[],&*!|>%@`") != std::string::npos || text.starts_with("- ") ||
         text.starts_with("? ") || text.find(": ") != std::string::npos || text.back() == ':' || text == "-";
}

}  // namespace

ConfigNode scalar_node(std::string text, bool quoted) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::scalar;
  node.scalar = std::move(text);
  node.quoted = quoted;
  return node;
}

ConfigNode text_node(const std::string& text) {
  return scalar_node(text, needs_quotes(text));
}

ConfigNode number_node(double value, core::Unit unit) {
  return scalar_node(core::format_quantity_exactly(value, unit));
}

ConfigNode whole_node(std::string digits, double value, core::Unit unit) {
  if (unit == core::Unit::none || unit == core::Unit::ratio) return scalar_node(std::move(digits));
  return scalar_node(core::format_quantity_exactly(value, unit));
}

}  // namespace duet::platform::config_detail
