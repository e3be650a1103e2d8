// SPDX-License-Identifier: Apache-2.0
#include "duet/core/noi_description.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "duet/core/error.hpp"

namespace duet::core {
namespace {

bool neighbours(const NoiDescription& noi, unsigned a, unsigned b) {
  const int dx = std::abs(int(a % noi.columns) - int(b % noi.columns));
  const int dy = std::abs(int(a / noi.columns) - int(b / noi.columns));
  return dx + dy == 1;
}

void check_node(const NoiDescription& noi, const std::string& key, unsigned node) {
  const unsigned nodes = noi.columns * noi.rows;
  if (node >= nodes) {
    throw UserError(fmt::format("{}: found node {}, allowed 0 to {} ({} x {})", key, node, nodes - 1,
                                noi.columns, noi.rows));
  }
}

template <class Pair>
void check_pairs(const NoiDescription& noi, std::string_view list, const std::vector<Pair>& pairs,
                 bool must_be_neighbours) {
  std::set<std::pair<unsigned, unsigned>> seen;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const std::string key = fmt::format("{}[{}]", list, i);
    const auto& pair = pairs[i];
    check_node(noi, key + ".from", pair.from);
    check_node(noi, key + ".to", pair.to);
    if (must_be_neighbours != neighbours(noi, pair.from, pair.to) || pair.from == pair.to) {
      throw UserError(fmt::format("{}: found {} -> {}, allowed two nodes that are {}neighbours in the mesh",
                                  key, pair.from, pair.to, must_be_neighbours ? "" : "no "));
    }
    bool fresh = seen.emplace(pair.from, pair.to).second;
    if (pair.both_ways) fresh = seen.emplace(pair.to, pair.from).second && fresh;
    if (!fresh) {
      throw UserError(fmt::format("{}: found {} -> {} a second time, allowed once", key, pair.from, pair.to));
    }
  }
}

template <class Pairs>
bool names(const Pairs& pairs, unsigned from, unsigned to) {
  return std::ranges::any_of(pairs, [&](const auto& pair) {
    return (pair.from == from && pair.to == to) || (pair.both_ways && pair.from == to && pair.to == from);
  });
}

bool has_link(const NoiDescription& noi, unsigned from, unsigned to) {
  return (neighbours(noi, from, to) && !names(noi.missing_links, from, to)) ||
         names(noi.extra_links, from, to);
}

// What changes a link that nobody has would silently change nothing.
template <class Change>
void check_change(const NoiDescription& noi, const std::string& key, const Change& change) {
  check_node(noi, key + ".from", change.from);
  check_node(noi, key + ".to", change.to);
  if (!has_link(noi, change.from, change.to) ||
      (change.both_ways && !has_link(noi, change.to, change.from))) {
    throw UserError(fmt::format("{}: found {} -> {}{}, allowed a link of the mesh or of extra_links", key,
                                change.from, change.to, change.both_ways ? ", both ways" : ""));
  }
}

}  // namespace

void validate(const NoiDescription& noi) {
  check_pairs(noi, "missing_links", noi.missing_links, true);
  check_pairs(noi, "extra_links", noi.extra_links, false);
  if (!noi.extra_links.empty() && noi.routing != NoiRouting::table) {
    throw UserError(
        fmt::format("routing: found '{}' with extra_links, allowed 'table'", enum_name(noi.routing)));
  }
  if (noi.routing == NoiRouting::o1turn && noi.level == NoiLevel::flit && noi.vcs < 2) {
    throw UserError(fmt::format(
        "vcs: found {} with routing 'o1turn' at level 'flit', allowed at least 2, one for each order",
        noi.vcs));
  }
  for (size_t i = 0; i < noi.links.size(); ++i) {
    check_change(noi, fmt::format("links[{}]", i), noi.links[i]);
  }
  for (size_t i = 0; i < noi.faults.size(); ++i) {
    check_change(noi, fmt::format("faults[{}]", i), noi.faults[i]);
  }
}

bool goes_y_first(const NoiDescription& noi, unsigned from, unsigned to) {
  if (noi.routing == NoiRouting::o1turn) return (from % noi.columns + to % noi.columns) % 2 == 1;
  return noi.routing == NoiRouting::yx;
}

bool tree_goes_y_first(const NoiDescription& noi, unsigned root) {
  if (noi.routing == NoiRouting::o1turn) return (root % noi.columns + root / noi.columns) % 2 == 1;
  return noi.routing == NoiRouting::yx;
}

}  // namespace duet::core
