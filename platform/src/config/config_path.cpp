// SPDX-License-Identifier: Apache-2.0
#include "config_path.hpp"

#include <fmt/format.h>

#include <charconv>

#include "duet/core/error.hpp"

namespace duet::platform {
namespace {

[[noreturn]] void fail(std::string_view text) {
  throw core::UserError(
      fmt::format("found path '{}', allowed keys and indices such as 'packages.prefill.nodes[2].x'", text));
}

ConfigPathStep bracket_step(std::string_view inside, std::string_view text) {
  if (inside.size() >= 2 && (inside.front() == '"' || inside.front() == '\'') &&
      inside.back() == inside.front())
    return {std::string(inside.substr(1, inside.size() - 2)), std::nullopt};
  size_t index = 0;
  const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
  if (error != std::errc{} || end != inside.data() + inside.size()) fail(text);
  return {"", index};
}

}  // namespace

std::vector<ConfigPathStep> parse_config_path(std::string_view text) {
  std::vector<ConfigPathStep> steps;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (rest.front() == '[') {
      const size_t close = rest.find(']');
      if (close == std::string_view::npos) fail(text);
      steps.push_back(bracket_step(rest.substr(1, close - 1), text));
      rest.remove_prefix(close + 1);
      continue;
    }
    if (!steps.empty()) {
      if (rest.front() != '.') fail(text);
      rest.remove_prefix(1);
    }
    const std::string_view key = rest.substr(0, rest.find_first_of(".["));
    if (key.empty()) fail(text);
    steps.push_back({std::string(key), std::nullopt});
    rest.remove_prefix(key.size());
  }
  if (steps.empty()) fail(text);
  return steps;
}

ConfigNode* find_named_item(ConfigNode& sequence, std::string_view name) {
  for (ConfigNode& item : sequence.items) {
    const ConfigNode* item_name = item.find("name");
    if (item_name && item_name->scalar == name) return &item;
  }
  return nullptr;
}

const ConfigNode* find_child(const ConfigNode& node, const ConfigPathStep& step) {
  if (step.index) return *step.index < node.items.size() ? &node.items[*step.index] : nullptr;
  if (node.kind == ConfigNode::Kind::sequence)
    return find_named_item(const_cast<ConfigNode&>(node), step.key);
  return node.find(step.key);
}

}  // namespace duet::platform
