// SPDX-License-Identifier: Apache-2.0
#include "link_loads.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace duet::workload {
namespace {

enum Direction : unsigned { east, west, south, north, directions };

}  // namespace

LinkLoads::LinkLoads(const core::PackageLayout& package)
    : package_(&package), columns_(static_cast<unsigned>(package.description->noi.columns)) {
  const auto nodes = static_cast<size_t>(columns_) * package.description->noi.rows;
  links_.resize(nodes * directions);
  inject_.resize(nodes);
  eject_.resize(nodes);
}

void LinkLoads::add(unsigned from, const std::vector<unsigned>& to, double bytes) {
  const core::NoiDescription& noi = package_->description->noi;
  std::set<size_t> tree;
  for (const unsigned target : to) {
    if (target == from) continue;
    eject_[target] += bytes;
    const bool y_first =
        to.size() > 1 ? core::tree_goes_y_first(noi, from) : core::goes_y_first(noi, from, target);
    for (unsigned at = from; at != target;) tree.insert(step(at, target, y_first));
  }
  if (!tree.empty()) inject_[from] += bytes;
  for (const size_t link : tree) links_[link] += bytes;
}

size_t LinkLoads::step(unsigned& at, unsigned target, bool y_first) const {
  const unsigned here = at;
  const unsigned x = at % columns_;
  const unsigned goal_x = target % columns_;
  Direction way = x < goal_x ? east : west;
  const bool along_y = y_first ? at / columns_ != target / columns_ : x == goal_x;
  if (along_y) way = at < target ? south : north;
  at = way == east ? at + 1 : way == west ? at - 1 : way == south ? at + columns_ : at - columns_;
  return size_t{here} * directions + way;
}

LinkLoads::Depth LinkLoads::add_sum(const std::vector<unsigned>& from, unsigned to, double bytes) {
  const bool y_first = core::tree_goes_y_first(package_->description->noi, to);
  std::set<size_t> tree;
  std::map<unsigned, unsigned> summands;  // of each node
  for (const unsigned source : from) {
    inject_[source] += bytes;
    ++summands[source];
    for (unsigned at = source; at != to;) {
      const size_t link = step(at, to, y_first);
      if (!tree.insert(link).second) break;
      ++summands[at];
    }
  }
  for (const size_t link : tree) links_[link] += bytes;
  // An adder takes its summands over the local port and gives the sum back.
  Depth deepest;
  for (const auto& [node, count] : summands) {
    if (count < 2) continue;
    eject_[node] += count * bytes;
    inject_[node] += bytes;
  }
  for (const unsigned source : from) {
    Depth depth;
    for (unsigned at = source; at != to;) {
      step(at, to, y_first);
      ++depth.hops;
      if (summands[at] > 1) ++depth.adders;
    }
    deepest.hops = std::max(deepest.hops, depth.hops);
    deepest.adders = std::max(deepest.adders, depth.adders);
  }
  return deepest;
}

void LinkLoads::add_near(const core::AddressMap& map, double bytes, bool back) {
  const auto& sets = map.sets(package_->index);
  for (const core::NodeInstance& chiplet : package_->compute) {
    const auto& near = sets[1 + chiplet.ordinal].slots;
    const auto& slots = near.empty() ? sets[0].slots : near;
    for (const core::MemorySlot& slot : slots) {
      const unsigned memory = package_->memory[slot.memory].node;
      const double part = bytes / static_cast<double>(slots.size());
      back ? add(chiplet.node, {memory}, part) : add(memory, {chiplet.node}, part);
    }
  }
}

void LinkLoads::add(const LinkLoads& other, double factor) {
  const auto sum = [factor](std::vector<double>& mine, const std::vector<double>& theirs) {
    for (size_t i = 0; i < mine.size(); ++i) mine[i] += factor * theirs[i];
  };
  sum(links_, other.links_);
  sum(inject_, other.inject_);
  sum(eject_, other.eject_);
}

double LinkLoads::seconds() const {
  const auto& noi = package_->description->noi;
  const double local = std::max(*std::ranges::max_element(inject_), *std::ranges::max_element(eject_));
  return std::max(*std::ranges::max_element(links_), local / static_cast<double>(noi.local_ports)) /
         noi.link.bandwidth;
}

}  // namespace duet::workload
