// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/package_area.hpp"

#include <cmath>
#include <set>

namespace duet::platform {
namespace {

constexpr double hbm_die_mm = 11;
constexpr double memory_phy_die_mm = 4;  // *assumed*: holds interfaces, no DRAM

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

}  // namespace

unsigned die_to_die_links(const core::NodeInstance& node, const core::PackageLayout& package) {
  unsigned links = 0;
  for (const core::NodeInstance& other : package.nodes) {
    links += std::abs(other.x - node.x) + std::abs(other.y - node.y) == 1 ? 1 : 0;
  }
  return links;
}

PackageArea package_area(const core::PackageLayout& package) {
  const core::NodeInstance* largest = &package.compute.front();
  for (const core::NodeInstance& node : package.compute) {
    if (die_to_die_links(node, package) > die_to_die_links(*largest, package)) largest = &node;
  }
  const double rate = package.description->noi.link.bandwidth;
  PackageArea area;
  area.package = package.name;
  area.chiplets = static_cast<unsigned>(package.compute.size());
  area.links = die_to_die_links(*largest, package);
  area.scaled = chiplet_area(*largest->type, area.links, rate);
  area.one_link = chiplet_area(*largest->type, 1, rate);
  area.hydra = hydra_chiplet_area(*largest->type, area.links, rate);
  area.interposer_mm2 = interposer_area_mm2(grid_of(package));
  return area;
}

std::vector<PackageArea> package_areas(const std::vector<core::PackageLayout>& packages) {
  std::vector<PackageArea> areas;
  for (const core::PackageLayout& package : packages) {
    if (!package.compute.front().type->gpu) areas.push_back(package_area(package));
  }
  return areas;
}

}  // namespace duet::platform
