// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/area_estimate.hpp"

namespace duet::platform {
namespace {

// One published array with what belongs to it, mm2 in 7 nm.
struct ReferenceArray {
  double units;  // PEs or lanes
  double array_mm2;
  double sram_mm2;  // of 1 MiB
  double sfu_units;
  double sfu_mm2;
};

constexpr ReferenceArray systolic{64 * 32, 0.0992, 0.2174, 64, 0.0295};
constexpr ReferenceArray vector_units{16 * 8 * 32, 0.260, 0.184, 256, 0.117};
constexpr double reference_sram_bytes = 1 << 20;

// PHY and bumps of one link at the two published rates.
constexpr double slow_bytes_per_second = 256e9;
constexpr double slow_mm2 = 0.588 + 0.476;
constexpr double fast_bytes_per_second = 1024e9;
constexpr double fast_mm2 = 2.2465 + 1.904;

// Straight lines through no link, the slow one and the fast one.
double link_mm2(double bytes_per_second) {
  if (bytes_per_second <= slow_bytes_per_second) return bytes_per_second / slow_bytes_per_second * slow_mm2;
  const double slope = (fast_mm2 - slow_mm2) / (fast_bytes_per_second - slow_bytes_per_second);
  return slow_mm2 + (bytes_per_second - slow_bytes_per_second) * slope;
}

void add_arrays(AreaEstimate& area, const ReferenceArray& reference, double count, double units,
                uint64_t sram_bytes, unsigned sfu_units) {
  area.arrays += count * units / reference.units * reference.array_mm2;
  area.sram += count * static_cast<double>(sram_bytes) / reference_sram_bytes * reference.sram_mm2;
  area.sfu += count * sfu_units / reference.sfu_units * reference.sfu_mm2;
}

}  // namespace

AreaEstimate estimate_area(const core::NodeTypeDescription& type,
                           const std::vector<double>& link_bytes_per_second) {
  AreaEstimate area;
  if (type.systolic) {
    const auto& array = *type.systolic;
    add_arrays(area, systolic, array.count, double(array.rows) * array.columns, array.sram_bytes,
               array.sfu.units);
  }
  if (type.vector) {
    const auto& array = *type.vector;
    add_arrays(area, vector_units, array.count, double(array.rows) * array.columns * array.lanes,
               array.sram_bytes, array.sfu.units);
  }
  for (const double rate : link_bytes_per_second) area.links += link_mm2(rate);
  return area;
}

}  // namespace duet::platform
