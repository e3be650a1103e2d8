// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "duet/platform/config/config_node.hpp"

namespace duet::platform {

/// Reads a YAML file and everything that its `include:` keys name.
class IncludeResolver {
 public:
  ConfigNode load_root(const std::filesystem::path& file);
  ConfigNode load_text(const std::string& text, const std::string& source,
                       const std::filesystem::path& folder);

  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  ConfigNode load_file(const std::filesystem::path& file);
  void resolve(ConfigNode& node, const std::filesystem::path& folder);
  void resolve_include(ConfigNode& map, const std::filesystem::path& folder);
  void check_readable(const ConfigNode& name, const std::filesystem::path& file) const;

  std::vector<std::filesystem::path> files_;
  std::vector<std::filesystem::path> open_;  // the chain of files being read, to find cycles
};

}  // namespace duet::platform
