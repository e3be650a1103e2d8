// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/payload_pool.hpp"

#include "duet/core/detach_extensions.hpp"

namespace duet::tlm_interconnect {

PayloadPool::~PayloadPool() {
  for (const auto& payload : all_) core::detach_extensions(*payload);
}

tlm::tlm_generic_payload& PayloadPool::acquire() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<tlm::tlm_generic_payload>(this));
    free_.push_back(all_.back().get());
  }
  tlm::tlm_generic_payload& payload = *free_.back();
  free_.pop_back();
  payload.acquire();
  return payload;
}

void PayloadPool::free(tlm::tlm_generic_payload* payload) {
  payload->reset();  // drops the extensions that are to go with the payload
  payload->set_command(tlm::TLM_IGNORE_COMMAND);
  payload->set_address(0);
  payload->set_data_ptr(nullptr);
  payload->set_data_length(0);
  payload->set_byte_enable_ptr(nullptr);
  payload->set_byte_enable_length(0);
  payload->set_streaming_width(0);
  payload->set_dmi_allowed(false);
  payload->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  payload->set_gp_option(tlm::TLM_MIN_PAYLOAD);
  free_.push_back(payload);
}

}  // namespace duet::tlm_interconnect
