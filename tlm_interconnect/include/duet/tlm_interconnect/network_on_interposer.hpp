// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "duet/tlm_interconnect/tlm_network.hpp"

namespace duet::tlm_interconnect {

/// The network at the level that the description asks for. Throws core::UserError when it is inconsistent
/// or could deadlock.
std::unique_ptr<NetworkModel> make_network(const core::NoiDescription& description);

/// The network-on-interposer of a package as a TLM-2.0 interconnect. Each occupied node has a target
/// socket for the initiator there and an initiator socket for the target there; either may stay unbound.
///
/// - `nb_transport`: base protocol, up to `max_outstanding` transactions a node. A read's request
///   travels as a header and its data come back; a write's data travel with the request and the
///   target's response comes back as a header.
/// - Cut-through: reads carry core::CutThroughExtension to the target; one that states when its last byte is
///   ready may answer at the first. Writes reach the target with their last byte; the extension then says
///   when the first one came.
/// - A posted write to a group window goes to all members; the response comes when its tail has left.
/// - Writes of FP32 numbers to a reduction window, one by each member of the group, are summed on their way
/// to
///   the member that the address names; the responses come when the first adders have the numbers.
/// - `b_transport` waits (so only threads may call it) and takes as long as the same by `nb_transport`.
/// - An address that no window covers gets TLM_ADDRESS_ERROR_RESPONSE; a node that cannot be reached
///   and a target that is silent for longer than `timeout` get TLM_GENERIC_ERROR_RESPONSE.
///
/// Order: writes of one source to one destination arrive in order, multicasts included.
class NetworkOnInterposer : public TlmNetwork {
 public:
  /// `nodes` are the occupied ones, id = y * columns + x. Throws core::UserError when the description
  /// is inconsistent or two of the nodes cannot reach each other.
  NetworkOnInterposer(const sc_core::sc_module_name& name, const core::NoiDescription& description,
                      const std::vector<NodeId>& nodes);

  /// The initiator at the node binds to this. Throws core::UserError for a node that is not occupied.
  TargetSocket& from_node(NodeId node) { return target_socket(node); }
  /// Binds to the target at the node.
  InitiatorSocket& to_node(NodeId node) { return initiator_socket(node); }

  /// The window [base, base + size) belongs to the node's target, which sees addresses from `target_base`.
  void map(uint64_t base, uint64_t size, NodeId node, uint64_t target_base = 0);
  /// A write to `base + group * stride + offset` reaches each member at `target_offset + offset`.
  void map_group_window(uint64_t base, uint64_t stride, uint64_t target_offset, uint32_t groups = 256);
  /// What all members of the group write to `base + group * stride + (member << member_shift) + offset` is
  /// summed on its way to member `member` of the group (by rising node), at `target_offset + offset`; the
  /// bits of `offset` above the member's belong to it as well. The n-th writes to an address form the n-th
  /// sum.
  void map_reduction_window(uint64_t base, uint64_t stride, unsigned member_shift, uint32_t members,
                            uint64_t target_offset, uint32_t groups = 256);
  /// Sets the members of a group, in any order; none = the group does not exist. Sums that some members have
  /// not written to yet are dropped.
  void set_group(uint32_t group, const std::vector<NodeId>& list);

  [[nodiscard]] const NoiAddressMap& address_map() const { return address_map_; }

 private:
  struct Group {
    uint32_t network_group = 0;  ///< never gets other members, so that packets under way keep theirs
    std::shared_ptr<const std::vector<NodeId>> members;
  };

  tlm::tlm_response_status find_route(NodeId source, uint64_t address, uint64_t bytes, bool write,
                                      Route& route) const override;
  [[nodiscard]] std::optional<Window> window_of(NodeId source, uint64_t address) const override;
  [[nodiscard]] std::vector<Window> windows_to(NodeId source, NodeId node) const override;

  NoiAddressMap address_map_;
  std::map<uint32_t, Group> groups_;
  std::map<std::vector<NodeId>, uint32_t> network_groups_;  ///< by members
};

}  // namespace duet::tlm_interconnect
