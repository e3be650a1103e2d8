// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/config_library.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "duet/core/error.hpp"
#include "duet/platform/config/nearest_match.hpp"

namespace duet::platform {

namespace fs = std::filesystem;

ConfigLibrary ConfigLibrary::standard(const std::vector<fs::path>& candidates) {
  if (const char* folder = std::getenv("DUET_CONFIG_DIR"); folder != nullptr && *folder != '\0')
    return ConfigLibrary(folder);
  for (const fs::path& candidate : candidates) {
    if (fs::is_directory(candidate)) return ConfigLibrary(candidate);
  }
  return ConfigLibrary(candidates.empty() ? fs::path(".") : candidates.front());
}

std::vector<std::string> ConfigLibrary::names(std::string_view folder) const {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / folder, error)) {
    if (entry.path().extension() == ".yaml") found.push_back(entry.path().stem().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

fs::path ConfigLibrary::find(std::string_view folder, const std::string& name_or_file,
                             std::string_view what) const {
  return find(std::vector<std::string>{std::string(folder)}, name_or_file, what);
}

fs::path ConfigLibrary::find(const std::vector<std::string>& folders, const std::string& name_or_file,
                             std::string_view what) const {
  std::error_code error;
  if (fs::is_regular_file(name_or_file, error)) return name_or_file;
  std::vector<std::string> known;
  for (const std::string& folder : folders) {
    const fs::path shipped = root_ / folder / (name_or_file + ".yaml");
    const bool plain_name = name_or_file.find('/') == std::string::npos;
    if (plain_name && fs::is_regular_file(shipped, error)) return shipped;
    std::ranges::copy(names(folder), std::back_inserter(known));
  }
  throw core::UserError(fmt::format("{}: found '{}', allowed a YAML file or one of {}{}", what, name_or_file,
                                    fmt::join(known, ", "),
                                    nearest_hint(fs::path(name_or_file).stem().string(), known)));
}

}  // namespace duet::platform
