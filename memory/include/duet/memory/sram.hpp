// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/core/sram_description.hpp"
#include "duet/core/statistics.hpp"

namespace duet::memory {

/// Counters of a SRAM.
struct SramCounters {
  uint64_t reads = 0, writes = 0;
  uint64_t bytes_read = 0, bytes_written = 0;
  uint64_t bank_cycles = 0;      ///< word accesses, summed over the banks
  uint64_t conflict_cycles = 0;  ///< cycles that accesses waited for a busy bank
  uint64_t errors = 0;
};

/// A banked SRAM as a TLM-2.0 target with several ports.
///
/// Loosely timed: b_transport adds to the annotated delay and does not wait; nb_transport works through
/// the socket's own conversion. A transfer takes access_cycles, then its words at the pace of its port,
/// or of the busiest bank it touches if that is slower. Ports are served in the order of their calls.
class Sram : public sc_core::sc_module {
 public:
  sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<Sram>> ports;

  Sram(sc_core::sc_module_name name, const core::SramDescription& description);

  [[nodiscard]] const core::SramDescription& description() const { return description_; }
  [[nodiscard]] const SramCounters& counters() const { return counters_; }
  [[nodiscard]] std::vector<uint8_t>& data() { return data_; }
  /// Adds the counters under "<full module name>.".
  void register_statistics(core::StatisticsRegistry& registry) const;

 private:
  void b_transport(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int port, tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int port, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  [[nodiscard]] uint64_t serve(size_t port, uint64_t address, uint64_t bytes, uint64_t now_ps);
  void access(tlm::tlm_generic_payload& payload);
  void warn(int port, const tlm::tlm_generic_payload& payload);

  core::SramDescription description_;
  core::Clock clock_;
  std::vector<uint8_t> data_;
  std::vector<uint64_t> port_free_;  ///< cycles
  std::vector<uint64_t> bank_free_;  ///< cycles
  SramCounters counters_;
  bool warned_ = false;
};

}  // namespace duet::memory
