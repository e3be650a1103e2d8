// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/core/statistics.hpp"
#include "duet/memory/memory_counters.hpp"
#include "duet/memory/memory_faults.hpp"
#include "duet/memory/sparse_store.hpp"
#include "duet/memory/transfer.hpp"

namespace duet::memory {

class CommandEngine;
class CommandObserver;

/// The stacks behind one port of the network with their controllers: a TLM-2.0 target.
///
/// Addresses are offsets from 0 to capacity - 1; a transaction may have any length and alignment.
/// Base protocol: b_transport (waits until the transfer is done), nb_transport with several
/// transactions outstanding, transport_dbg, DMI. With core::CutThroughExtension a read is answered
/// at its first byte and states when its last one comes; without it, BEGIN_RESP comes when all data
/// is there. With core::TimingOnlyExtension no data moves and no store is touched.
///
/// `control` (may stay unbound) has the registers of sw_driver/memory_registers.def: ECC and error counters,
/// fault injection, interrupt enable and clear.
class MemoryNode : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<MemoryNode> socket;
  tlm_utils::simple_target_socket_optional<MemoryNode> control;
  /// High while an enabled status bit is set.
  sc_core::sc_export<sc_core::sc_signal_in_if<bool>> interrupt;

  /// Throws core::UserError when the description names no known standard.
  MemoryNode(sc_core::sc_module_name name, const core::MemoryDescription& description);
  ~MemoryNode() override;

  [[nodiscard]] const core::MemoryDescription& description() const { return description_; }
  [[nodiscard]] uint64_t capacity() const { return capacity_; }
  [[nodiscard]] double peak_bytes_per_second() const { return core::peak_bytes_per_second(description_); }
  /// What was done up to now.
  [[nodiscard]] MemoryCounters counters() const;
  /// Adds the counters under "<full module name>.".
  void register_statistics(core::StatisticsRegistry& registry) const;
  [[nodiscard]] SparseStore& store() { return store_; }
  /// Flips bit 0..71 (64 data, 8 check bits) of the 64-bit word at `address`; DMI to it is withdrawn.
  /// Throws core::UserError for an address or a bit that does not exist.
  void inject_error(uint64_t address, unsigned bit);
  /// Shows all commands of one channel to an observer, which must outlive the simulation. Throws
  /// core::UserError at the `stream` level, which has none, and for a channel that does not exist.
  void observe_commands(size_t channel, CommandObserver& observer);

 private:
  struct Pending {
    Transfer transfer;
    tlm::tlm_generic_payload* payload = nullptr;
    sc_core::sc_event* done = nullptr;  ///< b_transport waits here; null for nb_transport
  };
  struct Response {
    uint64_t time_ps;
    uint64_t order;
    Pending* pending;
    bool operator>(const Response& other) const {
      return time_ps != other.time_ps ? time_ps > other.time_ps : order > other.order;
    }
  };
  struct Arrival {
    uint64_t time_ps;
    uint64_t order;
    tlm::tlm_generic_payload* payload;
    bool operator>(const Arrival& other) const {
      return time_ps != other.time_ps ? time_ps > other.time_ps : order > other.order;
    }
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

  void start(tlm::tlm_generic_payload& payload, sc_core::sc_event* done, uint64_t now_ps);
  void collect_scheduled();
  void respond(Pending& pending, uint64_t now_ps);
  void send_response(uint64_t now_ps);
  void release(Pending& pending);
  void access(tlm::tlm_generic_payload& payload);
  void control_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned control_dbg(tlm::tlm_generic_payload& payload);
  void faults_changed();
  void work();
  void arm(uint64_t now_ps);
  void warn(const tlm::tlm_generic_payload& payload, tlm::tlm_response_status status);

  core::MemoryDescription description_;
  uint64_t capacity_;
  uint64_t error_latency_ps_;
  std::unique_ptr<TransferEngine> engine_;
  CommandEngine* command_engine_ = nullptr;  ///< engine_ at the `command` level
  std::function<MemoryCounters(uint64_t)> engine_counters_;
  SparseStore store_;
  MemoryFaults faults_;
  sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> interrupt_signal_{"interrupt_signal"};
  uint64_t errors_ = 0;
  bool warned_ = false;

  std::vector<std::unique_ptr<Pending>> pool_;
  std::vector<Pending*> free_;
  size_t in_flight_ = 0;
  uint64_t order_ = 0;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  std::deque<tlm::tlm_generic_payload*> held_;  ///< BEGIN_REQ seen, END_REQ owed: the node is full
  std::priority_queue<Response, std::vector<Response>, std::greater<>> responses_;
  std::deque<Pending*> due_;        ///< responses waiting for the channel
  Pending* in_response_ = nullptr;  ///< BEGIN_RESP sent, END_RESP awaited
  sc_core::sc_event wake_;
  uint64_t armed_ps_ = never_ps;
};

}  // namespace duet::memory
