// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/noi_routing.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "duet/core/error.hpp"
#include "noi_mesh.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;
using duet::test::mesh;

namespace {

unsigned distance(const NoiTopology& t, NodeId a, NodeId b) {
  return static_cast<unsigned>(std::abs(int(a % t.columns()) - int(b % t.columns())) +
                               std::abs(int(a / t.columns()) - int(b / t.columns())));
}

/// Independent of the routing's own check: does a topological order of the channels exist? A channel is a
/// link, or of each class of routes the virtual channels over it.
bool acyclic(const NoiTopology& topology, const NoiRouting& routing, bool shared_channels = false) {
  const size_t classes = shared_channels ? 1 : routing.classes();
  const size_t links = topology.links().size() * classes;
  std::vector<std::vector<bool>> edge(links, std::vector<bool>(links, false));
  for (unsigned route_class = 0; route_class < routing.classes(); ++route_class) {
    for (NodeId at = 0; at < topology.nodes(); ++at) {
      for (NodeId to = 0; to < topology.nodes(); ++to) {
        for (const LinkId a : routing.candidates(at, to, route_class)) {
          if (a == no_link) continue;
          for (const LinkId b : routing.candidates(topology.links()[a].to, to, route_class)) {
            const size_t lane = route_class % classes;
            if (b != no_link) edge[a * classes + lane][b * classes + lane] = true;
          }
        }
      }
    }
  }
  std::vector<bool> removed(links, false);
  for (bool progress = true; progress;) {
    progress = false;
    for (size_t a = 0; a < links; ++a) {
      if (removed[a]) continue;
      bool sink = true;
      for (size_t b = 0; b < links && sink; ++b) sink = removed[b] || !edge[a][b];
      if (sink) removed[a] = progress = true;
    }
  }
  return std::find(removed.begin(), removed.end(), false) == removed.end();
}

}  // namespace

TEST_CASE("every routing is minimal on a whole mesh and free of deadlock") {
  const auto kind = GENERATE(core::NoiRouting::xy, core::NoiRouting::yx, core::NoiRouting::o1turn,
                             core::NoiRouting::west_first, core::NoiRouting::table);
  const core::NoiDescription noi = mesh(5, 4, kind);
  const NoiTopology topology(noi);
  const NoiRouting routing(topology, kind);
  CHECK(routing.kind() == kind);
  for (unsigned route_class = 0; route_class < routing.classes(); ++route_class) {
    for (NodeId from = 0; from < topology.nodes(); ++from) {
      for (NodeId to = 0; to < topology.nodes(); ++to) {
        CHECK(routing.path(from, to, route_class).size() == distance(topology, from, to));
        for (const LinkId link : routing.candidates(from, to, route_class)) {
          if (link != no_link)
            CHECK(distance(topology, topology.links()[link].to, to) + 1 == distance(topology, from, to));
        }
      }
    }
  }
  CHECK(routing.find_cycle().empty());
  CHECK(acyclic(topology, routing));
  CHECK_NOTHROW(prove_deadlock_free(noi));
}

TEST_CASE("xy goes along x first and yx along y") {
  const NoiTopology topology(mesh(4, 4, core::NoiRouting::xy));
  CHECK(topology.links()[NoiRouting(topology, core::NoiRouting::xy).next(0, 15, 0)].to == 1);
  CHECK(topology.links()[NoiRouting(topology, core::NoiRouting::yx).next(0, 15, 0)].to == 4);
}

TEST_CASE("o1turn gives each order half of the pairs and half of the trees, in channels of its own") {
  const core::NoiDescription noi = mesh(6, 4, core::NoiRouting::o1turn);
  const NoiTopology topology(noi);
  const NoiRouting routing(topology, noi.routing);
  REQUIRE(routing.classes() == 2);
  unsigned pairs = 0;
  unsigned trees = 0;
  for (NodeId from = 0; from < topology.nodes(); ++from) {
    CHECK((routing.class_of_tree(from) == 1) == core::tree_goes_y_first(noi, from));
    trees += routing.class_of_tree(from);
    for (NodeId to = 0; to < topology.nodes(); ++to) {
      CHECK((routing.class_of(from, to) == 1) == core::goes_y_first(noi, from, to));
      pairs += routing.class_of(from, to);
    }
  }
  CHECK(pairs == topology.nodes() * topology.nodes() / 2);
  CHECK(trees == topology.nodes() / 2);
  CHECK(topology.links()[routing.next(0, 23, 0)].to == 1);
  CHECK(topology.links()[routing.next(0, 23, 1)].to == 6);
  // The orders together have all eight turns: in common channels they could deadlock.
  CHECK(acyclic(topology, routing));
  CHECK_FALSE(acyclic(topology, routing, true));
}

