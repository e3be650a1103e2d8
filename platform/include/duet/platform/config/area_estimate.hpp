// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "duet/core/chiplet_description.hpp"

namespace duet::platform {

/// Silicon of a compute chiplet in 7 nm, mm2, before the 40 % for controllers, routing and overhead.
/// Components of the DUET paper's follow-up artefact (HYDRA, CASES 2026), see duet.md section 4,
/// scaled linearly from the two published shapes: arrays with PEs or lanes, SRAM with bytes, SFUs with
/// units, PHYs and bumps with the rate of each link that the chiplet has. *Assumed*: the SRAM of
/// a kind of array keeps its area per byte at other bandwidths.
struct AreaEstimate {
  double arrays = 0;
  double sram = 0;
  double sfu = 0;
  double links = 0;  ///< PHYs and micro-bumps

  [[nodiscard]] double components() const { return arrays + sram + sfu + links; }
  /// Overhead added to the components: x 1.4.
  [[nodiscard]] double overhead_added() const { return components() * 1.4; }
  /// Overhead as a share of the whole: / 0.6. The paper's "40 % additional area" can mean either.
  [[nodiscard]] double overhead_share() const { return components() / 0.6; }
};

/// `link_bytes_per_second` has the rate of each of the chiplet's links to its neighbours.
AreaEstimate estimate_area(const core::NodeTypeDescription& type,
                           const std::vector<double>& link_bytes_per_second);

}  // namespace duet::platform
