// SPDX-License-Identifier: Apache-2.0
#include "duet/core/platform_layout.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

double peak_macs(double units, unsigned mac_interval_cycles, double clock_hz) {
  return units * clock_hz / mac_interval_cycles;
}

std::string path_of(const PackageLayout& package, size_t placement) {
  return fmt::format("packages.{}.nodes[{}]", package.name, placement);
}

NodeInstance make_node(const PlatformDescription& platform, const PackageLayout& package, size_t placement,
                       int x, int y) {
  const PlacementDescription& description = package.description->nodes[placement];
  NodeInstance node;
  node.x = x;
  node.y = y;
  node.node = static_cast<unsigned>(y) * static_cast<unsigned>(package.description->noi.columns) +
              static_cast<unsigned>(x);
  if (description.type == link_port_type) {
    node.kind = NodeKind::link_port;
    node.name = fmt::format("port_x{}_y{}", x, y);
    return node;
  }
  const auto type = platform.node_types.find(description.type);
  if (type == platform.node_types.end()) {
    std::string known;
    for (const auto& [name, unused] : platform.node_types) known += (known.empty() ? "" : ", ") + name;
    throw UserError(fmt::format("{}.type: found '{}', allowed {}, {}", path_of(package, placement),
                                description.type, known, link_port_type));
  }
  node.type = &type->second;
  const bool gpu_and_arrays = node.type->gpu && (node.type->systolic || node.type->vector);
  if (gpu_and_arrays || node.type->is_compute() == node.type->memory.has_value()) {
    throw UserError(
        fmt::format("node_types.{}: found {}, allowed systolic and/or vector, gpu alone, or memory alone",
                    description.type,
                    gpu_and_arrays            ? "gpu and arrays"
                    : node.type->is_compute() ? "arrays and memory"
                                              : "neither"));
  }
  node.kind = node.type->is_compute() ? NodeKind::compute : NodeKind::memory;
  node.name = fmt::format("{}_x{}_y{}", node.kind == NodeKind::compute ? "chiplet" : "memory", x, y);
  return node;
}

void place(const PlatformDescription& platform, PackageLayout& package) {
  const NoiDescription& noi = package.description->noi;
  for (size_t i = 0; i < package.description->nodes.size(); ++i) {
    const PlacementDescription& placement = package.description->nodes[i];
    if (placement.x.last >= static_cast<int>(noi.columns) || placement.y.last >= static_cast<int>(noi.rows)) {
      throw UserError(fmt::format("{}: found position x {}, y {}, allowed a grid of {} columns x {} rows",
                                  path_of(package, i), TextCodec<IntRange>::format(placement.x),
                                  TextCodec<IntRange>::format(placement.y), noi.columns, noi.rows));
    }
    for (int y = placement.y.first; y <= placement.y.last; ++y) {
      for (int x = placement.x.first; x <= placement.x.last; ++x) {
        NodeInstance node = make_node(platform, package, i, x, y);
        const auto taken = std::ranges::find(package.nodes, node.node, &NodeInstance::node);
        if (taken != package.nodes.end()) {
          throw UserError(
              fmt::format("{}: found position x {}, y {} taken by {}, allowed one node per position",
                          path_of(package, i), x, y, taken->name));
        }
        package.nodes.push_back(std::move(node));
      }
    }
  }
  std::ranges::sort(package.nodes, {}, &NodeInstance::node);
}

void classify(PackageLayout& package) {
  for (NodeInstance& node : package.nodes) {
    auto& list = node.kind == NodeKind::compute  ? package.compute
                 : node.kind == NodeKind::memory ? package.memory
                                                 : package.link_ports;
    node.ordinal = static_cast<unsigned>(list.size());
    list.push_back(node);
  }
  if (package.compute.empty() || package.memory.empty()) {
    throw UserError(
        fmt::format("packages.{}.nodes: found no {} node, allowed at least one compute and one memory node",
                    package.name, package.compute.empty() ? "compute" : "memory"));
  }
  constexpr size_t most_chiplets = 64;  // width of the driver's chiplet masks
  if (package.compute.size() > most_chiplets) {
    throw UserError(fmt::format("packages.{}.nodes: found {} compute chiplets, allowed at most {}",
                                package.name, package.compute.size(), most_chiplets));
  }
}

