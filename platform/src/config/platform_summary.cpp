// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/platform_summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/area_model.hpp"
#include "duet/core/memory_description.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/core/quantity.hpp"
#include "noi_links.hpp"

namespace duet::platform {
namespace {

using core::Unit;

std::string bandwidth(double bytes_per_second) {
  return core::format_quantity(bytes_per_second, Unit::bytes_per_second);
}

std::string binary_size(uint64_t bytes) {
  constexpr double gibi = 1 << 30;
  constexpr double mebi = 1 << 20;
  const auto size = static_cast<double>(bytes);
  return size >= gibi ? fmt::format("{:g} GiB", size / gibi) : fmt::format("{:g} MiB", size / mebi);
}

std::string time(uint64_t picoseconds) {
  return core::format_quantity(static_cast<double>(picoseconds), Unit::picoseconds);
}

// One character a grid position: S systolic, V vector units, X both, G part of a GPU, M memory, L link port.
std::string interposer_plan(const core::PackageLayout& package) {
  const core::NoiDescription& noi = package.description->noi;
  std::vector<std::string> rows(noi.rows, std::string(noi.columns, '.'));
  for (const core::NodeInstance& node : package.nodes) {
    char symbol = node.kind == core::NodeKind::memory ? 'M' : 'L';
    if (node.kind == core::NodeKind::compute) {
      const bool systolic = node.type->systolic.has_value();
      symbol = systolic && node.type->vector ? 'X' : systolic ? 'S' : node.type->gpu ? 'G' : 'V';
    }
    rows[static_cast<size_t>(node.y)][static_cast<size_t>(node.x)] = symbol;
  }
  std::string plan;
  for (const std::string& row : rows) {
    plan += "      ";
    for (const char symbol : row) plan += fmt::format("{} ", symbol);
    plan.back() = '\n';
  }
  return plan;
}

std::string arrays_text(const core::NodeTypeDescription& type) {
  std::string text;
  if (type.systolic) {
    const auto& array = *type.systolic;
    text +=
        fmt::format("{} systolic arrays of {} x {} PEs, {} SRAM at {} each, {} SFUs, level {}", array.count,
                    array.rows, array.columns, binary_size(array.sram_bytes),
                    bandwidth(array.sram_bytes_per_second), array.sfu.units, core::enum_name(array.level));
  }
  if (type.vector) {
    const auto& array = *type.vector;
    text += fmt::format(
        "{}{} vector-unit arrays of {} x {} units of {} lanes, {} SRAM at {} each, {} SFUs, level {}",
        text.empty() ? "" : "; ", array.count, array.rows, array.columns, array.lanes,
        binary_size(array.sram_bytes), bandwidth(array.sram_bytes_per_second), array.sfu.units,
        core::enum_name(array.level));
  }
  if (type.gpu) {
    text = fmt::format("{} multiprocessors of {} MACs a cycle, {} L2, SSM {}", type.gpu->multiprocessors,
                       type.gpu->tensor_macs_per_cycle, binary_size(type.gpu->l2_bytes),
                       core::enum_name(type.gpu->ssm));
  }
  return fmt::format("{}, {}", core::format_quantity(type.clock_hz, Unit::hertz), text);
}

std::string memory_text(const core::MemoryDescription& memory) {
  return fmt::format("{} x {}, {}, {}, idle read {}, level {}", memory.stacks, memory.standard,
                     binary_size(core::capacity_bytes(memory)),
                     bandwidth(core::peak_bytes_per_second(memory)), time(core::idle_latency_ps(memory)),
                     core::enum_name(memory.level));
}

// From the published 7 nm components; PHYs and bumps of the links that the chiplet really has.
std::string area_text(const core::PackageLayout& package, const core::NodeInstance& node,
                      const std::vector<std::pair<unsigned, unsigned>>& links) {
  core::ChipletArea area = core::hydra_chiplet_area(*node.type, 0, 0);
  unsigned count = 0;
  for (const auto& [from, to] : links) {
    if (from != node.node) continue;
    const double rate = link_bytes_per_second(package.description->noi, from, to);
    const core::ChipletArea link = core::hydra_chiplet_area(core::NodeTypeDescription{}, 1, rate);
    area.d2d_phy += link.d2d_phy;
    area.bumps += link.bumps;
    ++count;
  }
  return fmt::format(
      "about {:.1f} mm2 in 7 nm with {} links ({:.1f} if the 40 % overhead is a share of the whole)",
      area.overhead_added({}), count, area.overhead_share({}));
}

// Node types in the order of first use, with how often each stands in the package.
std::string nodes_text(const core::PlatformDescription& platform, const core::PackageLayout& package) {
  std::string text;
  const auto links = noi_links(package.description->noi);
  for (const auto& [name, type] : platform.node_types) {
    std::vector<const core::NodeInstance*> instances;
    for (const core::NodeInstance& node : package.nodes) {
      if (node.type == &type) instances.push_back(&node);
    }
    if (instances.empty()) continue;
    text += fmt::format("    {} x {}: {}\n", instances.size(), name,
                        type.memory ? memory_text(*type.memory) : arrays_text(type));
    if (type.memory) continue;
    std::map<std::string, size_t> areas;
    for (const core::NodeInstance* node : instances) ++areas[area_text(package, *node, links)];
    for (const auto& [area, count] : areas) text += fmt::format("      {} of them: {}\n", count, area);
  }
  if (!package.link_ports.empty())
    text += fmt::format("    {} x port of the inter-package link\n", package.link_ports.size());
  return text;
}

std::string package_text(const core::PlatformDescription& platform, const core::PackageLayout& package) {
  const core::PackageDescription& description = *package.description;
  const core::NoiDescription& noi = description.noi;
  std::string text = fmt::format("  {} (role {})\n", package.name, core::enum_name(description.role));
  text += fmt::format("    interposer network: {} x {} nodes, links {} each way, routing {}, level {}\n",
                      noi.columns, noi.rows, bandwidth(noi.link.bandwidth), core::enum_name(noi.routing),
                      core::enum_name(noi.level));
  text += interposer_plan(package);
  text += nodes_text(platform, package);
  text += fmt::format("    driver: {}, interrupt latency {}\n", core::enum_name(description.driver.kind),
                      time(description.driver.interrupt_latency_ps));
  text += fmt::format("    memory: {}, {}\n", binary_size(package.memory_bytes()),
                      bandwidth(package.peak_memory_bytes_per_second()));
  // A multiply-accumulate counts as two floating-point operations.
  const auto peak = [](double macs) { return fmt::format("{:.4g} MAC/s ({:.4g} FLOP/s)", macs, 2 * macs); };
  if (package.peak_systolic_macs_per_second() > 0)
    text +=
        fmt::format("    peak of the systolic arrays: {}\n", peak(package.peak_systolic_macs_per_second()));
  if (package.peak_vector_macs_per_second() > 0)
    text +=
        fmt::format("    peak of the vector-unit arrays: {}\n", peak(package.peak_vector_macs_per_second()));
  return text;
}

std::string range_text(uint64_t base, uint64_t bytes, const std::string& what) {
  return fmt::format("    {:#018x} - {:#018x}  {}\n", base, base + bytes - 1, what);
}

std::string address_map_text(const core::PackageLayout& package) {
  constexpr uint64_t window = 1ull << 44;
  std::string text = fmt::format("  {}\n", package.name);
  for (const core::NodeInstance& node : package.memory) {
    const uint64_t bytes = core::capacity_bytes(*node.type->memory);
    text += range_text(core::AddressMap::memory_base(package.index, node.ordinal), bytes,
                       fmt::format("{} {}", node.name, binary_size(bytes)));
  }
  const auto last = static_cast<unsigned>(package.compute.size() - 1);
  text += range_text(
      core::AddressMap::chiplet_base(package.index, 0), (last + 1) * window,
      fmt::format("data windows of {} to {}", package.compute.front().name, package.compute.back().name));
  text += range_text(core::AddressMap::interleaved_base(package.index, 0, 0), window,
                     fmt::format("all memory interleaved, {}", binary_size(package.memory_bytes())));
  text += range_text(core::AddressMap::control_base(package.index, 0), (last + 1) * window,
                     fmt::format("control registers of {} to {}", package.compute.front().name,
                                 package.compute.back().name));
  return text;
}

}  // namespace

std::string platform_summary(const PlatformFile& platform) {
  const auto packages = core::lay_out(platform);
  std::string text = platform.name;
  if (!platform.description.empty()) text += ": " + platform.description;
  text += "\npackages (S systolic, V vector units, X both, M memory, L link port)\n";
  for (const core::PackageLayout& package : packages) text += package_text(platform, package);
  if (platform.inter_package_link) {
    text += fmt::format("inter-package link: {} each way, {}\n",
                        bandwidth(platform.inter_package_link->bandwidth),
                        time(platform.inter_package_link->latency));
  }
  for (const auto& [name, module] : platform.modules) {
    text += fmt::format("module {}: package {}, x {}, y {}, {}\n", name, module.package, module.x, module.y,
                        module.library.empty() ? "registered by the program" : module.library);
  }
  text += "address map\n";
  for (const core::PackageLayout& package : packages) text += address_map_text(package);
  return text;
}

}  // namespace duet::platform
