// SPDX-License-Identifier: Apache-2.0
#include "node_fixture.hpp"

#include <algorithm>

namespace duet::test {
namespace {

uint64_t now_ps() {
  return sc_core::sc_time_stamp().value();
}

}  // namespace

ScriptInitiator::ScriptInitiator(sc_core::sc_module_name name) : sc_core::sc_module(name), socket("socket") {
  socket.register_nb_transport_bw(this, &ScriptInitiator::nb_transport_bw);
  sc_core::sc_spawn([this] { run(); }, "run");
}

void ScriptInitiator::run() {
  for (size_t index = 0; index < requests.size(); ++index) {
    Request& request = requests[index];
    while (outstanding_.size() >= window) sc_core::wait(finished_);
    if (request.time_ps > now_ps()) sc_core::wait(sc_core::sc_time::from_value(request.time_ps - now_ps()));
    request.time_ps = now_ps();
    tlm::tlm_generic_payload* payload = manager_.allocate();
    payload->acquire();
    if (request.timing_only) {
      scratch_.resize(std::max<size_t>(scratch_.size(), request.bytes));
      payload->set_data_ptr(scratch_.data());
      payload->set_extension(new core::TimingOnlyExtension);
    } else {
      request.data.resize(request.bytes);
      payload->set_data_ptr(request.data.data());
    }
    if (request.cut_through) payload->set_extension(new core::CutThroughExtension);
    payload->set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload->set_address(request.address);
    payload->set_data_length(request.bytes);
    payload->set_streaming_width(request.bytes);
    outstanding_.emplace_back(payload, index);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    waiting_for_accept_ = true;
    const tlm::tlm_sync_enum status = socket->nb_transport_fw(*payload, phase, delay);
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) waiting_for_accept_ = false;
    while (waiting_for_accept_) sc_core::wait(accepted_);
    request.end_request_ps = now_ps();
  }
}

tlm::tlm_sync_enum ScriptInitiator::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                    sc_core::sc_time&) {
  if (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP) {
    waiting_for_accept_ = false;
    accepted_.notify(sc_core::SC_ZERO_TIME);
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const auto found = std::find_if(outstanding_.begin(), outstanding_.end(),
                                  [&](const auto& entry) { return entry.first == &payload; });
  if (found == outstanding_.end()) throw std::logic_error("response to an unknown request");
  Request& request = requests[found->second];
  outstanding_.erase(found);
  request.response_ps = now_ps();
  request.status = payload.get_response_status();
  const auto* through = payload.get_extension<core::CutThroughExtension>();
  request.last_data_ps =
      through != nullptr && through->last_data_ps != 0 ? through->last_data_ps : request.response_ps;
  ++done_;
  finished_.notify(sc_core::SC_ZERO_TIME);
  payload.release();
  phase = tlm::END_RESP;
  return tlm::TLM_UPDATED;
}

uint64_t ScriptInitiator::last_done_ps() const {
  uint64_t last = 0;
  for (const Request& request : requests) last = std::max(last, request.last_data_ps);
  return last;
}

}  // namespace duet::test
