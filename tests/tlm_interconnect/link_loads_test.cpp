// SPDX-License-Identifier: Apache-2.0
// Loads of links below saturation against what the definitions of traffic and routing give.
#include <catch2/catch.hpp>
#include <map>

#include "duet/tlm_interconnect/flit_network.hpp"
#include "duet/tlm_interconnect/noi_traffic.hpp"
#include "duet/tlm_interconnect/packet_network.hpp"

using namespace duet;
using namespace duet::tlm_interconnect;

namespace {

struct Mesh {
  unsigned columns, rows;
  [[nodiscard]] NodeId nodes() const { return columns * rows; }
};

/// Part of a source's packets that go to a destination.
double part(const std::string& traffic, Mesh mesh, NodeId from, NodeId to) {
  const unsigned x = from % mesh.columns;
  const unsigned y = from / mesh.columns;
  if (traffic == "uniform") return 1.0 / mesh.nodes();
  if (traffic == "transpose") return to == x * mesh.rows + y ? 1.0 : 0.0;
  if (traffic == "neighbour") {
    return to == (y + 1) % mesh.rows * mesh.columns + (x + 1) % mesh.columns ? 1.0 : 0.0;
  }
  return (to == 5 ? 5.0 : 1.0) / (mesh.nodes() + 4);  // hotspot:5:5
}

/// Flits per cycle over each link per flit per node and cycle: every packet goes along x, then along y; under
/// o1turn the other way round between an even and an odd column.
std::map<std::pair<NodeId, NodeId>, double> exact_loads(const std::string& traffic, Mesh mesh,
                                                        core::NoiRouting routing) {
  std::map<std::pair<NodeId, NodeId>, double> loads;
  for (NodeId from = 0; from < mesh.nodes(); ++from) {
    for (NodeId to = 0; to < mesh.nodes(); ++to) {
      NodeId at = from;
      while (at != to) {
        const unsigned x = at % mesh.columns;
        const unsigned goal = to % mesh.columns;
        const bool y_first = routing == core::NoiRouting::o1turn && (from % mesh.columns + goal) % 2 == 1;
        NodeId next = at;
        if (y_first ? at / mesh.columns == to / mesh.columns : x != goal) {
          next = x < goal ? at + 1 : at - 1;
        } else {
          next = at < to ? at + mesh.columns : at - mesh.columns;
        }
        loads[{at, next}] += part(traffic, mesh, from, to);
        at = next;
      }
    }
  }
  return loads;
}

template <class Network>
LoadPoint run(const std::string& traffic, Mesh mesh, core::NoiRouting routing, double load) {
  core::NoiDescription noi;
  noi.routing = routing;
  noi.columns = mesh.columns;
  noi.rows = mesh.rows;
  noi.local_ports = 1;
  noi.link.wire_length = 0;
  Network network(noi);
  TrafficRun run;
  run.load = load;
  run.packet_flits = 1;
  run.warmup_cycles = 1000;
  run.measured_cycles = 500'000;  // so that the traffic itself is a sample of far less than 2 % error
  return measure(network, noi, TrafficPattern(traffic, mesh.columns, mesh.rows), run);
}

void check_loads(const LoadPoint& point, const std::string& traffic, Mesh mesh, core::NoiRouting routing,
                 double load) {
  core::NoiDescription noi;
  noi.columns = mesh.columns;
  noi.rows = mesh.rows;
  const NoiTopology topology(noi);
  const auto exact = exact_loads(traffic, mesh, routing);
  REQUIRE(point.stable);
  for (LinkId link = 0; link < topology.links().size(); ++link) {
    const NoiLink& ends = topology.links()[link];
    const auto found = exact.find({ends.from, ends.to});
    INFO(core::enum_name(routing) << " " << traffic << " " << mesh.columns << "x" << mesh.rows << " "
                                  << ends.from << "->" << ends.to);
    if (found == exact.end()) {
      CHECK(point.link_utilisation[link] == 0.0);
    } else {
      CHECK(point.link_utilisation[link] == Approx(load * found->second).epsilon(0.02));
    }
  }
}

}  // namespace

TEST_CASE("link loads are the exact ones under every traffic, at both levels") {
  const Mesh mesh{6, 4};
  const std::string traffic = GENERATE("uniform", "transpose", "hotspot:5:5", "neighbour");
  const auto routing = GENERATE(core::NoiRouting::xy, core::NoiRouting::o1turn);
  const double load = 0.12;  // three fifths of what the ejection at the hot spot of 24 nodes can take
  check_loads(run<FlitNetwork>(traffic, mesh, routing, load), traffic, mesh, routing, load);
  check_loads(run<PacketNetwork>(traffic, mesh, routing, load), traffic, mesh, routing, load);
}
