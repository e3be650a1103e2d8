// SPDX-License-Identifier: Apache-2.0
// The target side of a chiplet: SRAM, mailboxes and event counters as peers see them.
#include <algorithm>
#include <cstring>

#include "duet/core/tlm_extensions.hpp"
#include "duet/models/chiplet/chiplet.hpp"

namespace duet::models {

using core::ChipletWindow;

tlm::tlm_sync_enum Chiplet::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    sc_core::sc_time until = delay;
    const auto* stream = payload.get_extension<core::CutThroughExtension>();
    const uint64_t now_ps = sc_core::sc_time_stamp().value();
    if (payload.is_write() && stream != nullptr && stream->last_data_ps > now_ps) {
      until = std::max(until, sc_core::sc_time::from_value(stream->last_data_ps - now_ps));
    }
    if (until == sc_core::SC_ZERO_TIME) {
      accept(payload);
      return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    target_queue_.notify(payload, tlm::BEGIN_RESP, until);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  if (phase == tlm::END_RESP) {
    payload.release();
    return tlm::TLM_COMPLETED;
  }
  return tlm::TLM_ACCEPTED;
}

void Chiplet::on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& /*phase*/) {
  accept(payload);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum result = data_target->nb_transport_bw(payload, phase, delay);
  if (result == tlm::TLM_COMPLETED || (result == tlm::TLM_UPDATED && phase == tlm::END_RESP))
    payload.release();
}

void Chiplet::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
  accept(payload);
}

void Chiplet::accept(tlm::tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address();
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (address & ChipletWindow::mailbox_bit) {
    const auto counter = static_cast<unsigned>(address >> 36) & (ChipletWindow::counters - 1);
    if (!payload.is_write()) {
      payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
      return;
    }
    if (values_ && payload.get_extension<core::TimingOnlyExtension>() == nullptr) {
      values_->receive(counter, address & ChipletWindow::mailbox_offset_mask, payload.get_data_ptr(),
                       payload.get_data_length());
    }
    counters_.add(counter, payload.get_data_length());
    return;
  }
  if (address & ChipletWindow::counter_bit) {
    const uint64_t counter = (address & ~ChipletWindow::counter_bit) / 8;
    if (counter >= ChipletWindow::counters) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    } else if (payload.is_write() && payload.get_data_length() == 4) {
      uint32_t amount = 0;
      std::memcpy(&amount, payload.get_data_ptr(), sizeof amount);
      counters_.add(static_cast<unsigned>(counter), amount);
    } else if (payload.is_read() && payload.get_data_length() == 8) {
      const uint64_t value = counters_.value(static_cast<unsigned>(counter));
      std::memcpy(payload.get_data_ptr(), &value, sizeof value);
    } else {
      payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    }
    return;
  }
  const bool timing_only = payload.get_extension<core::TimingOnlyExtension>() != nullptr;
  if (address + payload.get_data_length() > description_.sram_bytes()) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (!timing_only && transport_dbg(payload) != payload.get_data_length()) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  }
}

unsigned Chiplet::transport_dbg(tlm::tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address();
  if ((address & (ChipletWindow::counter_bit | ChipletWindow::mailbox_bit)) == ChipletWindow::counter_bit) {
    if (!payload.is_read() || payload.get_data_length() != 8) return 0;
    accept(payload);
    return payload.is_response_ok() ? 8 : 0;
  }
  const uint64_t end = address + payload.get_data_length();
  if (end > description_.sram_bytes()) return 0;
  if (sram_.size() < end) sram_.resize(end);
  if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), sram_.data() + address, payload.get_data_length());
  } else if (payload.is_write()) {
    std::memcpy(sram_.data() + address, payload.get_data_ptr(), payload.get_data_length());
  }
  return payload.get_data_length();
}

}  // namespace duet::models
