// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/core/area_model.hpp"
#include "duet/core/platform_layout.hpp"

namespace duet::platform {

inline constexpr double chiplet_limit_mm2 = 121;      ///< the footprint of an HBM stack (paper)
inline constexpr double interposer_limit_mm2 = 3000;  ///< 2700 to 3000 (paper)

/// Area of a package's compute chiplet with most links, and of its interposer.
struct PackageArea {
  std::string package;
  unsigned chiplets = 0;
  unsigned links = 0;          ///< of that chiplet
  core::ChipletArea scaled;    ///< the paper's component areas scaled to 7 nm
  core::ChipletArea one_link;  ///< the same with one link, as the paper's section 4 counts PHYs
  core::ChipletArea hydra;     ///< from HYDRA's 7 nm components
  double interposer_mm2 = 0;

  /// From HYDRA's components x (1 + overhead).
  [[nodiscard]] double chiplet_mm2() const { return hydra.overhead_added({}); }
};

/// Mesh neighbours of a node that are nodes too: its die-to-die links.
unsigned die_to_die_links(const core::NodeInstance& node, const core::PackageLayout& package);

PackageArea package_area(const core::PackageLayout& package);

/// Every package whose compute nodes are chiplets; a GPU's die is not of these components.
std::vector<PackageArea> package_areas(const std::vector<core::PackageLayout>& packages);

}  // namespace duet::platform
