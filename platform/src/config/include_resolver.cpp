// SPDX-License-Identifier: Apache-2.0
#include "include_resolver.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "duet/core/error.hpp"
#include "duet/platform/config/mistakes.hpp"
#include "duet/platform/config/nearest_match.hpp"
#include "yaml_parser.hpp"

namespace duet::platform {
namespace {

namespace fs = std::filesystem;

std::string sibling_hint(const fs::path& file) {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return nearest_hint(file.filename().string(), names);
}

void require_map(ConfigNode& root) {
  if (root.kind == ConfigNode::Kind::null) root.kind = ConfigNode::Kind::map;
  if (root.kind != ConfigNode::Kind::map)
    throw core::UserError(
        located_message(root.location, "", fmt::format("found {}, allowed a map of keys", root.found())));
}

bool is_readable_file(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && std::ifstream(file).good();
}

}  // namespace

ConfigNode IncludeResolver::load_root(const fs::path& file) {
  if (!is_readable_file(file))
    throw core::UserError(fmt::format("{}: found no such file, allowed a readable YAML file{}", file.string(),
                                      sibling_hint(file)));
  return load_file(file);
}

ConfigNode IncludeResolver::load_text(const std::string& text, const std::string& source,
                                      const fs::path& folder) {
  ConfigNode root = parse_yaml(text, source);
  require_map(root);
  resolve(root, folder);
  return root;
}

ConfigNode IncludeResolver::load_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (std::find(files_.begin(), files_.end(), file) == files_.end()) files_.push_back(file);
  open_.push_back(fs::weakly_canonical(file));
  ConfigNode root = load_text(text, file.string(), file.parent_path());
  open_.pop_back();
  return root;
}

void IncludeResolver::resolve(ConfigNode& node, const fs::path& folder) {
  for (ConfigNode& item : node.items) resolve(item, folder);
  for (ConfigEntry& entry : node.entries) resolve(entry.value, folder);
  if (node.kind == ConfigNode::Kind::map && node.find("include")) resolve_include(node, folder);
}

void IncludeResolver::resolve_include(ConfigNode& map, const fs::path& folder) {
  const auto entry =
      std::find_if(map.entries.begin(), map.entries.end(), [](const auto& e) { return e.key == "include"; });
  ConfigNode include = std::move(entry->value);
  map.entries.erase(entry);
  std::vector<ConfigNode> names;
  if (include.kind == ConfigNode::Kind::sequence) {
    names = std::move(include.items);
  } else {
    names.push_back(std::move(include));
  }
  ConfigNode merged;
  merged.kind = ConfigNode::Kind::map;
  for (const ConfigNode& name : names) {
    if (name.kind != ConfigNode::Kind::scalar)
      throw core::UserError(
          located_message(name.location, "include",
                          fmt::format("found {}, allowed a file name or a list of them", name.found())));
    const fs::path file = (folder / name.scalar).lexically_normal();
    check_readable(name, file);
    merge_over(merged, load_file(file));
  }
  merge_over(merged, std::move(map));
  map = std::move(merged);
}

void IncludeResolver::check_readable(const ConfigNode& name, const fs::path& file) const {
  if (!is_readable_file(file))
    throw core::UserError(located_message(name.location, "include",
                                          fmt::format("found '{}', allowed a readable file (looked for {}){}",
                                                      name.scalar, file.string(), sibling_hint(file))));
  if (std::find(open_.begin(), open_.end(), fs::weakly_canonical(file)) == open_.end()) return;
  std::vector<std::string> chain;
  for (const fs::path& open : open_) chain.push_back(open.filename().string());
  chain.push_back(file.filename().string());
  throw core::UserError(
      located_message(name.location, "include",
                      fmt::format("found a cycle ({}), allowed files that do not include themselves",
                                  fmt::join(chain, " -> "))));
}

}  // namespace duet::platform
