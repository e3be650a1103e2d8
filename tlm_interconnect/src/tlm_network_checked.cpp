// SPDX-License-Identifier: Apache-2.0
// The monitors around a network's sockets.
#include "duet/tlm_interconnect/tlm_network.hpp"

namespace duet::tlm_interconnect {

tlm::tlm_sync_enum TlmNetwork::from_initiator(int node, tlm::tlm_generic_payload& payload,
                                              tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  ProtocolMonitor* monitor = port(static_cast<NodeId>(node)).from_monitor.get();
  if (monitor == nullptr) return nb_transport_fw(node, payload, phase, delay);
  monitor->forward_call(payload, phase, delay);
  const tlm::tlm_sync_enum result = nb_transport_fw(node, payload, phase, delay);
  monitor->forward_return(payload, result, phase, delay);
  return result;
}

tlm::tlm_sync_enum TlmNetwork::from_target(int node, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
  ProtocolMonitor* monitor = port(static_cast<NodeId>(node)).to_monitor.get();
  if (monitor == nullptr) return nb_transport_bw(node, payload, phase, delay);
  monitor->backward_call(payload, phase, delay);
  const tlm::tlm_sync_enum result = nb_transport_bw(node, payload, phase, delay);
  monitor->backward_return(payload, result, phase, delay);
  return result;
}

tlm::tlm_sync_enum TlmNetwork::to_target(Port& p, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
  if (!p.to_monitor) return (*p.to)->nb_transport_fw(payload, phase, delay);
  p.to_monitor->forward_call(payload, phase, delay);
  const tlm::tlm_sync_enum result = (*p.to)->nb_transport_fw(payload, phase, delay);
  p.to_monitor->forward_return(payload, result, phase, delay);
  return result;
}

tlm::tlm_sync_enum TlmNetwork::to_initiator(Port& p, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
  if (!p.from_monitor) return (*p.from)->nb_transport_bw(payload, phase, delay);
  p.from_monitor->backward_call(payload, phase, delay);
  const tlm::tlm_sync_enum result = (*p.from)->nb_transport_bw(payload, phase, delay);
  p.from_monitor->backward_return(payload, result, phase, delay);
  return result;
}

void TlmNetwork::blocking_from_initiator(int node, tlm::tlm_generic_payload& payload,
                                         sc_core::sc_time& delay) {
  ProtocolMonitor* monitor = port(static_cast<NodeId>(node)).from_monitor.get();
  if (monitor == nullptr) return b_transport(node, payload, delay);
  const ProtocolMonitor::Request request = monitor->blocking_call(payload, delay);
  b_transport(node, payload, delay);
  monitor->blocking_return(payload, request, delay);
}

void TlmNetwork::blocking_to_target(Port& p, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (!p.to_monitor) return (*p.to)->b_transport(payload, delay);
  const ProtocolMonitor::Request request = p.to_monitor->blocking_call(payload, delay);
  (*p.to)->b_transport(payload, delay);
  p.to_monitor->blocking_return(payload, request, delay);
}

std::vector<ProtocolMonitor::Violation> TlmNetwork::protocol_violations() const {
  std::vector<ProtocolMonitor::Violation> all;
  for (const auto& p : ports_) {
    if (!p || !p->from_monitor) continue;
    all.insert(all.end(), p->from_monitor->violations().begin(), p->from_monitor->violations().end());
    all.insert(all.end(), p->to_monitor->violations().begin(), p->to_monitor->violations().end());
  }
  return all;
}

}  // namespace duet::tlm_interconnect
