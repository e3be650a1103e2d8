// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "duet/core/platform_description.hpp"

namespace duet::core {

enum class NodeKind { compute, memory, link_port };

/// One node of a package's grid.
struct NodeInstance {
  unsigned node = 0;  ///< y * columns + x, the id in the NoI
  int x = 0;
  int y = 0;
  NodeKind kind = NodeKind::compute;
  unsigned ordinal = 0;                       ///< index among the package's nodes of the same kind
  std::string name;                           ///< "chiplet_x1_y0", "memory_x0_y0", "port_x0_y4"
  const NodeTypeDescription* type = nullptr;  ///< null for a link port
};

/// A package with its placements laid out; ordinals rise with y, then x.
struct PackageLayout {
  std::string name;
  unsigned index = 0;
  const PackageDescription* description = nullptr;
  std::vector<NodeInstance> nodes;  ///< in the order of node ids
  std::vector<NodeInstance> compute;
  std::vector<NodeInstance> memory;
  std::vector<NodeInstance> link_ports;

  [[nodiscard]] double peak_memory_bytes_per_second() const;
  [[nodiscard]] uint64_t memory_bytes() const;
  /// Peak multiply-accumulates per second of all systolic arrays and tensor cores, and of all vector-unit
  /// arrays.
  [[nodiscard]] double peak_systolic_macs_per_second() const;
  [[nodiscard]] double peak_vector_macs_per_second() const;
};

/// Lays out every package, in the order of their names. Throws UserError when a placement leaves the
/// grid, overlaps another, names an unknown type, when a type is neither or both compute and memory,
/// when a package lacks either, or when link ports do not pair up. The description must outlive the result.
std::vector<PackageLayout> lay_out(const PlatformDescription& platform);

}  // namespace duet::core
