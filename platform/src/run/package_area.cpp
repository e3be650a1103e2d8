// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/package_area.hpp"

#include <cmath>
#include <set>

#include "duet/core/technology.hpp"

namespace duet::platform {
namespace {

constexpr double hbm_die_mm = 11;
constexpr double memory_phy_die_mm = 4;  // *assumed*: holds interfaces, no DRAM

/// Neighbours of a node in the mesh that are nodes too.
unsigned links_of(const core::NodeInstance& node, const core::PackageLayout& package) {
  unsigned links = 0;
  for (const core::NodeInstance& other : package.nodes) {
    links += std::abs(other.x - node.x) + std::abs(other.y - node.y) == 1 ? 1 : 0;
  }
  return links;
}

/// Power of all arrays of a chiplet when every PE or lane works in every cycle, W.
double array_power_w(const core::NodeTypeDescription& type, const core::EnergyTable& table) {
  double pj_per_cycle = 0;
  if (const auto& array = type.systolic) {
    pj_per_cycle += table.systolic_pe_pj * array->count * array->rows * array->columns;
  }
  if (const auto& array = type.vector) {
    pj_per_cycle += table.vector_lane_pj * array->count * array->rows * array->columns * array->lanes;
  }
  return pj_per_cycle * 1e-12 * type.clock_hz;
}

core::InterposerGrid grid_of(const core::PackageLayout& package) {
  std::set<int> compute_x, compute_y, all_x, all_y;
  core::InterposerGrid grid;
  grid.memory_die_mm = memory_phy_die_mm;
  for (const core::NodeInstance& node : package.compute) {
    compute_x.insert(node.x);
    compute_y.insert(node.y);
  }
  all_x = compute_x;
  all_y = compute_y;
  for (const core::NodeInstance& node : package.memory) {
    all_x.insert(node.x);
    all_y.insert(node.y);
    if (node.type->memory->standard.starts_with("hbm")) grid.memory_die_mm = hbm_die_mm;
  }
  grid.compute_columns = static_cast<unsigned>(compute_x.size());
  grid.compute_rows = static_cast<unsigned>(compute_y.size());
  grid.memory_columns = static_cast<unsigned>(all_x.size() - compute_x.size());
  grid.memory_rows = static_cast<unsigned>(all_y.size() - compute_y.size());
  return grid;
}

PackageArea package_area(const core::PackageLayout& package) {
  const core::AreaTable table;
  const core::NodeInstance* largest = &package.compute.front();
  for (const core::NodeInstance& node : package.compute) {
    if (links_of(node, package) > links_of(*largest, package)) largest = &node;
  }
  const double rate = package.description->noi.link.bandwidth;
  PackageArea area;
  area.package = package.name;
  area.chiplets = package.compute.size();
  area.links = links_of(*largest, package);
  area.scaled = chiplet_area(*largest->type, area.links, rate, table);
  area.scaled_one_link = chiplet_area(*largest->type, 1, rate, table);
  area.hydra = hydra_chiplet_area(*largest->type, area.links, rate);
  area.interposer_mm2 = interposer_area_mm2(grid_of(package));
  area.array_power_28nm_w = array_power_w(*largest->type, {});
  return area;
}

}  // namespace

std::vector<PackageArea> package_areas(const std::vector<core::PackageLayout>& packages) {
  std::vector<PackageArea> areas;
  for (const core::PackageLayout& package : packages) {
    if (package.compute.front().type->gpu) {
      areas.push_back({});
      areas.back().package = package.name;
    } else {
      areas.push_back(package_area(package));
    }
  }
  return areas;
}

}  // namespace duet::platform
