// SPDX-License-Identifier: Apache-2.0
// Loosely timed transport through a network.
#include "duet/tlm_interconnect/tlm_network.hpp"

namespace duet::tlm_interconnect {

void TlmNetwork::b_transport(int node, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  Transaction way;
  const tlm::tlm_response_status status = decode(static_cast<NodeId>(node), payload, way);
  if (status != tlm::TLM_OK_RESPONSE) {
    refuse(way.source, payload, status);
    return;
  }
  // Its packets travel among the others', so that it takes as long as a non-blocking transaction under any
  // load.
  sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  sc_core::sc_event done;
  const uint32_t index = new_transaction();
  way.generation = transactions_[index].generation;
  way.blocking = true;
  way.done = &done;
  transactions_[index] = way;
  launch(index, sc_core::sc_time_stamp().value());
  sc_core::wait(done);
  if (!way.multicast && payload.get_response_status() != tlm::TLM_GENERIC_ERROR_RESPONSE) {
    payload.set_address(way.target_address);
    blocking_to_target(port(way.node), payload, delay);
    payload.set_address(way.initiator_address);
    const uint64_t answered = (sc_core::sc_time_stamp() + delay).value();
    delay = sc_core::SC_ZERO_TIME;
    send_response(index, answered, answered);
    sc_core::wait(done);
  }
  ++transactions_done_;
  bytes_done_ += payload.get_data_length();
  free_transaction(index);
}

}  // namespace duet::tlm_interconnect
