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
  if (!way.multicast && payload.get_data_length() <= settings_.at_once_bytes) {
    b_transport_at_once(way, payload, delay);
    return;
  }
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

void TlmNetwork::b_transport_at_once(const Transaction& way, tlm::tlm_generic_payload& payload,
                                     sc_core::sc_time& delay) {
  const uint64_t now = sc_core::sc_time_stamp().value();
  if (network_->next_event_ps() > now)
    run_network();  // packets under way have reserved their links up to now
  const uint64_t request_bytes = payload.is_write() ? payload.get_data_length() : 0;
  const uint64_t arrival = network_->reserve(way.source, way.node, request_bytes, now + delay.value());
  if (arrival == never_ps) {
    refuse(way.source, payload, tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  delay = sc_core::sc_time::from_value(arrival - now);
  payload.set_address(way.target_address);
  blocking_to_target(port(way.node), payload, delay);
  payload.set_address(way.initiator_address);
  const bool data = payload.is_read() && payload.is_response_ok();
  // The target may have waited, so the present is not what it was.
  const uint64_t later = sc_core::sc_time_stamp().value();
  const uint64_t back =
      network_->reserve(way.node, way.source, data ? payload.get_data_length() : 0, later + delay.value());
  if (back == never_ps) {
    refuse(way.source, payload, tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  delay = sc_core::sc_time::from_value(back - later);
  ++transactions_done_;
  bytes_done_ += payload.get_data_length();
}

}  // namespace duet::tlm_interconnect
