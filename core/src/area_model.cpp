// SPDX-License-Identifier: Apache-2.0
#include "duet/core/area_model.hpp"

#include <cmath>

namespace duet::core {

namespace {

constexpr double mb = 1 << 20;
constexpr double gbps = 1e9;

double sram_mm2(double bytes, double bytes_per_second, const AreaTable& table) {
  return table.sram_mm2_per_mb * bytes / mb + table.sram_port_mm2_per_gbps * bytes_per_second / gbps;
}

double pes(const SystolicArrayDescription& array) {
  return static_cast<double>(array.count) * array.rows * array.columns;
}

double lanes(const VectorArrayDescription& array) {
  return static_cast<double>(array.count) * array.rows * array.columns * array.lanes;
}

}  // namespace

ChipletArea chiplet_area(const NodeTypeDescription& node, unsigned links, double link_bytes_per_second,
                         const AreaTable& table) {
  const double logic = area_scale(table.logic_nm, table.target_nm);
  const double memory = area_scale(table.sram_nm, table.target_nm);
  const double phy = area_scale(table.phy_nm, table.target_nm);
  ChipletArea area;
  if (const auto& array = node.systolic) {
    area.arrays += logic * table.systolic_pe_mm2 * pes(*array);
    area.sfu += logic * table.sfu_unit_mm2 * array->count * array->sfu.units;
    area.sram += memory * array->count *
                 sram_mm2(static_cast<double>(array->sram_bytes), array->sram_bytes_per_second, table);
  }
  if (const auto& array = node.vector) {
    area.arrays += logic * table.vector_lane_mm2 * lanes(*array);
    area.sfu += logic * table.sfu_unit_mm2 * array->count * array->sfu.units;
    area.sram += memory * array->count *
                 sram_mm2(static_cast<double>(array->sram_bytes), array->sram_bytes_per_second, table);
  }
  area.d2d_phy = phy * table.phy_mm2 * links * std::ceil(link_bytes_per_second / table.phy_bytes_per_second);
  area.bumps = table.bump_mm2_per_gbps * links * link_bytes_per_second / gbps;
  return area;
}

ChipletArea hydra_chiplet_area(const NodeTypeDescription& node, unsigned links,
                               double link_bytes_per_second) {
  constexpr double systolic_mm2 = 0.0992, systolic_sram_mm2 = 0.2174, systolic_sfu_mm2 = 0.0295;
  constexpr double vector_mm2 = 0.260, vector_sram_mm2 = 0.184, vector_sfu_mm2 = 0.117;
  // Through 0.588 mm2 at 256 GB/s and 2.2465 mm2 at 1024 GB/s.
  constexpr double link_mm2_per_gbps = (2.2465 - 0.588) / (1024 - 256);
  constexpr double link_mm2 = 0.588 - 256 * link_mm2_per_gbps;
  constexpr double bump_mm2_per_gbps = 0.476 / 256;
  ChipletArea area;
  if (const auto& array = node.systolic) {
    area.arrays += systolic_mm2 * pes(*array) / (64 * 32);
    area.sram += systolic_sram_mm2 * array->count * static_cast<double>(array->sram_bytes) / mb;
    area.sfu += systolic_sfu_mm2 * array->count * array->sfu.units / 64;
  }
  if (const auto& array = node.vector) {
    area.arrays += vector_mm2 * lanes(*array) / (16 * 8 * 32);
    area.sram += vector_sram_mm2 * array->count * static_cast<double>(array->sram_bytes) / mb;
    area.sfu += vector_sfu_mm2 * array->count * array->sfu.units / 256;
  }
  area.d2d_phy = links * (link_mm2 + link_mm2_per_gbps * link_bytes_per_second / gbps);
  area.bumps = links * bump_mm2_per_gbps * link_bytes_per_second / gbps;
  return area;
}

double interposer_area_mm2(const InterposerGrid& grid) {
  const auto extent = [&](unsigned compute, unsigned memory) {
    const unsigned dies = compute + memory;
    return compute * grid.compute_die_mm + memory * grid.memory_die_mm + (dies - 1) * grid.spacing_mm +
           2 * grid.margin_mm;
  };
  return extent(grid.compute_columns, grid.memory_columns) * extent(grid.compute_rows, grid.memory_rows);
}

}  // namespace duet::core
