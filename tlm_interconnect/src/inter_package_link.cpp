// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/inter_package_link.hpp"

#include <algorithm>

#include "duet/tlm_interconnect/packet_network.hpp"

namespace duet::tlm_interconnect {
namespace {

/// The link as a network of two nodes with nothing but the wire between them.
core::NoiDescription two_nodes(const core::InterPackageLinkDescription& link) {
  core::NoiDescription network;
  network.columns = 2;
  network.rows = 1;
  const double net = link.bandwidth * link.flit_bytes / (link.flit_bytes + link.flit_overhead_bytes);
  // A credit comes back one latency after its flit has arrived.
  const double round_trip_s = 2e-12 * static_cast<double>(link.latency) + link.flit_bytes / link.bandwidth;
  // Without a credit, or without room to keep the flit for a replay, the sender waits.
  const double window_flits = std::min(link.credits, link.replay_window_flits);
  network.link.bandwidth = std::min(net, window_flits * link.flit_bytes / round_trip_s);
  network.link.phy_latency = link.latency;
  network.link.wire_length = 0;
  network.link.lanes = link.lanes;
  network.routing_cycles = network.vc_allocation_cycles = 0;
  network.switch_allocation_cycles = network.traversal_cycles = 0;
  network.router_clock = 1e13;  // below the time resolution: no time in the ends
  network.flit_bytes = link.flit_bytes;
  network.bit_error_rate = link.bit_error_rate;
  network.seed = link.seed;
  return network;
}

}  // namespace

InterPackageLink::InterPackageLink(const sc_core::sc_module_name& name,
                                   const core::InterPackageLinkDescription& description)
    : TlmNetwork(name, std::make_unique<PacketNetwork>(two_nodes(description)),
                 {.max_outstanding = description.max_outstanding,
                  .timeout_ps = description.timeout,
                  .packet_bytes = two_nodes(description).max_packet_bytes,
                  .faults = description.faults,
                  .check = description.check,
                  .from_name = "from_package",
                  .to_name = "to_package"},
                 {0, 1}) {}

tlm::tlm_response_status InterPackageLink::find_route(NodeId source, uint64_t address, uint64_t /*bytes*/,
                                                      bool /*write*/, Route& route) const {
  route.node = 1 - source;
  route.target_address = address;
  return tlm::TLM_OK_RESPONSE;
}

std::optional<TlmNetwork::Window> InterPackageLink::window_of(NodeId source, uint64_t /*address*/) const {
  return Window{0, ~uint64_t{0}, 1 - source, 0};
}

std::vector<TlmNetwork::Window> InterPackageLink::windows_to(NodeId source, NodeId node) const {
  if (source == node) return {};
  return {*window_of(source, 0)};
}

}  // namespace duet::tlm_interconnect
