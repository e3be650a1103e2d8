// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/description_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "duet/platform/config/yaml_writer.hpp"

namespace duet::platform {
namespace {

constexpr size_t text_width = 96;

std::string wrapped(const std::string& text, const std::string& indent) {
  std::string result;
  std::string line = indent;
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find(' ', start), text.size());
    if (line.size() + 1 + end - start > text_width && line.size() > indent.size()) {
      result += line + "\n";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + text.substr(start, end - start);
    start = end + 1;
  }
  return result + line + "\n";
}

std::string value_suffix(const ValueModel& value) {
  if (value.kind == ValueKind::list) return "[]" + value_suffix(*value.element);
  if (value.kind == ValueKind::map) return ".<name>" + value_suffix(*value.element);
  return "";
}

void collect_uses(const StructModel& wanted, const StructModel& at, const std::string& path,
                  std::vector<std::string>& uses) {
  if (&at == &wanted) uses.push_back(path);
  for (const KeyModel& key : at.keys) {
    if (const StructModel* nested = nested_structure(key.value))
      collect_uses(wanted, *nested, fmt::format("{}.{}{}", path, key.name, value_suffix(key.value)), uses);
  }
}

// What an outer struct's default changes in a nested one, so that the nested page is not wrong for it.
ConfigNode changed_defaults(const ConfigNode& value, const StructModel& model) {
  ConfigNode changed;
  changed.kind = ConfigNode::Kind::map;
  for (const KeyModel& key : model.keys) {
    const ConfigNode* written = value.find(key.name);
    if (written && flow_yaml(*written) != flow_yaml(key.default_value))
      changed.entries.push_back({key.name, {}, *written});
  }
  return changed;
}

std::string sentence(const std::string_view text) {
  std::string result(text);
  if (!result.empty() && result.back() == '.') result.pop_back();
  return result;
}

std::string markdown_cell(std::string text) {
  for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

}  // namespace

std::string default_text(const KeyModel& key) {
  if (key.value.info.required) return "required";
  if (key.value.kind == ValueKind::structure && !key.value.optional) {
    const ConfigNode changed = changed_defaults(key.default_value, key.value.structure());
    return changed.entries.empty() ? "" : "default " + flow_yaml(changed);
  }
  if (key.default_value.kind == ConfigNode::Kind::null) return "default none";
  return "default " + flow_yaml(key.default_value);
}

std::vector<std::string> uses_of(const StructModel& model, const DescribedRoot& root) {
  std::vector<std::string> uses;
  collect_uses(model, root.model(), std::string(root.name), uses);
  return uses;
}

std::string structure_list() {
  std::string text;
  for (const DescribedRoot& root : described_roots()) {
    text += fmt::format("{} (configs/{}): {}\n", root.name, root.folder, root.text);
    for (const StructModel* model : all_structures(root.model()))
      text += fmt::format("  {:<24} {}\n", model->name, fmt::join(uses_of(*model, root), ", "));
  }
  return text + "\nduet-vp describe NAME prints the keys of one.\n";
}

std::string structure_text(const StructModel& model) {
  std::string text = model.name + (model.text.empty() ? "\n" : ": " + model.text + "\n");
  for (const DescribedRoot& root : described_roots()) {
    const auto uses = uses_of(model, root);
    if (!uses.empty()) text += fmt::format("stands in {}\n", fmt::join(uses, ", "));
  }
  for (const KeyModel& key : model.keys) {
    const std::string by_default = default_text(key);
    text += fmt::format("\n  {}: {}{}{}\n", key.name, value_text(key.value), by_default.empty() ? "" : "; ",
                        by_default);
    text += wrapped(sentence(key.value.info.text), "      ");
  }
  return text;
}

std::string reference_page(const DescribedRoot& root) {
  std::string page = fmt::format(
      "# Keys of a {} file\n\n{}. Shipped files: `configs/{}/`. This page is generated from the "
      "configuration structs (`scripts/generate_reference.sh`).\n",
      root.name, root.text, root.folder);
  for (const StructModel* model : all_structures(root.model())) {
    page += fmt::format("\n## {}\n\n", model->name);
    if (!model->text.empty()) page += model->text + "\n\n";
    const auto uses = uses_of(*model, root);
    page += fmt::format("Stands in `{}`.\n\n", fmt::join(uses, "`, `"));
    page += "| key | allowed | default | meaning |\n|---|---|---|---|\n";
    for (const KeyModel& key : model->keys) {
      std::string by_default = default_text(key);
      if (by_default == "default none") {
        by_default = "none";
      } else if (by_default.starts_with("default "))
        by_default = "`" + by_default.substr(8) + "`";
      page += fmt::format("| `{}` | {} | {} | {} |\n", key.name, markdown_cell(value_text(key.value)),
                          markdown_cell(by_default), markdown_cell(sentence(key.value.info.text)));
    }
  }
  return page;
}

}  // namespace duet::platform
