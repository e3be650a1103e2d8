// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/yaml_reader.hpp"

#include <algorithm>

namespace duet::platform {
namespace {

constexpr size_t most_listed_keys = 12;

std::string allowed_keys(const std::vector<std::string>& known, const std::string& structure) {
  if (known.size() <= most_listed_keys) return fmt::format("{}", fmt::join(known, ", "));
  return fmt::format("{}, ... (all {}: duet-vp describe {})",
                     fmt::join(known.begin(), known.begin() + most_listed_keys, ", "), known.size(),
                     structure);
}

}  // namespace

void ConfigReader::report_missing(const Fields& fields, std::string_view key, const ValueModel& value) {
  mistakes_.add(fields.node.location, config_detail::child_path(fields.path, key),
                fmt::format("found nothing, allowed {} (required: {})", value_text(value), value.info.text));
}

void ConfigReader::report_unknown_keys(const Fields& fields, const std::string& structure) {
  for (const ConfigEntry& entry : fields.node.entries) {
    if (std::find(fields.known.begin(), fields.known.end(), entry.key) != fields.known.end()) continue;
    if (fields.path.empty() && entry.key.starts_with("x-")) continue;
    mistakes_.add(entry.location, config_detail::child_path(fields.path, entry.key),
                  fmt::format("found unknown key '{}', allowed {}{}", entry.key,
                              allowed_keys(fields.known, structure), nearest_hint(entry.key, fields.known)));
  }
}

// An override may add an entry to a map, but not one that differs from another by a slip of the finger.
bool ConfigReader::is_mistyped_override(const ConfigNode& map, const ConfigEntry& entry,
                                        const std::string& path) {
  if (entry.location.line != 0) return false;
  std::vector<std::string> written;
  for (const ConfigEntry& other : map.entries) {
    if (other.location.line != 0) written.push_back(other.key);
  }
  const std::string hint = nearest_hint(entry.key, written);
  if (hint.empty()) return false;
  mistakes_.add(
      entry.location, config_detail::child_path(path, entry.key),
      fmt::format("found unknown name '{}', allowed {}{}", entry.key, fmt::join(written, ", "), hint));
  return true;
}

bool ConfigReader::check_item_count(const ConfigNode& node, const std::string& path, size_t count,
                                    size_t least, std::optional<size_t> exactly) {
  if (exactly ? count == *exactly : count >= least) return true;
  const size_t wanted = exactly.value_or(least);
  mistakes_.add(node.location, path,
                fmt::format("found {} entr{}, allowed {}{}", count, count == 1 ? "y" : "ies",
                            exactly ? "" : "at least ", wanted));
  return false;
}

}  // namespace duet::platform
