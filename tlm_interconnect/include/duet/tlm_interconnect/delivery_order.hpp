// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/tlm_interconnect/network_model.hpp"

namespace duet::tlm_interconnect {

/// Keeps what one source sends to one destination in order, whatever way it took: an event counter
/// must not rise before the data that it announces. Each packet takes a ticket; one that arrives
/// before its predecessors waits for them.
class DeliveryOrder {
 public:
  explicit DeliveryOrder(NodeId nodes) : nodes_(nodes), pairs_(nodes) {}

  uint32_t ticket(NodeId source, NodeId destination) { return pair(source, destination).taken++; }

  /// Appends this event and those that waited for it, as far as the order allows.
  void arrive(NodeId source, NodeId destination, uint32_t ticket, const NetworkEvent& event,
              std::vector<NetworkEvent>& events);

 private:
  struct Waiting {
    uint32_t ticket;
    NetworkEvent event;
  };
  struct Pair {
    uint32_t taken = 0;
    uint32_t next = 0;
    std::vector<Waiting> waiting;
  };

  Pair& pair(NodeId source, NodeId destination) {
    auto& row = pairs_[source];
    if (row.empty()) row.resize(nodes_);
    return row[destination];
  }

  NodeId nodes_;
  std::vector<std::vector<Pair>> pairs_;  ///< rows come into being when first used
};

}  // namespace duet::tlm_interconnect
