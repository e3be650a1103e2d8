// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace duet::platform {

/// Where a piece of configuration was written.
struct ConfigLocation {
  std::string source;  ///< file as the user would name it, or "--set path=value"
  int line = 0;        ///< from 1; 0 when the source has no lines
  int column = 0;      ///< from 1

  /// "file:line:column", or the source alone when it has no lines.
  [[nodiscard]] std::string text() const;
};

struct ConfigEntry;

/// One value of a configuration after includes, merge keys and overrides; every node keeps the place
/// that it came from.
struct ConfigNode {
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  ConfigLocation location;
  std::string scalar;
  bool quoted = false;               ///< a scalar in quotes is text even if it looks like a number
  std::vector<ConfigNode> items;     ///< of a sequence
  std::vector<ConfigEntry> entries;  ///< of a map, in the order written

  [[nodiscard]] const ConfigNode* find(std::string_view key) const;
  [[nodiscard]] ConfigNode* find(std::string_view key);
  void erase(std::string_view key);

  /// What a message calls this node: "'256'", "a list", "a map", "nothing".
  [[nodiscard]] std::string found() const;
};

struct ConfigEntry {
  std::string key;
  ConfigLocation location;  ///< of the key
  ConfigNode value;
};

/// Whether `over` is a null that takes away the map `base`, key and all.
bool takes_away(const ConfigNode& base, const ConfigNode& over);

/// Deep merge: maps key by key, everything else is replaced by `over`; a null takes a map away.
void merge_over(ConfigNode& base, ConfigNode over);

}  // namespace duet::platform
