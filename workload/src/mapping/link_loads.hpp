// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/address_map.hpp"
#include "duet/core/platform_layout.hpp"

namespace duet::workload {

/// Bytes that each link of a package's NoI carries, per byte that every chiplet moves in the same pattern:
/// the mapper's estimate of which link holds a stage up. Routes are the network's, but dimension-ordered,
/// x first, where those are adaptive or by table; every link has the rate of the description's `link`.
class LinkLoads {
 public:
  explicit LinkLoads(const core::PackageLayout& package);

  /// Bytes that go from one node to another, or to several by multicast, over each link of the tree once.
  void add(unsigned from, const std::vector<unsigned>& to, double bytes);
  /// The longest way of a sum: links, and nodes where something is added.
  struct Depth {
    unsigned hops = 0;
    unsigned adders = 0;
  };
  /// Summands of `bytes` that go from nodes to one of them and are added where their ways meet: over each
  /// link of the tree once.
  Depth add_sum(const std::vector<unsigned>& from, unsigned to, double bytes);
  /// `bytes` for each chiplet, from its near slots or (back = true) to them.
  void add_near(const core::AddressMap& map, double bytes, bool back);
  /// `factor` times the loads of another pattern of the same package.
  void add(const LinkLoads& other, double factor);

  /// Seconds that the busiest link or local port needs.
  [[nodiscard]] double seconds() const;

 private:
  /// The link that a packet takes next, and where it then is.
  size_t step(unsigned& at, unsigned target, bool y_first) const;

  const core::PackageLayout* package_;
  unsigned columns_;
  std::vector<double> links_;   // [node][direction]
  std::vector<double> inject_;  // [node]
  std::vector<double> eject_;
};

}  // namespace duet::workload
