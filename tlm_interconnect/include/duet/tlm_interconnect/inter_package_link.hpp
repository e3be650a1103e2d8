// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/tlm_interconnect/tlm_network.hpp"

namespace duet::tlm_interconnect {

/// A link of NVLink / UALink class between two packages, full duplex. Each end sits as a node in its
/// package's network-on-interposer: what a network sends to `from_package(end)` (its node's window covers the
/// other package's addresses, unchanged) comes out of `to_package(1 - end)`.
///
/// Each direction carries `bandwidth`, or less when the credits do not cover the round trip; transfers of
/// requests and of responses share it fairly, each class in order. A flit that fails its CRC is sent again
/// with all that followed it within a round trip (go back N).
class InterPackageLink : public TlmNetwork {
 public:
  InterPackageLink(const sc_core::sc_module_name& name, const core::InterPackageLinkDescription& description);

  /// Bind the package's `to_node(link node)` to this; `end` is 0 or 1.
  TargetSocket& from_package(unsigned end) { return target_socket(end); }
  /// Bind this to the package's `from_node(link node)`.
  InitiatorSocket& to_package(unsigned end) { return initiator_socket(end); }

 private:
  tlm::tlm_response_status find_route(NodeId source, uint64_t address, uint64_t bytes, bool write,
                                      Route& route) const override;
  [[nodiscard]] std::optional<Window> window_of(NodeId source, uint64_t address) const override;
  [[nodiscard]] std::vector<Window> windows_to(NodeId source, NodeId node) const override;
};

}  // namespace duet::tlm_interconnect