using NamedPackage = std::pair<const std::string, PackageDescription>;

/// The packages in the order of their address windows.
std::vector<const NamedPackage*> in_order_of_windows(const PlatformDescription& platform) {
  std::vector<const NamedPackage*> order(platform.packages.size());
  for (const NamedPackage& package : platform.packages) {
    const unsigned window = package.second.address_window;
    if (window == 0) continue;
    if (window > order.size() || order[window - 1] != nullptr) {
      throw UserError(fmt::format(
          "packages.{}.address_window: found {}{}, allowed 1 to {}, each once", package.first, window,
          window > order.size() ? "" : " as for " + order[window - 1]->first, order.size()));
    }
    order[window - 1] = &package;
  }
  for (const NamedPackage& package : platform.packages) {
    if (package.second.address_window == 0) *std::ranges::find(order, nullptr) = &package;
  }
  return order;
}

void check_ports(const PlatformDescription& platform, const std::vector<PackageLayout>& packages) {
  if (!platform.inter_package_link) {
    for (const PackageLayout& package : packages) {
      if (!package.link_ports.empty())
        throw UserError(
            fmt::format("packages.{}.nodes: found {} {} nodes, allowed none where the platform has no {}",
                        package.name, package.link_ports.size(), link_port_type, link_port_type));
    }
    return;
  }
  if (packages.size() != 2 || packages[0].link_ports.empty() ||
      packages[0].link_ports.size() != packages[1].link_ports.size()) {
    throw UserError(
        fmt::format("inter_package_link: found {} packages with {} and {} ports, allowed two packages "
                    "with the same number of {} nodes, at least one",
                    packages.size(), packages[0].link_ports.size(),
                    packages.size() > 1 ? packages[1].link_ports.size() : 0, link_port_type));
  }
}

}  // namespace

double PackageLayout::peak_memory_bytes_per_second() const {
  double sum = 0;
  for (const auto& node : memory) sum += core::peak_bytes_per_second(*node.type->memory);
  return sum;
}

uint64_t PackageLayout::memory_bytes() const {
  uint64_t sum = 0;
  for (const auto& node : memory) sum += capacity_bytes(*node.type->memory);
  return sum;
}

double PackageLayout::peak_systolic_macs_per_second() const {
  double sum = 0;
  for (const auto& node : compute) {
    if (const auto& gpu = node.type->gpu) {
      sum += peak_macs(static_cast<double>(gpu->multiprocessors) * gpu->tensor_macs_per_cycle, 1,
                       node.type->clock_hz);
    }
    if (!node.type->systolic) continue;
    const auto& array = *node.type->systolic;
    sum += peak_macs(static_cast<double>(array.count) * array.rows * array.columns,
                     static_cast<unsigned>(array.mac_interval_cycles), node.type->clock_hz);
  }
  return sum;
}

double PackageLayout::peak_vector_macs_per_second() const {
  double sum = 0;
  for (const auto& node : compute) {
    if (!node.type->vector) continue;
    const auto& array = *node.type->vector;
    sum += peak_macs(static_cast<double>(array.count) * array.rows * array.columns * array.lanes,
                     static_cast<unsigned>(array.mac_interval_cycles), node.type->clock_hz);
  }
  return sum;
}

std::vector<PackageLayout> lay_out(const PlatformDescription& platform) {
  std::vector<PackageLayout> packages;
  for (const NamedPackage* described : in_order_of_windows(platform)) {
    PackageLayout package;
    package.name = described->first;
    package.index = static_cast<unsigned>(packages.size());
    package.description = &described->second;
    place(platform, package);
    classify(package);
    packages.push_back(std::move(package));
  }
  if (packages.empty()) throw UserError("packages: found none, allowed at least one package");
  check_ports(platform, packages);
  return packages;
}

}  // namespace duet::core
