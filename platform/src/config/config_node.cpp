// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/config_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace duet::platform {

std::string ConfigLocation::text() const {
  return line == 0 ? source : fmt::format("{}:{}:{}", source, line, column);
}

const ConfigNode* ConfigNode::find(std::string_view key) const {
  const auto entry =
      std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.key == key; });
  return entry == entries.end() ? nullptr : &entry->value;
}

ConfigNode* ConfigNode::find(std::string_view key) {
  return const_cast<ConfigNode*>(std::as_const(*this).find(key));
}

std::string ConfigNode::found() const {
  switch (kind) {
    case Kind::scalar:
      return quoted ? fmt::format("\"{}\"", scalar) : fmt::format("'{}'", scalar);
    case Kind::sequence:
      return "a list";
    case Kind::map:
      return "a map";
    case Kind::null:
      break;
  }
  return "nothing";
}

void ConfigNode::erase(std::string_view key) {
  std::erase_if(entries, [&](const ConfigEntry& entry) { return entry.key == key; });
}

bool takes_away(const ConfigNode& base, const ConfigNode& over) {
  return base.kind == ConfigNode::Kind::map && over.kind == ConfigNode::Kind::null;
}

void merge_over(ConfigNode& base, ConfigNode over) {
  if (base.kind != ConfigNode::Kind::map || over.kind != ConfigNode::Kind::map) {
    base = std::move(over);
    return;
  }
  base.location = over.location;
  for (ConfigEntry& entry : over.entries) {
    if (ConfigNode* existing = base.find(entry.key)) {
      if (takes_away(*existing, entry.value)) {
        base.erase(entry.key);
        continue;
      }
      merge_over(*existing, std::move(entry.value));
      const auto same = std::find_if(base.entries.begin(), base.entries.end(),
                                     [&](const auto& e) { return e.key == entry.key; });
      same->location = std::move(entry.location);
    } else {
      base.entries.push_back(std::move(entry));
    }
  }
}

}  // namespace duet::platform
