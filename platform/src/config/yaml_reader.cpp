// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/yaml_reader.hpp"

#include <algorithm>

namespace duet::platform {

void ConfigReader::report_missing(const Fields& fields, std::string_view key, const core::FieldInfo& info) {
  mistakes_.add(fields.node.location, config_detail::child_path(fields.path, key),
                fmt::format("found nothing, but this key is required: {}", info.text));
}

void ConfigReader::report_unknown_keys(const Fields& fields) {
  for (const ConfigEntry& entry : fields.node.entries) {
    if (std::find(fields.known.begin(), fields.known.end(), entry.key) != fields.known.end()) continue;
    if (fields.path.empty() && entry.key.starts_with("x-")) continue;
    mistakes_.add(entry.location, config_detail::child_path(fields.path, entry.key),
                  fmt::format("found unknown key '{}', allowed {}{}", entry.key,
                              fmt::join(fields.known, ", "), nearest_hint(entry.key, fields.known)));
  }
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
