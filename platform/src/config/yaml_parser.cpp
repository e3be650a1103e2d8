// SPDX-License-Identifier: Apache-2.0
#include "yaml_parser.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "duet/core/error.hpp"
#include "duet/platform/config/mistakes.hpp"

namespace duet::platform {
namespace {

// Far beyond any real file; they stop aliases that contain themselves or multiply.
constexpr int max_depth = 64;
constexpr size_t max_nodes = 1'000'000;

ConfigLocation place(const std::string& source, const YAML::Mark& mark, bool has_lines) {
  if (!has_lines) return {source, 0, 0};
  if (mark.is_null()) return {source, 1, 1};
  return {source, mark.line + 1, mark.column + 1};
}

class Converter {
 public:
  Converter(const std::string& text, const std::string& source, bool has_lines)
      : text_(text), source_(source), has_lines_(has_lines) {}

  ConfigNode convert(const YAML::Node& yaml, const std::string& path, int depth) {
    ConfigNode node;
    node.location = at(yaml.Mark());
    if (depth > max_depth)
      fail(node.location, path.substr(0, path.find('.')),
           fmt::format("found more than {0} nested levels, allowed {0} (does an alias contain itself?)",
                       max_depth));
    if (++nodes_ > max_nodes)
      fail(node.location, path, fmt::format("found more than {0} values, allowed {0}", max_nodes));
    check_tag(yaml, node, path);
    switch (yaml.Type()) {
      case YAML::NodeType::Scalar:
        node.kind = ConfigNode::Kind::scalar;
        node.scalar = yaml.Scalar();
        break;
      case YAML::NodeType::Sequence:
        node.kind = ConfigNode::Kind::sequence;
        for (const auto& item : yaml)
          node.items.push_back(convert(item, fmt::format("{}[{}]", path, node.items.size()), depth + 1));
        break;
      case YAML::NodeType::Map:
        node.kind = ConfigNode::Kind::map;
        convert_map(yaml, node, path, depth);
        break;
      default:
        break;
    }
    return node;
  }

  Mistakes mistakes;

 private:
  ConfigLocation at(const YAML::Mark& mark) const { return place(source_, mark, has_lines_); }

  [[noreturn]] static void fail(const ConfigLocation& location, const std::string& path,
                                const std::string& text) {
    throw core::UserError(located_message(location, path, text));
  }

  void check_tag(const YAML::Node& yaml, ConfigNode& node, const std::string& path) {
    const std::string& tag = yaml.Tag();
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (node.quoted) check_closing_quote(yaml, node, path);
    if (tag.empty() || tag == "?" || node.quoted) return;
    mistakes.add(node.location, path, fmt::format("found tag '{}', allowed plain YAML values", tag));
  }

  // The parser takes a quote that is never closed for text up to the end of the file.
  void check_closing_quote(const YAML::Node& yaml, const ConfigNode& node, const std::string& path) {
    const auto start = static_cast<size_t>(std::max(yaml.Mark().pos, 0));
    if (start >= text_.size() || (text_[start] != '"' && text_[start] != '\'')) return;
    const char quote = text_[start];
    size_t at = start + 1;
    while (at < text_.size() && text_[at] != quote) at += quote == '"' && text_[at] == '\\' ? 2 : 1;
    if (at >= text_.size())
      mistakes.add(node.location, path,
                   fmt::format("found a quote {} that is not closed, allowed a pair", quote));
  }

  void convert_map(const YAML::Node& yaml, ConfigNode& node, const std::string& path, int depth) {
    std::vector<ConfigNode> merged;
    for (const auto& pair : yaml) {
      const ConfigLocation key_location = at(pair.first.Mark());
      if (!pair.first.IsScalar()) {
        mistakes.add(key_location, path, "found a key that is not text, allowed text");
        continue;
      }
      const std::string& key = pair.first.Scalar();
      const std::string key_path = path.empty() ? key : path + "." + key;
      ConfigNode value = convert(pair.second, key_path, depth + 1);
      // The parser places an empty value at the next token, which may be lines below.
      if (value.kind == ConfigNode::Kind::null) value.location = key_location;
      if (key == "<<") {
        add_merge_sources(std::move(value), path, merged);
      } else if (const auto* first = first_use(node, key)) {
        mistakes.add(key_location, key_path,
                     fmt::format("found the key '{}' a second time, allowed once (first in line {})", key,
                                 first->location.line));
      } else {
        node.entries.push_back({key, key_location, std::move(value)});
      }
    }
    // As YAML's merge type says: keys of the map itself win, then earlier sources; not deep.
    for (ConfigNode& source : merged) {
      for (ConfigEntry& entry : source.entries) {
        if (!first_use(node, entry.key)) node.entries.push_back(std::move(entry));
      }
    }
  }

  static const ConfigEntry* first_use(const ConfigNode& map, const std::string& key) {
    for (const ConfigEntry& entry : map.entries) {
      if (entry.key == key) return &entry;
    }
    return nullptr;
  }

  void add_merge_sources(ConfigNode value, const std::string& path, std::vector<ConfigNode>& merged) {
    if (value.kind == ConfigNode::Kind::map) {
      merged.push_back(std::move(value));
    } else if (value.kind == ConfigNode::Kind::sequence) {
      for (ConfigNode& item : value.items) add_merge_sources(std::move(item), path, merged);
    } else {
      mistakes.add(value.location, path.empty() ? "<<" : path + ".<<",
                   fmt::format("found {}, allowed a map or a list of maps to merge", value.found()));
    }
  }

  const std::string& text_;
  const std::string& source_;
  bool has_lines_;
  size_t nodes_ = 0;
};

}  // namespace

ConfigNode parse_yaml(const std::string& text, const std::string& source, bool has_lines) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    throw core::UserError(
        located_message(place(source, error.mark, has_lines), "",
                        fmt::format("found broken YAML ({}), allowed YAML 1.2", error.msg)));
  }
  if (documents.empty()) {
    ConfigNode empty;
    empty.location = {source, 1, 1};
    return empty;
  }
  if (documents.size() > 1) {
    throw core::UserError(
        located_message(place(source, documents[1].Mark(), has_lines), "",
                        fmt::format("found {} YAML documents, allowed one", documents.size())));
  }
  Converter converter(text, source, has_lines);
  ConfigNode root = converter.convert(documents.front(), "", 0);
  converter.mistakes.throw_if_any();
  return root;
}

}  // namespace duet::platform
