// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/config_document.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config_override.hpp"
#include "config_path.hpp"
#include "duet/platform/config/mistakes.hpp"
#include "include_resolver.hpp"
#include "yaml_parser.hpp"

namespace duet::platform {
namespace {

std::string child_path(const std::string& path, const ConfigPathStep& step) {
  if (step.index) return fmt::format("{}[{}]", path, *step.index);
  return path.empty() ? step.key : path + "." + step.key;
}

}  // namespace

ConfigDocument ConfigDocument::from_file(const std::filesystem::path& file,
                                         const std::vector<std::string>& overrides) {
  ConfigDocument document;
  IncludeResolver resolver;
  document.root_ = resolver.load_root(file);
  document.files_ = resolver.files();
  for (const std::string& assignment : overrides) document.set(assignment);
  return document;
}

ConfigDocument ConfigDocument::from_file(const std::filesystem::path& file,
                                         const std::vector<std::string>& overrides, std::string_view kind,
                                         const std::vector<std::string>& kinds) {
  ConfigDocument document = from_file(file);
  for (const std::string& assignment : overrides) {
    const std::string_view first_step =
        std::string_view(assignment).substr(0, assignment.find_first_of(".[="));
    const bool has_kind = assignment.size() > first_step.size() && assignment[first_step.size()] == '.' &&
                          std::ranges::find(kinds, first_step) != kinds.end();
    if (has_kind ? first_step == kind : kind == kinds.front())
      document.set(std::string_view(assignment).substr(has_kind ? first_step.size() + 1 : 0), assignment);
  }
  return document;
}

ConfigDocument ConfigDocument::from_text(const std::string& text, const std::string& source,
                                         const std::filesystem::path& include_folder) {
  ConfigDocument document;
  IncludeResolver resolver;
  document.root_ = resolver.load_text(text, source, include_folder);
  document.files_ = resolver.files();
  return document;
}

core::UserError ConfigDocument::mistake(std::string_view path, std::string_view message) const {
  const ConfigNode* node = &root_;
  if (!path.empty()) {
    for (const ConfigPathStep& step : parse_config_path(path)) {
      const ConfigNode* child = find_child(*node, step);
      if (child == nullptr) break;
      node = child;
    }
  }
  return core::UserError(located_message(node->location, path, message));
}

// "packages.prefill.nodes[2]" and "model 'x': mamba.groups" both lead with or contain a path.
core::UserError ConfigDocument::located(const core::UserError& error) const {
  std::string_view rest = error.what();
  for (size_t colon = rest.find(": "); colon != std::string_view::npos; colon = rest.find(": ")) {
    const std::string_view head = rest.substr(0, colon);
    rest.remove_prefix(colon + 2);
    if (head.find_first_of(" '") == std::string_view::npos) return mistake(head, rest);
  }
  return core::UserError(located_message(root_.location, "", error.what()));
}

void ConfigDocument::set(std::string_view assignment, std::string_view written) {
  const ConfigLocation location{fmt::format("--set {}", written.empty() ? assignment : written), 0, 0};
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos)
    throw core::UserError(located_message(location, "", "found no '=', allowed path=value"));
  std::vector<ConfigPathStep> steps;
  try {
    steps = parse_config_path(assignment.substr(0, equals));
  } catch (const core::UserError& error) {
    throw core::UserError(located_message(location, "", error.what()));
  }
  ConfigNode value = parse_yaml(std::string(assignment.substr(equals + 1)), location.source, false);

  ConfigNode* node = &root_;
  ConfigNode* parent = nullptr;
  std::string path;
  for (const ConfigPathStep& step : steps) {
    parent = node;
    node = &enter_for_override(*node, step, path, location);
    path = child_path(path, step);
  }
  if (parent->kind == ConfigNode::Kind::map && takes_away(*node, value)) {
    parent->erase(steps.back().key);
  } else {
    *node = std::move(value);
  }
}

}  // namespace duet::platform
