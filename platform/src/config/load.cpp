// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/load.hpp"

#include <fmt/format.h>

#include <bit>
#include <filesystem>

#include "duet/core/memory_description.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/core/trace/name_selection.hpp"
#include "duet/memory/address_mapping.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/module/node_modules.hpp"
#include "duet/tlm_interconnect/flit_network.hpp"
#include "duet/tlm_interconnect/noi_routing.hpp"
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

template <class Arrays>
void check_array_trace(const ConfigDocument& document, const std::string& path, const Arrays& arrays) {
  if (!arrays || !arrays->vcd) return;
  if (arrays->level != core::ArrayLevel::pe)
    throw document.mistake(path + ".vcd", "found waveforms at level tile, allowed only with 'level: pe'");
  try {
    core::NameSelection{arrays->vcd->scope};
  } catch (const core::UserError& error) {
    throw document.mistake(path + ".vcd.scope", error.what());
  }
  const auto folder = std::filesystem::path(arrays->vcd->file).parent_path();
  if (arrays->vcd->file.empty() || (!folder.empty() && !std::filesystem::is_directory(folder)))
    throw document.mistake(
        path + ".vcd.file",
        fmt::format("found '{}', allowed a file in a folder that exists", arrays->vcd->file));
}

// A trace shows one array, so its node type stands for one chiplet.
void check_traced_once(const ConfigDocument& document, const core::PlatformDescription& platform,
                       const std::vector<core::PackageLayout>& packages) {
  for (const auto& [name, type] : platform.node_types) {
    if (!(type.systolic && type.systolic->vcd) && !(type.vector && type.vector->vcd)) continue;
    size_t places = 0;
    for (const core::PackageLayout& package : packages) {
      for (const core::NodeInstance& node : package.compute) places += node.type == &type ? 1 : 0;
    }
    if (places > 1)
      throw document.mistake(
          "node_types." + name,
          fmt::format("found a vcd and {} chiplets of this type, allowed one chiplet: give "
                      "it a node type of its own",
                      places));
  }
}

void check_node_type(const ConfigDocument& document, const std::string& name,
                     const core::NodeTypeDescription& type) {
  const std::string path = "node_types." + name;
  if (type.memory) check_memory(document, path + ".memory", *type.memory);
  check_array_trace(document, path + ".systolic", type.systolic);
  check_array_trace(document, path + ".vector", type.vector);
  if (type.vector) check_vector_array(document, path + ".vector.", *type.vector);
}

void check_firmware(const ConfigDocument& document, const std::string& package,
                    const core::DriverDescription& driver) {
  if (driver.kind == core::DriverKind::riscv && !driver.elf.empty() &&
      !std::filesystem::is_regular_file(driver.elf))
    throw document.mistake(fmt::format("packages.{}.driver.elf", package),
                           fmt::format("found '{}', allowed a file that exists", driver.elf));
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

// What the network finds out when it is built, found out before.
void check_routes(const ConfigDocument& document, const core::PackageLayout& package) {
  const core::NoiDescription& noi = package.description->noi;
  check_below(document, fmt::format("packages.{}.noi", package.name), [&] {
    // A whole mesh has proven routes; only a large one takes time to prove again.
    const bool whole = noi.missing_links.empty() && noi.routing != core::NoiRouting::table;
    if (!whole) tlm_interconnect::prove_deadlock_free(noi);
    if (noi.level == core::NoiLevel::flit) tlm_interconnect::check_flit_rate(noi);
  });
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

void check_vector_array(const ConfigDocument& document, const std::string& path,
                        const core::VectorArrayDescription& array) {
  if (!std::has_single_bit(array.lanes))
    throw document.mistake(path + "lanes", fmt::format("found {}, allowed a power of two", array.lanes));
  constexpr uint64_t word_bytes = 2;
  const uint64_t least = word_bytes * array.lanes;
  if (array.local_buffer_bytes < least)
    throw document.mistake(path + "local_buffer",
                           fmt::format("found {} B, allowed at least {} B, a vector register of {} lanes",
                                       array.local_buffer_bytes, least, array.lanes));
}

PlatformFile load_platform(const ConfigDocument& document) {
  auto platform = read_config<PlatformFile>(document);
  for (const auto& [name, type] : platform.node_types) check_node_type(document, name, type);
  for (const auto& [name, package] : platform.packages) {
    const core::NoiDescription& noi = package.noi;
    check_below(document, fmt::format("packages.{}.noi", name), [&noi] { core::validate(noi); });
    check_firmware(document, name, package.driver);
  }
  const auto packages = check_with_places(document, [&] { return core::lay_out(platform); });
  check_traced_once(document, platform, packages);
  for (const core::PackageLayout& package : packages) {
    check_window(document, package);
    check_reachable(document, package);
    check_routes(document, package);
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