TEST_CASE("o1turn needs two virtual channels where there are any") {
  core::NoiDescription noi = mesh(3, 3, core::NoiRouting::o1turn);
  noi.vcs = 1;
  CHECK_NOTHROW(prove_deadlock_free(noi));
  noi.level = core::NoiLevel::flit;
  CHECK_THROWS_WITH(prove_deadlock_free(noi), Catch::Contains("vcs: found 1") && Catch::Contains("2"));
  noi.vcs = 2;
  CHECK_NOTHROW(prove_deadlock_free(noi));
}

TEST_CASE("around a dead link o1turn goes by one table in both classes") {
  const core::NoiDescription noi = mesh(4, 4, core::NoiRouting::o1turn);
  const NoiTopology topology(noi);
  std::vector<bool> dead(topology.links().size(), false);
  dead[topology.find(5, 6)] = true;
  const NoiRouting routing(topology, noi.routing, dead);
  const NoiRouting table(topology, core::NoiRouting::table, dead);
  CHECK(routing.kind() == core::NoiRouting::table);
  CHECK(acyclic(topology, routing));
  for (const unsigned route_class : {0u, 1u}) {
    for (NodeId from = 0; from < topology.nodes(); ++from) {
      for (NodeId to = 0; to < topology.nodes(); ++to)
        CHECK(routing.path(from, to, route_class) == table.path(from, to, 0));
    }
  }
}

TEST_CASE("west-first gives a choice only to packets that need not go west") {
  const NoiTopology topology(mesh(4, 4, core::NoiRouting::west_first));
  const NoiRouting routing(topology, core::NoiRouting::west_first);
  CHECK(routing.candidates(0, 15, 0)[1] != no_link);
  CHECK(routing.candidates(3, 12, 0)[1] == no_link);
  CHECK(topology.links()[routing.next(3, 12, 0)].to == 2);
}

TEST_CASE("tables over random subsets of links reach what can be reached and never deadlock") {
  std::mt19937 random(7);
  unsigned up_down = 0;
  for (unsigned trial = 0; trial < 60; ++trial) {
    core::NoiDescription noi = mesh(5, 5, core::NoiRouting::table);
    for (NodeId node = 0; node < 25; ++node) {
      if (node % 5 < 4 && random() % 5 == 0) noi.missing_links.push_back({node, node + 1, true});
      if (node / 5 < 4 && random() % 5 == 0) noi.missing_links.push_back({node, node + 5, true});
    }
    const NoiTopology topology(noi);
    const NoiRouting routing(topology, core::NoiRouting::table);
    INFO("trial " << trial);
    CHECK(routing.find_cycle().empty());
    CHECK(acyclic(topology, routing));
    // Reachability by a closure of its own.
    std::vector<std::vector<bool>> reach(25, std::vector<bool>(25, false));
    for (NodeId i = 0; i < 25; ++i) reach[i][i] = true;
    for (const NoiLink& link : topology.links()) reach[link.from][link.to] = true;
    for (NodeId k = 0; k < 25; ++k) {
      for (NodeId i = 0; i < 25; ++i) {
        for (NodeId j = 0; j < 25; ++j) {
          if (reach[i][k] && reach[k][j]) reach[i][j] = true;
        }
      }
    }
    for (NodeId i = 0; i < 25; ++i) {
      for (NodeId j = 0; j < 25; ++j) {
        REQUIRE(routing.reachable(i, j) == reach[i][j]);
        if (i == j || !reach[i][j]) continue;
        const auto path = routing.path(i, j, 0);
        REQUIRE(!path.empty());
        REQUIRE(path.size() <= 25);
        if (path.size() > distance(topology, i, j)) ++up_down;
      }
    }
  }
  CHECK(up_down > 0);  // some ways did have to go around
}

TEST_CASE("a cycle of channel dependencies is named, a routing that does not fit is refused") {
  // Shortest paths on a ring of one-way links depend on each other all around, and no up*-down* order exists.
  core::NoiDescription ring = mesh(2, 2, core::NoiRouting::table);
  ring.missing_links = {{1, 0, false}, {3, 1, false}, {2, 3, false}, {0, 2, false}};
  const NoiTopology topology(ring);
  CHECK(topology.links().size() == 4);
  CHECK_THROWS_WITH(prove_deadlock_free(ring),
                    Catch::Contains("cycle") && Catch::Contains("0->1, 1->3, 3->2, 2->0"));
  core::NoiDescription hole = mesh(3, 3, core::NoiRouting::o1turn);
  hole.missing_links = {{3, 4, true}};
  CHECK_THROWS_WITH(prove_deadlock_free(hole), Catch::Contains("found 'o1turn'"));
  hole.routing = core::NoiRouting::xy;
  CHECK_THROWS_WITH(prove_deadlock_free(hole), Catch::Contains("found 'xy'") && Catch::Contains("'table'"));
  hole.routing = core::NoiRouting::table;
  CHECK_NOTHROW(prove_deadlock_free(hole));
  core::NoiDescription bad = mesh(3, 3, core::NoiRouting::xy);
  bad.missing_links = {{0, 5, true}};
  CHECK_THROWS_AS(NoiTopology(bad), core::UserError);
}
