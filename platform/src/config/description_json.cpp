// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/description_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "duet/core/address_map.hpp"
#include "duet/core/memory_description.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/platform/config/description_text.hpp"
#include "duet/platform/config/yaml_writer.hpp"
#include "duet/platform/module/node_modules.hpp"
#include "duet/platform/run/package_area.hpp"

namespace duet::platform {
namespace {

using nlohmann::ordered_json;

ordered_json bound(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

ordered_json key_json(const KeyModel& key) {
  const core::FieldInfo& info = key.value.info;
  ordered_json json{{"key", key.name}, {"allowed", value_text(key.value)}, {"required", info.required}};
  if (info.unit != core::Unit::none) json["unit"] = core::unit_symbol(info.unit);
  if (std::isfinite(info.min)) json["min"] = bound(info.min);
  if (std::isfinite(info.max)) json["max"] = bound(info.max);
  if (!key.value.choices.empty()) json["choices"] = key.value.choices;
  if (const StructModel* nested = nested_structure(key.value)) json["structure"] = nested->name;
  if (!info.required && key.default_value.kind != ConfigNode::Kind::null)
    json["default"] = flow_yaml(key.default_value);
  json["text"] = info.text;
  return json;
}

ordered_json window_json(const std::string& name, uint64_t base, uint64_t bytes) {
  return {{"name", name}, {"base", base}, {"bytes", bytes}};
}

std::string_view kind_of(const core::NodeInstance& node) {
  if (node.kind == core::NodeKind::compute) return "compute";
  return node.kind == core::NodeKind::memory ? "memory" : "link_port";
}

ordered_json package_json(const core::PackageLayout& package, const PackageArea& area) {
  ordered_json json{{"name", package.name}, {"role", core::enum_name(package.description->role)}};
  json["columns"] = package.description->noi.columns;
  json["rows"] = package.description->noi.rows;
  json["memory_bytes"] = package.memory_bytes();
  json["memory_bytes_per_second"] = package.peak_memory_bytes_per_second();
  json["peak_systolic_macs_per_second"] = package.peak_systolic_macs_per_second();
  json["peak_vector_macs_per_second"] = package.peak_vector_macs_per_second();
  if (area.chiplets != 0) {
    json["chiplet_mm2"] = area.hydra.overhead_added({});
    json["chiplet_limit_mm2"] = area.chiplet_limit_mm2;
    json["interposer_mm2"] = area.interposer_mm2;
    json["interposer_limit_mm2"] = area.interposer_limit_mm2;
  }
  json["nodes"] = ordered_json::array();
  json["address_map"] = ordered_json::array();
  for (const core::NodeInstance& node : package.nodes) {
    json["nodes"].push_back({{"name", node.name}, {"kind", kind_of(node)}, {"x", node.x}, {"y", node.y}});
    if (node.kind == core::NodeKind::memory) {
      json["address_map"].push_back(window_json(node.name,
                                                core::AddressMap::memory_base(package.index, node.ordinal),
                                                core::capacity_bytes(*node.type->memory)));
    } else if (node.kind == core::NodeKind::compute) {
      constexpr uint64_t registers = 4096;
      json["address_map"].push_back(window_json(node.name,
                                                core::AddressMap::chiplet_base(package.index, node.ordinal),
                                                core::AddressMap::control_stride));
      json["address_map"].push_back(window_json(
          node.name + ".registers", core::AddressMap::control_base(package.index, node.ordinal), registers));
    }
  }
  return json;
}

}  // namespace

ordered_json structure_json(const StructModel& model) {
  ordered_json json{{"name", model.name}, {"text", model.text}};
  json["stands_in"] = ordered_json::array();
  for (const DescribedRoot& root : described_roots()) {
    for (const std::string& use : uses_of(model, root)) json["stands_in"].push_back(use);
  }
  json["keys"] = ordered_json::array();
  for (const KeyModel& key : model.keys) json["keys"].push_back(key_json(key));
  return json;
}

ordered_json platform_json(const PlatformFile& platform) {
  const auto packages = core::lay_out(platform);
  const auto areas = package_areas(packages);
  ordered_json json{{"name", platform.name}, {"description", platform.description}};
  json["packages"] = ordered_json::array();
  for (size_t i = 0; i < packages.size(); ++i)
    json["packages"].push_back(package_json(packages[i], areas[i]));
  if (platform.inter_package_link) {
    json["inter_package_link"] = {{"bytes_per_second", platform.inter_package_link->bandwidth},
                                  {"latency_ps", platform.inter_package_link->latency}};
  }
  for (const auto& [name, module] : platform.modules) {
    json["modules"].push_back({{"name", name},
                               {"package", module.package},
                               {"x", module.x},
                               {"y", module.y},
                               {"library", module.library}});
  }
  return json;
}

}  // namespace duet::platform
