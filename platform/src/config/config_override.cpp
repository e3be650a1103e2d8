// SPDX-License-Identifier: Apache-2.0
#include "config_override.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "duet/core/error.hpp"
#include "duet/platform/config/mistakes.hpp"
#include "duet/platform/config/nearest_match.hpp"

namespace duet::platform {
namespace {

using Kind = ConfigNode::Kind;

ConfigNode& item_at(ConfigNode& node, size_t index, const std::string& path, const ConfigLocation& location) {
  if (node.kind == Kind::null) node.kind = Kind::sequence;
  if (node.kind != Kind::sequence)
    throw core::UserError(located_message(
        location, path,
        fmt::format("found index [{}], allowed a key, because this is {}", index, node.found())));
  if (index > node.items.size())
    throw core::UserError(located_message(location, path,
                                          fmt::format("found index [{}], allowed [0] to [{}] ([{}] appends)",
                                                      index, node.items.size(), node.items.size())));
  if (index == node.items.size()) {
    ConfigNode item;
    item.location = location;
    node.items.push_back(std::move(item));
  }
  return node.items[index];
}

ConfigNode& item_named(ConfigNode& node, const std::string& name, const std::string& path,
                       const ConfigLocation& location) {
  if (ConfigNode* item = find_named_item(node, name)) return *item;
  std::vector<std::string> names;
  for (const ConfigNode& item : node.items) {
    if (const ConfigNode* item_name = item.find("name")) names.push_back(item_name->scalar);
  }
  const std::string allowed = names.empty() ? fmt::format("an index [0] to [{}]", node.items.size())
                                            : fmt::format("{}", fmt::join(names, ", "));
  throw core::UserError(located_message(
      location, path, fmt::format("found '{}', allowed {}{}", name, allowed, nearest_hint(name, names))));
}

}  // namespace

ConfigNode& enter_for_override(ConfigNode& node, const ConfigPathStep& step, const std::string& path,
                               const ConfigLocation& location) {
  if (step.index) return item_at(node, *step.index, path, location);
  if (node.kind == Kind::sequence) return item_named(node, step.key, path, location);
  if (node.kind == Kind::null) node.kind = Kind::map;
  if (node.kind != Kind::map)
    throw core::UserError(located_message(
        location, path,
        fmt::format("found key '{}', allowed no key, because this is {}", step.key, node.found())));
  if (ConfigNode* child = node.find(step.key)) return *child;
  ConfigNode child;
  child.location = location;
  node.entries.push_back({step.key, location, std::move(child)});
  return node.entries.back().value;
}

}  // namespace duet::platform
