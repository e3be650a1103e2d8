// SPDX-License-Identifier: Apache-2.0
#include "duet/core/noi_description.hpp"

#include <fmt/format.h>

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

}  // namespace

void validate(const NoiDescription& noi) {
  check_pairs(noi, "missing_links", noi.missing_links, true);
  check_pairs(noi, "extra_links", noi.extra_links, false);
  if (!noi.extra_links.empty() && noi.routing != NoiRouting::table) {
    throw UserError(
        fmt::format("routing: found '{}' with extra_links, allowed 'table'", enum_name(noi.routing)));
  }
  for (size_t i = 0; i < noi.links.size(); ++i) {
    check_node(noi, fmt::format("links[{}].from", i), noi.links[i].from);
    check_node(noi, fmt::format("links[{}].to", i), noi.links[i].to);
  }
  for (size_t i = 0; i < noi.faults.size(); ++i) {
    check_node(noi, fmt::format("faults[{}].from", i), noi.faults[i].from);
    check_node(noi, fmt::format("faults[{}].to", i), noi.faults[i].to);
  }
}

}  // namespace duet::core
