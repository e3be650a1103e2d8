// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/protocol_monitor.hpp"

#include <fmt/format.h>

namespace duet::tlm_interconnect {
namespace {

uint64_t time_of(const sc_core::sc_time& delay) {
  return (sc_core::sc_time_stamp() + delay).value();
}

bool known(const tlm::tlm_phase& phase) {
  return phase == tlm::BEGIN_REQ || phase == tlm::END_REQ || phase == tlm::BEGIN_RESP ||
         phase == tlm::END_RESP;
}

ProtocolMonitor::Request request_of(const tlm::tlm_generic_payload& payload, uint64_t at_ps) {
  return {payload.get_command(),
          payload.get_data_ptr(),
          payload.get_data_length(),
          payload.get_streaming_width(),
          payload.get_byte_enable_ptr(),
          payload.get_byte_enable_length(),
          at_ps};
}

}  // namespace

std::string_view rule_name(ProtocolRule rule) {
  switch (rule) {
    case ProtocolRule::request_exclusion:
      return "request exclusion";
    case ProtocolRule::response_exclusion:
      return "response exclusion";
    case ProtocolRule::phase_order:
      return "phase order";
    case ProtocolRule::return_value:
      return "return value";
    case ProtocolRule::time_order:
      return "time order";
    case ProtocolRule::no_memory_manager:
      return "no memory manager";
    case ProtocolRule::data_pointer:
      return "data pointer";
    case ProtocolRule::streaming_width:
      return "streaming width";
    case ProtocolRule::response_at_request:
      return "response at request";
    case ProtocolRule::no_response:
      return "no response";
    case ProtocolRule::changed_attribute:
      return "changed attribute";
  }
  return "?";
}

ProtocolMonitor::ProtocolMonitor(const char* name) : name_(name) {}

void ProtocolMonitor::report(ProtocolRule rule, const std::string& text) {
  violations_.push_back({rule, sc_core::sc_time_stamp().value(), name_, text});
  const uint32_t bit = 1U << static_cast<unsigned>(rule);
  if ((warned_ & bit) != 0) return;
  warned_ |= bit;
  SC_REPORT_WARNING("base protocol", fmt::format("{}: {}: {}", name_, rule_name(rule), text).c_str());
}

void ProtocolMonitor::check_request(const tlm::tlm_generic_payload& payload) {
  const bool moves_data = payload.get_command() != tlm::TLM_IGNORE_COMMAND;
  if (moves_data && (payload.get_data_ptr() == nullptr || payload.get_data_length() == 0)) {
    report(ProtocolRule::data_pointer,
           fmt::format("{} bytes at {}", payload.get_data_length(), fmt::ptr(payload.get_data_ptr())));
  }
  if (moves_data && payload.get_streaming_width() == 0) report(ProtocolRule::streaming_width, "found 0");
  if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE || payload.is_dmi_allowed()) {
    report(ProtocolRule::response_at_request, payload.get_response_string());
  }
}

void ProtocolMonitor::check_response(const tlm::tlm_generic_payload& payload, const Request& request) {
  if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
    report(ProtocolRule::no_response, fmt::format("at {:#x}", payload.get_address()));
  }
  if (payload.get_command() != request.command || payload.get_data_ptr() != request.data ||
      payload.get_data_length() != request.length || payload.get_streaming_width() != request.width ||
      payload.get_byte_enable_ptr() != request.byte_enables ||
      payload.get_byte_enable_length() != request.byte_enable_length) {
    report(ProtocolRule::changed_attribute, fmt::format("at {:#x}", payload.get_address()));
  }
}

void ProtocolMonitor::check_time(Request& request, uint64_t at_ps) {
  if (at_ps < request.last_ps) {
    report(ProtocolRule::time_order, fmt::format("{} ps after {} ps", at_ps, request.last_ps));
  }
  request.last_ps = at_ps;
}

void ProtocolMonitor::begin_request(const tlm::tlm_generic_payload& payload, uint64_t at_ps) {
  if (requesting_ != nullptr && requesting_ != &payload) {
    report(ProtocolRule::request_exclusion, fmt::format("BEGIN_REQ at {:#x}", payload.get_address()));
  }
  if (open_.contains(&payload))
    report(ProtocolRule::phase_order, "BEGIN_REQ of a transaction that is under way");
  if (!payload.has_mm() || payload.get_ref_count() < 1)
    report(ProtocolRule::no_memory_manager, fmt::format("at {:#x}", payload.get_address()));
  check_request(payload);
  requesting_ = &payload;
  open_[&payload] = {Stage::requested, request_of(payload, at_ps)};
}

