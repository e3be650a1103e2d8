// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/chiplet_description.hpp"
#include "duet/core/technology.hpp"

namespace duet::core {

/// Die area of a compute chiplet by component, in mm2, at the table's target node.
struct ChipletArea {
  double arrays = 0;
  double sram = 0;
  double sfu = 0;
  double d2d_phy = 0;
  double bumps = 0;

  [[nodiscard]] double components() const { return arrays + sram + sfu + d2d_phy + bumps; }
  /// "40 % additional area": components x (1 + overhead).
  [[nodiscard]] double overhead_added(const AreaTable& table) const {
    return components() * (1 + table.overhead);
  }
  /// The other reading: 40 % of the die are overhead, components / (1 - overhead).
  [[nodiscard]] double overhead_share(const AreaTable& table) const {
    return components() / (1 - table.overhead);
  }
};

/// Area of `node`'s arrays with their SRAM and SFU, and of `links` D2D links of `link_bytes_per_second`
/// each, scaled to the target node. PHYs come in whole units.
ChipletArea chiplet_area(const NodeTypeDescription& node, unsigned links, double link_bytes_per_second,
                         const AreaTable& table = {});

/// The same from the 7 nm components of the HYDRA artefact (duet.md section 4): arrays of 64 x 32 PEs or
/// 16 x 8 units, 1 MB of SRAM each, scaled linearly with PEs, lanes, capacity and link rate.
ChipletArea hydra_chiplet_area(const NodeTypeDescription& node, unsigned links, double link_bytes_per_second);

/// A grid of dies on an interposer; a row is as high and a column as wide as its largest die.
struct InterposerGrid {
  unsigned compute_columns = 4;
  unsigned compute_rows = 4;
  double compute_die_mm = 11.0;  ///< side of a square chiplet: 121 mm2
  unsigned memory_columns = 2;   ///< columns of memory dies beside the compute dies
  unsigned memory_rows = 1;      ///< rows of memory dies above or below
  double memory_die_mm = 11.0;   ///< extent of a memory die across its column or row; 4 *assumed* for a
                                 ///< memory-PHY chiplet with two GDDR7 interfaces
  double spacing_mm = 0.5;       ///< between dies; *assumed*
  double margin_mm = 0.5;        ///< around all; *assumed*
};
double interposer_area_mm2(const InterposerGrid& grid);

}  // namespace duet::core
