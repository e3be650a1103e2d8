// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <string>

#include "duet/tlm_interconnect/protocol_monitor.hpp"

namespace duet::tlm_interconnect {

/// A checker to put between any initiator and target: hands every call on unchanged, in no time.
class BaseProtocolChecker : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket_tagged<BaseProtocolChecker> target;        ///< the initiator binds here
  tlm_utils::simple_initiator_socket_tagged<BaseProtocolChecker> initiator;  ///< to the target

  /// `watched`: the socket that messages name; the checker itself if empty.
  explicit BaseProtocolChecker(const sc_core::sc_module_name& name, const std::string& watched = {});

  [[nodiscard]] const std::vector<ProtocolMonitor::Violation>& violations() const {
    return monitor_.violations();
  }

 private:
  tlm::tlm_sync_enum nb_transport_fw(int tag, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_bw(int tag, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void b_transport(int tag, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int /*tag*/, tlm::tlm_generic_payload& payload) {
    return initiator->transport_dbg(payload);
  }
  bool get_direct_mem_ptr(int /*tag*/, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    return initiator->get_direct_mem_ptr(payload, dmi);
  }
  void invalidate_direct_mem_ptr(int /*tag*/, sc_dt::uint64 start, sc_dt::uint64 end) {
    target->invalidate_direct_mem_ptr(start, end);
  }

  ProtocolMonitor monitor_;
};

}  // namespace duet::tlm_interconnect
