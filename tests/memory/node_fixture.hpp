// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/simulation_context.hpp"
#include "duet/core/tlm_extensions.hpp"
#include "duet/memory/memory_node.hpp"
#include "support/watched_sockets.hpp"

namespace duet::test {

/// Payloads from the heap, freed at the last release.
class HeapManager : public tlm::tlm_mm_interface {
 public:
  tlm::tlm_generic_payload* allocate() { return new tlm::tlm_generic_payload(this); }
  void free(tlm::tlm_generic_payload* payload) override { delete payload; }
};

/// One request of a script and what became of it. Times in ps.
struct Request {
  uint64_t time_ps = 0;
  uint64_t address = 0;
  uint32_t bytes = 64;
  bool write = false;
  bool cut_through = false;
  bool timing_only = true;
  std::vector<uint8_t> data = {};  ///< used when not timing_only; sized to `bytes` by the initiator
  uint64_t end_request_ps = 0;
  uint64_t response_ps = 0;
  uint64_t last_data_ps = 0;  ///< of the cut-through extension, else the response
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
};

/// Issues requests through nb_transport, in order, each at its time or when the one before was
/// accepted (the request exclusion rule), with up to `window` outstanding.
class ScriptInitiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<ScriptInitiator> socket;
  std::vector<Request> requests;
  size_t window = 64;
  uint64_t end_response_delay_ps = 0;

  explicit ScriptInitiator(sc_core::sc_module_name name);
  [[nodiscard]] uint64_t last_done_ps() const;
  [[nodiscard]] size_t done() const { return done_; }

 private:
  void run();
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  HeapManager manager_;
  std::vector<uint8_t> scratch_;
  std::vector<std::pair<tlm::tlm_generic_payload*, size_t>> outstanding_;
  sc_core::sc_event accepted_, finished_;
  bool waiting_for_accept_ = false;
  size_t done_ = 0;
};

/// A fresh kernel with one node and one initiator bound to it.
struct NodeFixture {
  core::SimulationContext context;
  std::unique_ptr<memory::MemoryNode> node;
  std::unique_ptr<ScriptInitiator> initiator;
  WatchedSockets sockets;

  explicit NodeFixture(const core::MemoryDescription& memory) {
    node = std::make_unique<memory::MemoryNode>("node", memory);
    initiator = std::make_unique<ScriptInitiator>("initiator");
    sockets.bind(initiator->socket, node->socket);
  }
  void elaborate() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }
  /// Runs until nothing is left to do, at most `limit_ps`.
  void run(uint64_t limit_ps = 1'000'000'000'000) {
    sc_core::sc_start(sc_core::sc_time::from_value(limit_ps));
  }
};

}  // namespace duet::test
