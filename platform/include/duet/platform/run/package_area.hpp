// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "duet/core/area_model.hpp"
#include "duet/core/platform_layout.hpp"

namespace duet::platform {

/// Area of a package's compute chiplet with most D2D links, and of its interposer.
struct PackageArea {
  std::string package;
  std::size_t chiplets = 0;           ///< 0 for GPUs, whose dies are not of these components
  unsigned links = 0;                 ///< of that chiplet: its neighbours in the mesh
  core::ChipletArea scaled;           ///< from the synthesis, scaled to 7 nm
  core::ChipletArea scaled_one_link;  ///< the same with one link, as the paper counts PHYs
  core::ChipletArea hydra;            ///< from the 7 nm components of the HYDRA artefact
  double chiplet_limit_mm2 = 121;     ///< the footprint of an HBM stack (duet.md section 1)
  double interposer_mm2 = 0;
  double interposer_limit_mm2 = 3000;  ///< 2700 to 3000 (duet.md section 4)
  double array_power_28nm_w = 0;       ///< of one chiplet with every PE or lane busy in every cycle
};

std::vector<PackageArea> package_areas(const std::vector<core::PackageLayout>& packages);

}  // namespace duet::platform
