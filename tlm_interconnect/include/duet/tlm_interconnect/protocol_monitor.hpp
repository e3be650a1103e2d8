// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace duet::tlm_interconnect {

/// What can be wrong on a TLM-2.0 socket (IEEE 1666-2011, chapters 14 and 15.2).
enum class ProtocolRule : uint8_t {
  request_exclusion,    ///< BEGIN_REQ before the END_REQ (or BEGIN_RESP) of the one before
  response_exclusion,   ///< BEGIN_RESP before the END_RESP of the one before
  phase_order,          ///< a phase that may not come next, or from the wrong side
  return_value,         ///< a return value that does not fit the phase
  time_order,           ///< an annotated time before that of the transaction's last phase
  no_memory_manager,    ///< nb_transport with a payload without one, or without a reference to it
  data_pointer,         ///< null pointer or length 0 for a read or a write
  streaming_width,      ///< 0
  response_at_request,  ///< response status or DMI hint set when the request begins
  no_response,          ///< status still incomplete when the response begins
  changed_attribute,    ///< command, data, byte enables or width changed between request and response
};

std::string_view rule_name(ProtocolRule rule);

/// Watches one socket. Its owner calls it around each transport call; it reports each kind of
/// violation once as a SystemC warning and counts all of them.
class ProtocolMonitor {
 public:
  /// `name` of the socket, for messages.
  explicit ProtocolMonitor(const char* name);

  struct Violation {
    ProtocolRule rule;
    uint64_t at_ps;
    std::string socket;  ///< full name
    std::string text;
  };

  void forward_call(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                    const sc_core::sc_time& delay);
  void forward_return(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum result,
                      const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  void backward_call(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                     const sc_core::sc_time& delay);
  void backward_return(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum result,
                       const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  /// What a blocking call began with, for its return.
  struct Request {
    tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
    const unsigned char* data = nullptr;
    unsigned length = 0;
    unsigned width = 0;
    const unsigned char* byte_enables = nullptr;
    unsigned byte_enable_length = 0;
    uint64_t last_ps = 0;  ///< of its last phase, annotated delay included
  };
  Request blocking_call(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
  void blocking_return(const tlm::tlm_generic_payload& payload, const Request& request,
                       const sc_core::sc_time& delay);

  [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }

 private:
  enum class Stage : uint8_t { requested, accepted, responded };
  struct Transaction {
    Stage stage = Stage::requested;
    Request request;
  };

  void begin_request(const tlm::tlm_generic_payload& payload, uint64_t at_ps);
  void end_request(const tlm::tlm_generic_payload& payload, uint64_t at_ps);
  void begin_response(const tlm::tlm_generic_payload& payload, uint64_t at_ps);
  void end_response(const tlm::tlm_generic_payload& payload, uint64_t at_ps);
  void check_request(const tlm::tlm_generic_payload& payload);
  void check_response(const tlm::tlm_generic_payload& payload, const Request& request);
  void check_time(Request& request, uint64_t at_ps);
  void report(ProtocolRule rule, const std::string& text);

  std::string name_;
  std::map<const tlm::tlm_generic_payload*, Transaction> open_;
  const tlm::tlm_generic_payload* requesting_ = nullptr;
  const tlm::tlm_generic_payload* responding_ = nullptr;
  std::vector<Violation> violations_;
  uint32_t warned_ = 0;
};

}  // namespace duet::tlm_interconnect
