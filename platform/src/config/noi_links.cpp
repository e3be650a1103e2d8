// SPDX-License-Identifier: Apache-2.0
#include "noi_links.hpp"

#include <algorithm>

namespace duet::platform {
namespace {

using Link = std::pair<unsigned, unsigned>;

template <class Pair>
bool names(const Pair& pair, const Link& link) {
  return Link{pair.from, pair.to} == link || (pair.both_ways && Link{pair.to, pair.from} == link);
}

}  // namespace

std::vector<Link> noi_links(const core::NoiDescription& noi) {
  std::vector<Link> links;
  const auto add_both = [&](unsigned a, unsigned b) {
    links.emplace_back(a, b);
    links.emplace_back(b, a);
  };
  for (unsigned y = 0; y < noi.rows; ++y) {
    for (unsigned x = 0; x < noi.columns; ++x) {
      const unsigned node = y * noi.columns + x;
      if (x + 1 < noi.columns) add_both(node, node + 1);
      if (y + 1 < noi.rows) add_both(node, node + noi.columns);
    }
  }
  std::erase_if(links, [&](const Link& link) {
    return std::ranges::any_of(noi.missing_links, [&](const auto& pair) { return names(pair, link); });
  });
  for (const core::NoiNodePair& pair : noi.extra_links) {
    links.emplace_back(pair.from, pair.to);
    if (pair.both_ways) links.emplace_back(pair.to, pair.from);
  }
  return links;
}

std::vector<bool> nodes_reached(const core::NoiDescription& noi, unsigned start) {
  const std::vector<Link> links = noi_links(noi);
  std::vector<bool> reached(size_t{noi.columns} * noi.rows);
  std::vector<unsigned> frontier{start};
  reached[start] = true;
  while (!frontier.empty()) {
    const unsigned node = frontier.back();
    frontier.pop_back();
    for (const auto& [from, to] : links) {
      if (from != node || reached[to]) continue;
      reached[to] = true;
      frontier.push_back(to);
    }
  }
  return reached;
}

double link_bytes_per_second(const core::NoiDescription& noi, unsigned from, unsigned to) {
  double rate = noi.link.bandwidth;
  for (const core::NoiLinkOverride& changed : noi.links) {
    if (changed.bandwidth && names(changed, {from, to})) rate = *changed.bandwidth;
  }
  return rate;
}

}  // namespace duet::platform