void ProtocolMonitor::end_request(const tlm::tlm_generic_payload& payload, uint64_t at_ps) {
  const auto found = open_.find(&payload);
  if (found == open_.end() || found->second.stage != Stage::requested) {
    report(ProtocolRule::phase_order, "END_REQ without a request that waits for it");
    return;
  }
  check_time(found->second.request, at_ps);
  found->second.stage = Stage::accepted;
  if (requesting_ == &payload) requesting_ = nullptr;
}

void ProtocolMonitor::begin_response(const tlm::tlm_generic_payload& payload, uint64_t at_ps) {
  const auto found = open_.find(&payload);
  if (found == open_.end() || found->second.stage == Stage::responded) {
    report(ProtocolRule::phase_order, "BEGIN_RESP without a request that waits for it");
    return;
  }
  if (responding_ != nullptr && responding_ != &payload) {
    report(ProtocolRule::response_exclusion, fmt::format("BEGIN_RESP at {:#x}", payload.get_address()));
  }
  check_time(found->second.request, at_ps);
  check_response(payload, found->second.request);
  found->second.stage = Stage::responded;
  if (requesting_ == &payload) requesting_ = nullptr;  // END_REQ is implied
  responding_ = &payload;
}

void ProtocolMonitor::end_response(const tlm::tlm_generic_payload& payload, uint64_t at_ps) {
  const auto found = open_.find(&payload);
  if (found == open_.end() || found->second.stage != Stage::responded) {
    report(ProtocolRule::phase_order, "END_RESP without a response that waits for it");
    return;
  }
  check_time(found->second.request, at_ps);
  open_.erase(found);
  if (responding_ == &payload) responding_ = nullptr;
}

void ProtocolMonitor::forward_call(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                                   const sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    begin_request(payload, time_of(delay));
  } else if (phase == tlm::END_RESP) {
    end_response(payload, time_of(delay));
  } else if (known(phase)) {
    report(ProtocolRule::phase_order, "a phase of the target on the forward path");
  }
}

void ProtocolMonitor::forward_return(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum result,
                                     const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
  const auto found = open_.find(&payload);
  if (result == tlm::TLM_ACCEPTED || found == open_.end()) return;
  if (result == tlm::TLM_COMPLETED) {
    // The target skips to the end: everything that was outstanding is.
    check_response(payload, found->second.request);
    if (requesting_ == &payload) requesting_ = nullptr;
    if (responding_ == &payload) responding_ = nullptr;
    open_.erase(found);
  } else if (phase == tlm::END_REQ) {
    end_request(payload, time_of(delay));
  } else if (phase == tlm::BEGIN_RESP) {
    begin_response(payload, time_of(delay));
  } else if (known(phase)) {
    report(ProtocolRule::return_value, "TLM_UPDATED with a phase that is not the target's");
  }
}

void ProtocolMonitor::backward_call(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                                    const sc_core::sc_time& delay) {
  if (phase == tlm::END_REQ) {
    end_request(payload, time_of(delay));
  } else if (phase == tlm::BEGIN_RESP) {
    begin_response(payload, time_of(delay));
  } else if (known(phase)) {
    report(ProtocolRule::phase_order, "a phase of the initiator on the backward path");
  }
}

void ProtocolMonitor::backward_return(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum result,
                                      const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
  const auto found = open_.find(&payload);
  if (result == tlm::TLM_ACCEPTED || found == open_.end()) return;
  if (found->second.stage != Stage::responded) {
    report(ProtocolRule::return_value, "END_REQ answered with more than TLM_ACCEPTED");
  } else if (result == tlm::TLM_COMPLETED || phase == tlm::END_RESP) {
    end_response(payload, time_of(delay));
  } else if (known(phase)) {
    report(ProtocolRule::return_value, "TLM_UPDATED with a phase that is not the initiator's");
  }
}

ProtocolMonitor::Request ProtocolMonitor::blocking_call(const tlm::tlm_generic_payload& payload,
                                                        const sc_core::sc_time& delay) {
  check_request(payload);
  return request_of(payload, time_of(delay));
}

void ProtocolMonitor::blocking_return(const tlm::tlm_generic_payload& payload, const Request& request,
                                      const sc_core::sc_time& delay) {
  check_response(payload, request);
  Request copy = request;
  check_time(copy, time_of(delay));
}

}  // namespace duet::tlm_interconnect
