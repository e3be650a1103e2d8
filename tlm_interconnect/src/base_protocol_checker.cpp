// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/base_protocol_checker.hpp"

namespace duet::tlm_interconnect {

// Names that are literals here make GCC 12 warn of an overflow inside the sockets' own headers.
BaseProtocolChecker::BaseProtocolChecker(const sc_core::sc_module_name& name, const std::string& watched)
    : sc_module(name),
      target(sc_core::sc_gen_unique_name("target")),
      initiator(sc_core::sc_gen_unique_name("initiator")),
      monitor_(watched.empty() ? this->name() : watched.c_str()) {
  target.register_nb_transport_fw(this, &BaseProtocolChecker::nb_transport_fw, 0);
  target.register_b_transport(this, &BaseProtocolChecker::b_transport, 0);
  target.register_transport_dbg(this, &BaseProtocolChecker::transport_dbg, 0);
  target.register_get_direct_mem_ptr(this, &BaseProtocolChecker::get_direct_mem_ptr, 0);
  initiator.register_nb_transport_bw(this, &BaseProtocolChecker::nb_transport_bw, 0);
  initiator.register_invalidate_direct_mem_ptr(this, &BaseProtocolChecker::invalidate_direct_mem_ptr, 0);
}

tlm::tlm_sync_enum BaseProtocolChecker::nb_transport_fw(int /*tag*/, tlm::tlm_generic_payload& payload,
                                                        tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  monitor_.forward_call(payload, phase, delay);
  const tlm::tlm_sync_enum result = initiator->nb_transport_fw(payload, phase, delay);
  monitor_.forward_return(payload, result, phase, delay);
  return result;
}

tlm::tlm_sync_enum BaseProtocolChecker::nb_transport_bw(int /*tag*/, tlm::tlm_generic_payload& payload,
                                                        tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  monitor_.backward_call(payload, phase, delay);
  const tlm::tlm_sync_enum result = target->nb_transport_bw(payload, phase, delay);
  monitor_.backward_return(payload, result, phase, delay);
  return result;
}

void BaseProtocolChecker::b_transport(int /*tag*/, tlm::tlm_generic_payload& payload,
                                      sc_core::sc_time& delay) {
  const ProtocolMonitor::Request request = monitor_.blocking_call(payload, delay);
  initiator->b_transport(payload, delay);
  monitor_.blocking_return(payload, request, delay);
}

}  // namespace duet::tlm_interconnect
