// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/noi_routing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"

namespace duet::tlm_interconnect {

NoiRouting::NoiRouting(const NoiTopology& topology, core::NoiRouting kind, const std::vector<bool>& dead)
    : topology_(&topology),
      kind_(kind),
      nodes_(topology.nodes()),
      classes_(kind == core::NoiRouting::o1turn ? 2 : 1),
      pair_parity_(nodes_, 0),
      tree_class_(nodes_, 0),
      dead_(dead),
      next_(size_t{classes_} * nodes_ * nodes_, {no_link, no_link}) {
  switch (kind) {
    case core::NoiRouting::xy:
    case core::NoiRouting::yx:
      fill_dimension_ordered(0, kind == core::NoiRouting::xy);
      break;
    case core::NoiRouting::o1turn: {
      core::NoiDescription mesh;
      mesh.columns = topology.columns();
      mesh.routing = kind;
      for (NodeId node = 0; node < nodes_; ++node) {
        pair_parity_[node] = core::goes_y_first(mesh, 0, node) ? 1 : 0;
        tree_class_[node] = core::tree_goes_y_first(mesh, node) ? 1 : 0;
      }
      fill_dimension_ordered(0, true);
      fill_dimension_ordered(1, false);
      break;
    }
    case core::NoiRouting::west_first:
      fill_west_first();
      break;
    case core::NoiRouting::table:
      break;
  }
  if (kind != core::NoiRouting::table && complete()) return;
  kind_ = core::NoiRouting::table;
  fill_table();
  const auto table_size = static_cast<std::ptrdiff_t>(size_t{nodes_} * nodes_);
  for (auto copy = next_.begin() + table_size; copy != next_.end(); copy += table_size)
    std::copy_n(next_.begin(), table_size, copy);
}

void NoiRouting::fill_table() {
  fill_shortest();
  if (find_cycle_in(0).empty()) return;
  const auto shortest = next_;
  fill_up_down();
  for (size_t i = 0; i < next_.size(); ++i) {
    if (next_[i][0] != no_link || shortest[i][0] == no_link) continue;
    next_ = shortest;  // one-way links that no order fits: better a known cycle than no way at all
    return;
  }
}

bool NoiRouting::complete() const {
  for (unsigned route_class = 0; route_class < classes_; ++route_class) {
    for (NodeId to = 0; to < nodes_; ++to) {
      for (NodeId from = 0; from < nodes_; ++from) {
        if (from != to && next(from, to, route_class) == no_link) return false;
      }
    }
  }
  return true;
}

void NoiRouting::fill_dimension_ordered(unsigned route_class, bool x_first) {
  const unsigned columns = topology_->columns();
  std::vector<std::array<LinkId, 4>> steps(nodes_);  // west, east, north, south
  for (NodeId at = 0; at < nodes_; ++at) {
    size_t step = 0;
    for (const NodeId node : {at - 1, at + 1, at - columns, at + columns}) {
      const LinkId link = topology_->find(at, node);
      steps[at][step++] = usable(link) ? link : no_link;
    }
  }
  for (NodeId to = 0; to < nodes_; ++to) {
    const unsigned column = to % columns;
    const unsigned row = to / columns;
    NodeId at = 0;
    for (unsigned y = 0; y < topology_->rows(); ++y) {
      for (unsigned x = 0; x < columns; ++x, ++at) {
        if (at == to) continue;
        const bool along_x = x_first ? x != column : y == row;
        choices(at, to, route_class)[0] = along_x ? steps[at][x < column] : steps[at][2 + (y < row)];
      }
    }
  }
}

void NoiRouting::fill_west_first() {
  const unsigned columns = topology_->columns();
  for (NodeId to = 0; to < nodes_; ++to) {
    // Backwards from the destination, so that a choice is only given where it leads there: nodes to the
    // east of it go west and nothing else; in the others, rising distance.
    std::vector<NodeId> order(nodes_);
    for (NodeId node = 0; node < nodes_; ++node) order[node] = node;
    auto distance = [&](NodeId node) {
      return std::abs(int(node % columns) - int(to % columns)) +
             std::abs(int(node / columns) - int(to / columns));
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](NodeId a, NodeId b) { return distance(a) < distance(b); });
    for (const NodeId at : order) {
      if (at == to) continue;
      auto& choice = choices(at, to);
      auto offer = [&](NodeId step) {
        const LinkId link = topology_->find(at, step);
        if (!usable(link) || (step != to && choices(step, to)[0] == no_link)) return;
        choice[choice[0] == no_link ? 0 : 1] = link;
      };
      if (to % columns < at % columns) {
        offer(at - 1);
        continue;
      }
      if (to % columns > at % columns) offer(at + 1);
      if (to / columns > at / columns) offer(at + columns);
      if (to / columns < at / columns) offer(at - columns);
    }
  }
}

