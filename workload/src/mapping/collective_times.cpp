// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/collective_times.hpp"

#include <algorithm>

#include "link_loads.hpp"

namespace duet::workload {
namespace {

constexpr double ps = 1e-12;

/// Times of a way on an idle network, in seconds; see docs/models/noi.md.
struct Latencies {
  explicit Latencies(const core::NoiDescription& noi)
      : cycle(1 / noi.router_clock),
        router(cycle * (noi.routing_cycles + noi.vc_allocation_cycles + noi.switch_allocation_cycles +
                        noi.traversal_cycles)),
        link(ps *
             (static_cast<double>(noi.link.phy_latency) + noi.wire_delay_ps_per_mm * noi.link.wire_length)),
        adder(cycle * noi.adder_cycles) {}

  [[nodiscard]] double way(unsigned hops) const { return 2 * cycle + (hops + 1) * router + hops * link; }

  double cycle;
  double router;
  double link;
  double adder;
};

unsigned distance(const core::PackageLayout& package, unsigned a, unsigned b) {
  const unsigned columns = package.description->noi.columns;
  const auto apart = [](unsigned x, unsigned y) { return x < y ? y - x : x - y; };
  return apart(a % columns, b % columns) + apart(a / columns, b / columns);
}

}  // namespace

double all_gather_seconds(const core::PackageLayout& package, const std::vector<unsigned>& nodes,
                          std::uint64_t bytes) {
  LinkLoads loads(package);
  unsigned longest = 0;
  for (const unsigned from : nodes) {
    loads.add(from, nodes, static_cast<double>(bytes));
    for (const unsigned to : nodes) longest = std::max(longest, distance(package, from, to));
  }
  return loads.seconds() + Latencies(package.description->noi).way(longest);
}

double reduce_scatter_seconds(const core::PackageLayout& package, const std::vector<unsigned>& nodes,
                              std::uint64_t bytes) {
  const core::NoiDescription& noi = package.description->noi;
  LinkLoads loads(package);
  unsigned deepest = 0;
  unsigned hops = 0;
  for (const unsigned root : nodes) {
    const LinkLoads::Depth depth = loads.add_sum(nodes, root, static_cast<double>(bytes));
    deepest = std::max(deepest, depth.adders);
    hops = std::max(hops, depth.hops);
  }
  // At each adder on the longest way a piece is stored, added and sent again.
  const Latencies latency(noi);
  const double piece =
      static_cast<double>(std::min<std::uint64_t>(bytes, noi.max_packet_bytes)) / noi.link.bandwidth;
  const double adder = 2 * latency.cycle + latency.router + latency.adder + piece;
  return loads.seconds() + hops * (latency.router + latency.link) + deepest * adder;
}

}  // namespace duet::workload
