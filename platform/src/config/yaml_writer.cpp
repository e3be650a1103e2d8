// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/yaml_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace duet::platform {
namespace {

using Kind = ConfigNode::Kind;
constexpr size_t comment_width = 100;
constexpr size_t flow_width = 80;

std::string scalar_yaml(const ConfigNode& node) {
  if (!node.quoted) return node.scalar;
  std::string text = "\"";
  for (const char c : node.scalar) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text + "\"";
}

// "# " and the words, wrapped.
std::string comment(const std::string& text, const std::string& indent) {
  std::string result;
  std::string line = indent + "#";
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    if (line.size() + 1 + word.size() > comment_width && line.size() > indent.size() + 1) {
      result += line + "\n";
      line = indent + "#";
    }
    line += " " + word;
    start = end + 1;
  }
  return result + line + "\n";
}

// Writes block style; with a model also the comments, each key's once.
class BlockWriter {
 public:
  std::string text;

  void map(const ConfigNode& node, const StructModel* model, const std::string& indent,
           std::string first_indent) {
    for (const ConfigEntry& entry : node.entries) {
      const KeyModel* key = find_key(model, entry.key);
      if (key && explained_.insert(key).second) text += comment(key_comment(*key), indent);
      text += first_indent + entry.key + ":";
      value(entry.value, key ? &key->value : nullptr, indent);
      first_indent = indent;
    }
    if (model) add_defaults(node, *model, indent);
  }

 private:
  static const KeyModel* find_key(const StructModel* model, const std::string& name) {
    if (!model) return nullptr;
    for (const KeyModel& key : model->keys) {
      if (key.name == name) return &key;
    }
    return nullptr;
  }

  static std::string key_comment(const KeyModel& key) {
    std::string_view meaning = key.value.info.text;
    if (meaning.ends_with('.')) meaning.remove_suffix(1);
    return fmt::format("{} ({}{})", meaning, value_text(key.value),
                       key.value.info.required ? "; required" : "");
  }

  void value(const ConfigNode& node, const ValueModel* model, const std::string& indent) {
    const StructModel* structure = model ? nested_structure(*model) : nullptr;
    const std::string flow = flow_yaml(node);
    const bool short_flow = structure == nullptr && indent.size() + flow.size() < flow_width;
    if (node.kind == Kind::map && !node.entries.empty() && !short_flow) {
      text += "\n";
      const bool names = model && model->kind == ValueKind::map;
      if (names) {
        named_values(node, *model->element, indent + "  ");
      } else {
        map(node, structure, indent + "  ", indent + "  ");
      }
    } else if (node.kind == Kind::sequence && !node.items.empty() && !short_flow) {
      text += "\n";
      items(node, model, indent + "  ");
    } else {
      text += " " + flow + "\n";
    }
  }

  void named_values(const ConfigNode& node, const ValueModel& element, const std::string& indent) {
    for (const ConfigEntry& entry : node.entries) {
      text += indent + entry.key + ":";
      value(entry.value, &element, indent);
    }
  }

  // Items stand on one line each where they fit; a comment per item would say the same again and again.
  void items(const ConfigNode& node, const ValueModel* model, const std::string& indent) {
    const StructModel* structure = model ? nested_structure(*model) : nullptr;
    if (structure) {
      for (const KeyModel& key : structure->keys) {
        if (!explained_.insert(&key).second) continue;
        text += comment(fmt::format("{}: {}{}", key.name, key_comment(key), default_note(key)), indent);
      }
    }
    for (const ConfigNode& item : node.items) {
      const std::string flow = flow_yaml(item);
      if (item.kind == Kind::map && indent.size() + flow.size() > comment_width) {
        map(item, nullptr, indent + "  ", indent + "- ");
      } else {
        text += indent + "- " + flow + "\n";
      }
    }
  }

  static std::string default_note(const KeyModel& key) {
    if (key.value.info.required || key.default_value.kind == Kind::null) return "";
    return fmt::format("; default {}", flow_yaml(key.default_value));
  }

  void add_defaults(const ConfigNode& node, const StructModel& model, const std::string& indent) {
    for (const KeyModel& key : model.keys) {
      if (node.find(key.name) || !explained_.insert(&key).second) continue;
      text += comment(key_comment(key), indent);
      text += indent + "#" + key.name + ":";
      const std::string flow = key.default_value.kind == Kind::null ? "" : flow_yaml(key.default_value);
      text += flow.empty() ? "\n" : " " + flow + "\n";
    }
  }

  std::set<const KeyModel*> explained_;
};

}  // namespace

std::string flow_yaml(const ConfigNode& node) {
  std::string text;
  switch (node.kind) {
    case Kind::scalar:
      return scalar_yaml(node);
    case Kind::sequence:
      for (const ConfigNode& item : node.items) text += (text.empty() ? "" : ", ") + flow_yaml(item);
      return "[" + text + "]";
    case Kind::map:
      for (const ConfigEntry& entry : node.entries)
        text += (text.empty() ? "" : ", ") + entry.key + ": " + flow_yaml(entry.value);
      return "{" + text + "}";
    case Kind::null:
      break;
  }
  return "null";
}

std::string block_yaml(const ConfigNode& node) {
  BlockWriter writer;
  writer.map(node, nullptr, "", "");
  return writer.text;
}

std::string commented_yaml(const ConfigNode& node, const StructModel& model) {
  BlockWriter writer;
  writer.map(node, &model, "", "");
  return writer.text;
}

}  // namespace duet::platform
