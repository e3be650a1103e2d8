// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/described_roots.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "duet/core/error.hpp"
#include "duet/core/model_description.hpp"
#include "duet/core/workload_description.hpp"
#include "duet/platform/config/nearest_match.hpp"
#include "duet/platform/module/node_module_description.hpp"

namespace duet::platform {
namespace {

constexpr std::array roots{
    DescribedRoot{"platform", "platforms", "A machine: packages, chiplets, memory, interconnect, driver",
                  &struct_model<PlatformFile>},
    DescribedRoot{"model", "models", "The shapes of a large language model",
                  &struct_model<core::ModelDescription>},
    DescribedRoot{"workload", "workloads", "Requests: prompt and output lengths, batch sizes",
                  &struct_model<core::WorkloadDescription>},
};

[[noreturn]] void fail_unknown(std::string_view what, std::string_view name,
                               const std::vector<std::string>& known) {
  throw core::UserError(fmt::format("found {} '{}', allowed {}{}", what, name, fmt::join(known, ", "),
                                    nearest_hint(name, known)));
}

}  // namespace

std::span<const DescribedRoot> described_roots() {
  return roots;
}

const DescribedRoot& find_root(std::string_view name) {
  std::vector<std::string> known;
  for (const DescribedRoot& root : roots) {
    if (root.name == name) return root;
    known.emplace_back(root.name);
  }
  fail_unknown("kind of file", name, known);
}

const DescribedRoot& guess_root(const ConfigDocument& document) {
  const auto hits = [&](const DescribedRoot& root) {
    return std::ranges::count_if(
        root.model().keys, [&](const KeyModel& key) { return document.root().find(key.name) != nullptr; });
  };
  const auto best = std::ranges::max_element(roots, {}, hits);
  return *best;
}

std::vector<const StructModel*> every_structure() {
  std::vector<const StructModel*> found;
  for (const DescribedRoot& root : roots) {
    for (const StructModel* model : all_structures(root.model())) {
      if (std::ranges::find(found, model) == found.end()) found.push_back(model);
    }
  }
  return found;
}

const StructModel& find_structure(std::string_view name) {
  std::vector<std::string> known;
  for (const StructModel* model : every_structure()) {
    if (model->name == name) return *model;
    known.push_back(model->name);
  }
  fail_unknown("structure", name, known);
}

}  // namespace duet::platform
