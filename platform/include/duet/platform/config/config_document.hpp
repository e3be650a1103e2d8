// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/error.hpp"
#include "duet/platform/config/config_node.hpp"

namespace duet::platform {

/// A configuration before it becomes structs: one YAML file, the files that it includes, and the
/// overrides of the command line, merged into one tree in which each value knows where it was written.
///
/// `include:` may stand in any map and names one file or a list of files, relative to the file that
/// it stands in. Later files win over earlier ones and the including map over all; maps merge key by
/// key, everything else is replaced, and a null takes a map away. Root keys that begin with "x-" are ignored
/// (a place for anchors).
class ConfigDocument {
 public:
  /// Throws core::UserError for unreadable files, broken YAML, duplicate keys, include cycles.
  static ConfigDocument from_file(const std::filesystem::path& file,
                                  const std::vector<std::string>& overrides = {});

  /// The same where one command line overrides files of several kinds: takes the overrides whose path
  /// begins with `kind` ("model.ssm_state_bytes=4"), and those that begin with none of `kinds` when
  /// `kind` is the first of them.
  static ConfigDocument from_file(const std::filesystem::path& file,
                                  const std::vector<std::string>& overrides, std::string_view kind,
                                  const std::vector<std::string>& kinds);
  static ConfigDocument from_text(const std::string& text, const std::string& source,
                                  const std::filesystem::path& include_folder = ".");

  /// Applies "path=value": keys with dots, list items by index ("nodes[2].x") or by their `name`
  /// ("nodes.phy_3.x"), keys that contain dots in quotes ("models[\"a.b\"]"). The value is YAML and
  /// replaces what was there; missing maps are made; index = length appends to a list.
  /// Messages show `written`, by default the assignment itself.
  void set(std::string_view assignment, std::string_view written = {});

  [[nodiscard]] const ConfigNode& root() const { return root_; }

  /// Every file that was read, the root file first.
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }

  /// The mistake at `path` (as for set()) for checks that need the whole configuration; a path that
  /// was not written takes the place of its nearest parent. `message` is "found X, allowed Y".
  [[nodiscard]] core::UserError mistake(std::string_view path, std::string_view message) const;

  /// A mistake "path.of.key: found X, allowed Y" with the place of the path before it.
  [[nodiscard]] core::UserError located(const core::UserError& error) const;

 private:
  ConfigNode root_;
  std::vector<std::filesystem::path> files_;
};

}  // namespace duet::platform
