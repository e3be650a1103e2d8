// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/load.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "duet/core/memory_description.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/memory/address_mapping.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/module/node_modules.hpp"
#include "noi_links.hpp"

namespace duet::platform {
namespace {

// Offsets in the linear and in the interleaved windows of core::AddressMap.
constexpr uint64_t node_window_bytes = 1ull << 40;
constexpr uint64_t package_window_bytes = 1ull << 41;

// Runs a check whose messages begin below `prefix`.
template <class Check>
void check_below(const ConfigDocument& document, const std::string& prefix, Check&& check) {
  check_with_places(document, [&] {
    try {
      check();
    } catch (const core::UserError& error) {
      throw core::UserError(fmt::format("{}.{}", prefix, error.what()));
    }
  });
}

bool is_power_of_two(unsigned value) {
  return (value & (value - 1)) == 0;
}

void check_memory(const ConfigDocument& document, const std::string& path,
                  const core::MemoryDescription& memory) {
  check_below(document, path, [&] {
    const core::DramStandard& standard = core::standard_of(memory);
    memory::AddressMapping(memory::AddressMapping::resolve(memory.mapping, standard), standard.organisation);
  });
  if (core::capacity_bytes(memory) > node_window_bytes)
    throw document.mistake(path + ".stacks",
                           fmt::format("found {} stacks ({} GiB), allowed at most 1024 GiB behind one node",
                                       memory.stacks, core::capacity_bytes(memory) >> 30));
  if (memory.write_low_watermark > memory.write_high_watermark)
    throw document.mistake(path + ".write_low_watermark",
                           fmt::format("found {}, allowed at most write_high_watermark {}",
                                       memory.write_low_watermark, memory.write_high_watermark));
}

void check_node_type(const ConfigDocument& document, const std::string& name,
                     const core::NodeTypeDescription& type) {
  const std::string path = "node_types." + name;
  if (type.memory) check_memory(document, path + ".memory", *type.memory);
  if (type.vector && !is_power_of_two(type.vector->lanes))
    throw document.mistake(path + ".vector.lanes",
                           fmt::format("found {}, allowed a power of two", type.vector->lanes));
}

void check_window(const ConfigDocument& document, const core::PackageLayout& package) {
  if (package.memory_bytes() > package_window_bytes)
    throw document.mistake(fmt::format("packages.{}.nodes", package.name),
                           fmt::format("found {} GiB of memory, allowed at most 2048 GiB in one package",
                                       package.memory_bytes() >> 30));
}

void check_reachable(const ConfigDocument& document, const core::PackageLayout& package) {
  for (const core::NodeInstance& from : package.nodes) {
    const std::vector<bool> reached = nodes_reached(package.description->noi, from.node);
    for (const core::NodeInstance& to : package.nodes) {
      if (!reached[to.node])
        throw document.mistake(
            fmt::format("packages.{}.noi", package.name),
            fmt::format("found no way from {} to {}, allowed links that join all nodes", from.name, to.name));
    }
  }
}

// A library stands beside the file that names it.
void resolve_library(const ConfigDocument& document, const std::string& name, NodeModuleDescription& module) {
  namespace fs = std::filesystem;
  const fs::path library = module.library;
  if (module.library.empty() || library.is_absolute()) return;
  const ConfigNode* node = document.root().find("modules");
  for (const std::string& key : {name, std::string("library")})
    node = node == nullptr ? nullptr : node->find(key);
  if (node == nullptr || node->location.line == 0) return;  // written on the command line
  module.library = (fs::path(node->location.source).parent_path() / library).string();
}

}  // namespace

PlatformFile load_platform(const ConfigDocument& document) {
  auto platform = read_config<PlatformFile>(document);
  for (const auto& [name, type] : platform.node_types) check_node_type(document, name, type);
  for (const auto& [name, package] : platform.packages)
    check_below(document, fmt::format("packages.{}.noi", name), [&] { core::validate(package.noi); });
  const auto packages = check_with_places(document, [&] { return core::lay_out(platform); });
  for (const core::PackageLayout& package : packages) {
    check_window(document, package);
    check_reachable(document, package);
  }
  check_with_places(document, [&] { check(platform.modules, packages); });
  for (auto& [name, module] : platform.modules) resolve_library(document, name, module);
  return platform;
}

core::ModelDescription load_model(const ConfigDocument& document) {
  auto model = read_config<core::ModelDescription>(document);
  check_with_places(document, [&] { core::check(model); });
  return model;
}

core::WorkloadDescription load_workload(const ConfigDocument& document) {
  return read_config<core::WorkloadDescription>(document);
}

}  // namespace duet::platform
