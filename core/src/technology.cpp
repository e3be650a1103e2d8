// SPDX-License-Identifier: Apache-2.0
#include "duet/core/technology.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "duet/core/error.hpp"

namespace duet::core {

namespace {

struct Node {
  double nm;
  double transistors_per_um2;
};

constexpr std::array<Node, 6> nodes{{{45, 3.3}, {32, 7.5}, {22, 15.3}, {14, 37.5}, {10, 100.8}, {7, 201.6}}};

double density(double nm) {
  if (nm > nodes.front().nm || nm < nodes.back().nm) {
    throw UserError(fmt::format("technology node: found {} nm, allowed are {} to {} nm", nm, nodes.back().nm,
                                nodes.front().nm));
  }
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (nm < nodes[i].nm) continue;
    const Node& above = nodes[i - 1];
    const Node& below = nodes[i];
    const double exponent =
        std::log(below.transistors_per_um2 / above.transistors_per_um2) / std::log(above.nm / below.nm);
    return above.transistors_per_um2 * std::pow(above.nm / nm, exponent);
  }
  return nodes.back().transistors_per_um2;
}

}  // namespace

double area_scale(double from_nm, double to_nm) {
  return density(from_nm) / density(to_nm);
}

}  // namespace duet::core