std::vector<LinkId> NoiRouting::path(NodeId from, NodeId to, unsigned route_class) const {
  std::vector<LinkId> links;
  for (NodeId at = from; at != to;) {
    const LinkId link = next(at, to, route_class);
    if (link == no_link) return {};
    links.push_back(link);
    at = topology_->links()[link].to;
  }
  return links;
}

std::string NoiRouting::describe(const std::vector<LinkId>& links) const {
  std::string text;
  for (const LinkId link : links) {
    text += fmt::format("{}{}->{}", text.empty() ? "" : ", ", topology_->links()[link].from,
                        topology_->links()[link].to);
  }
  return text;
}

std::vector<LinkId> NoiRouting::find_cycle() const {
  for (unsigned route_class = 0; route_class < classes_; ++route_class) {
    std::vector<LinkId> cycle = find_cycle_in(route_class);
    if (!cycle.empty()) return cycle;
  }
  return {};
}

std::vector<LinkId> NoiRouting::find_cycle_in(unsigned route_class) const {
  // A packet that holds a link may wait for the next one on its way to any destination.
  const size_t links = topology_->links().size();
  std::vector<std::vector<LinkId>> waits_for(links);
  for (NodeId to = 0; to < nodes_; ++to) {
    for (NodeId at = 0; at < nodes_; ++at) {
      for (const LinkId held : candidates(at, to, route_class)) {
        if (held == no_link) continue;
        for (const LinkId wanted : candidates(topology_->links()[held].to, to, route_class)) {
          auto& list = waits_for[held];
          if (wanted != no_link && std::find(list.begin(), list.end(), wanted) == list.end()) {
            list.push_back(wanted);
          }
        }
      }
    }
  }
  enum : uint8_t { fresh, open, closed };
  std::vector<uint8_t> state(links, fresh);
  std::vector<std::pair<LinkId, size_t>> stack;
  for (LinkId root = 0; root < links; ++root) {
    if (state[root] != fresh) continue;
    stack.assign(1, {root, 0});
    state[root] = open;
    while (!stack.empty()) {
      auto& [link, position] = stack.back();
      if (position == waits_for[link].size()) {
        state[link] = closed;
        stack.pop_back();
        continue;
      }
      const LinkId wanted = waits_for[link][position++];
      if (state[wanted] == open) {
        std::vector<LinkId> cycle;
        auto from =
            std::find_if(stack.begin(), stack.end(), [wanted](const auto& e) { return e.first == wanted; });
        for (; from != stack.end(); ++from) cycle.push_back(from->first);
        return cycle;
      }
      if (state[wanted] == fresh) {
        state[wanted] = open;
        stack.emplace_back(wanted, 0);
      }
    }
  }
  return {};
}

void prove_deadlock_free(const core::NoiDescription& description) {
  const NoiTopology topology(description);
  const NoiRouting routing(topology, description.routing);
  if (routing.kind() != description.routing) {
    throw core::UserError(
        fmt::format("routing: found '{}', which does not reach every node over the links that there "
                    "are, allowed 'table'",
                    core::enum_name(description.routing)));
  }
  const std::vector<LinkId> cycle = routing.find_cycle();
  if (cycle.empty()) return;
  throw core::UserError(fmt::format("routing: found a cycle of channel dependencies that can deadlock: {}",
                                    routing.describe(cycle)));
}

}  // namespace duet::tlm_interconnect
