// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/network_on_interposer.hpp"

#include <algorithm>

#include "duet/core/clock.hpp"
#include "duet/tlm_interconnect/flit_network.hpp"
#include "duet/tlm_interconnect/packet_network.hpp"

namespace duet::tlm_interconnect {

std::unique_ptr<NetworkModel> make_network(const core::NoiDescription& description) {
  prove_deadlock_free(description);
  if (description.level == core::NoiLevel::flit) return std::make_unique<FlitNetwork>(description);
  return std::make_unique<PacketNetwork>(description);
}

NetworkOnInterposer::NetworkOnInterposer(const sc_core::sc_module_name& name,
                                         const core::NoiDescription& description,
                                         const std::vector<NodeId>& nodes)
    : TlmNetwork(name, make_network(description),
                 {.max_outstanding = description.max_outstanding,
                  .timeout_ps = description.timeout,
                  .packet_bytes = description.max_packet_bytes,
                  .adder_ps = core::Clock(description.router_clock).edge_ps(description.adder_cycles),
                  .port_ps = core::Clock(description.router_clock).edge_ps(1),
                  .port_bytes_per_ps = description.link.bandwidth * 1e-12 * description.local_ports,
                  .faults = description.faults,
                  .check = description.check},
                 nodes) {}

void NetworkOnInterposer::map(uint64_t base, uint64_t size, NodeId node, uint64_t target_base) {
  target_socket(node);  // throws if nobody lives there
  address_map_.add(base, size, node, target_base);
}

void NetworkOnInterposer::map_group_window(uint64_t base, uint64_t stride, uint64_t target_offset,
                                           uint32_t groups) {
  address_map_.set_group_window({base, stride, target_offset, groups});
}

void NetworkOnInterposer::map_reduction_window(uint64_t base, uint64_t stride, unsigned member_shift,
                                               uint32_t members, uint64_t target_offset, uint32_t groups) {
  address_map_.set_reduction_window({{base, stride, target_offset, groups}, member_shift, members});
}

void NetworkOnInterposer::set_group(uint32_t group, const std::vector<NodeId>& list) {
  std::vector<NodeId> members = list;
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  for (const NodeId member : members) target_socket(member);
  abandon_reductions(group);
  Group& entry = groups_[group];
  entry.members = std::make_shared<const std::vector<NodeId>>(members);
  const auto [same, fresh] =
      network_groups_.try_emplace(members, static_cast<uint32_t>(network_groups_.size()));
  entry.network_group = same->second;
  if (fresh) model().set_group(entry.network_group, members);
}

tlm::tlm_response_status NetworkOnInterposer::find_route(NodeId source, uint64_t address, uint64_t bytes,
                                                         bool write, Route& route) const {
  const auto found = address_map_.find(address, bytes);
  if (!found) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  route.target_address = found->target_address;
  if (found->kind == NoiAddressMap::Route::Kind::node) {
    route.node = found->destination;
    return tlm::TLM_OK_RESPONSE;
  }
  const auto group = groups_.find(found->destination);
  if (group == groups_.end() || group->second.members->empty()) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (!write) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  route.members = group->second.members;
  route.network_group = group->second.network_group;
  if (found->kind == NoiAddressMap::Route::Kind::reduction) {
    const std::vector<NodeId>& members = *route.members;
    // Who is no member has no summand to give.
    if (found->member >= members.size() || std::ranges::find(members, source) == members.end())
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    route.reduction = true;
    route.network_group = found->destination;
    route.node = members[found->member];
  }
  return tlm::TLM_OK_RESPONSE;
}

std::optional<TlmNetwork::Window> NetworkOnInterposer::window_of(NodeId /*source*/, uint64_t address) const {
  const Window* window = address_map_.window_of(address);
  return window != nullptr ? std::optional<Window>(*window) : std::nullopt;
}

std::vector<TlmNetwork::Window> NetworkOnInterposer::windows_to(NodeId /*source*/, NodeId node) const {
  std::vector<Window> result;
  for (const Window& window : address_map_.windows()) {
    if (window.node == node) result.push_back(window);
  }
  return result;
}

}  // namespace duet::tlm_interconnect
