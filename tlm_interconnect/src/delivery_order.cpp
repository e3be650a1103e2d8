// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/delivery_order.hpp"

#include <algorithm>

namespace duet::tlm_interconnect {

void DeliveryOrder::arrive(NodeId source, NodeId destination, uint32_t ticket, const NetworkEvent& event,
                           std::vector<NetworkEvent>& events) {
  Pair& p = pair(source, destination);
  if (ticket != p.next) {
    p.waiting.push_back({ticket, event});
    return;
  }
  events.push_back(event);
  ++p.next;
  while (!p.waiting.empty()) {
    auto found = std::find_if(p.waiting.begin(), p.waiting.end(),
                              [&p](const Waiting& waiting) { return waiting.ticket == p.next; });
    if (found == p.waiting.end()) return;
    events.push_back(found->event);
    events.back().at_ps = event.at_ps;
    p.waiting.erase(found);
    ++p.next;
  }
}

}  // namespace duet::tlm_interconnect
