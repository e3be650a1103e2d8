// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <tlm>
#include <tuple>
#include <vector>

#include "duet/core/noi_description.hpp"
#include "duet/core/statistics.hpp"
#include "duet/core/tlm_extensions.hpp"
#include "duet/tlm_interconnect/network_model.hpp"
#include "duet/tlm_interconnect/noi_address_map.hpp"
#include "duet/tlm_interconnect/payload_pool.hpp"
#include "duet/tlm_interconnect/payload_table.hpp"
#include "duet/tlm_interconnect/protocol_monitor.hpp"
#include "duet/tlm_interconnect/reduction_tree.hpp"

namespace duet::tlm_interconnect {

/// What any network of nodes does as a TLM-2.0 interconnect. Each occupied node has a target socket for the
/// initiator there and an initiator socket for the target there; either may stay unbound. Which way an
/// address goes is the derived class's business, how long it takes the NetworkModel's.
class TlmNetwork : public sc_core::sc_module {
 public:
  using TargetSocket = tlm_utils::simple_target_socket_tagged_optional<TlmNetwork>;
  using InitiatorSocket = tlm_utils::simple_initiator_socket_tagged_optional<TlmNetwork>;

  ~TlmNetwork() override;

  /// Leaves so many lanes of a link working from now on, 0 = dead. False when there is no such link.
  bool set_lanes(NodeId from, NodeId to, unsigned lanes);
  /// Adds bytes and busy time of each link and the transactions and errors of the whole.
  void add_statistics(core::StatisticsRegistry& registry) const;
  [[nodiscard]] const NetworkModel& network() const { return *network_; }

  /// A non-blocking transaction as its initiator sees it; of a multicast, until its tail has left.
  struct Sight {
    NodeId source = 0;
    NodeId node = 0;                               ///< of the target; of a multicast the source
    const std::vector<NodeId>* members = nullptr;  ///< of a multicast
    bool write = false;
    uint64_t address = 0;
    uint64_t bytes = 0;
    uint64_t begin_ps = 0;
    uint64_t end_ps = 0;  ///< 0 while under way
    tlm::tlm_response_status response = tlm::TLM_INCOMPLETE_RESPONSE;
  };
  /// Called when a transaction begins and again when it ends, at that time (traces). Several may look on.
  void on_transaction(std::function<void(const Sight&)> observer) {
    observers_.push_back(std::move(observer));
  }
  /// Nobody looks on any more.
  void forget_observers() { observers_.clear(); }
  /// Multicast copies that a member answered with an error (nobody waits for their response).
  [[nodiscard]] uint64_t failed_posted_writes() const { return failed_posted_writes_; }
  /// What the monitors of all sockets have seen, if `check` is on.
  [[nodiscard]] std::vector<ProtocolMonitor::Violation> protocol_violations() const;

 protected:
  struct Settings {
    unsigned max_outstanding = 256;
    uint64_t timeout_ps = 0;
    uint64_t packet_bytes = 0;  ///< longest packet
    uint64_t adder_ps = 0;      ///< of a reduction, from the last summand to the sum
    uint64_t port_ps = 0;       ///< latency of a die's port
    double port_bytes_per_ps = 1;
    std::vector<core::NoiFaultDescription> faults;
    bool check = false;  ///< base-protocol monitors on all sockets
    const char* from_name = "from_node";
    const char* to_name = "to_node";
  };
  struct Route {
    NodeId node = 0;  ///< of a reduction the root
    uint64_t target_address = 0;
    std::shared_ptr<const std::vector<NodeId>> members;  ///< of a multicast or a reduction
    uint32_t network_group = 0;                          ///< of a reduction the number of the group
    bool reduction = false;
  };
  using Window = NoiAddressMap::Window;

  TlmNetwork(const sc_core::sc_module_name& name, std::unique_ptr<NetworkModel> network, Settings settings,
             const std::vector<NodeId>& nodes);

  /// Where the bytes at an address are; TLM_OK_RESPONSE or the error that the initiator gets.
  virtual tlm::tlm_response_status find_route(NodeId source, uint64_t address, uint64_t bytes, bool write,
                                              Route& route) const = 0;
  /// The window that an address lies in as `source` sees it, for DMI.
  [[nodiscard]] virtual std::optional<Window> window_of(NodeId source, uint64_t address) const = 0;
  /// Windows of a node's target as `source` sees them.
  [[nodiscard]] virtual std::vector<Window> windows_to(NodeId source, NodeId node) const = 0;

  TargetSocket& target_socket(NodeId node);
  InitiatorSocket& initiator_socket(NodeId node);
  NetworkModel& model() { return *network_; }
  /// Drops the sums of a group that some members have not written to yet.
  void abandon_reductions(uint32_t group);

 private:
  // Tokens of the network: a transaction, or with one of these bits a multicast or a piece of a reduction.
  static constexpr uint32_t multicast_bit = 0x8000'0000;
  static constexpr uint32_t hop_bit = 0x4000'0000;

  enum class State : uint8_t { free, waiting, request, queued, at_target, response, answering, done };

  struct Transaction {
    State state = State::free;
    bool blocking = false;
    bool posted_copy = false;        ///< one member's copy of a multicast
    bool multicast = false;          ///< or a summand: nobody's target answers
    bool summand = false;            ///< of a reduction, whose root is `node`
    bool owes_end_response = false;  ///< to the target
    bool hung = false;               ///< given up, but the target still has the payload
    uint32_t generation = 0;
    NodeId source = 0;
    NodeId node = 0;                                     ///< of the target
    std::shared_ptr<const std::vector<NodeId>> members;  ///< of a multicast
    uint32_t network_group = 0;
    tlm::tlm_generic_payload* payload = nullptr;
    uint64_t begin_ps = 0;
    uint64_t initiator_address = 0;
    uint64_t target_address = 0;
    core::CutThroughExtension* upstream_cut_through = nullptr;
    core::CutThroughExtension cut_through;
    std::shared_ptr<std::vector<unsigned char>> data;  ///< of a copy, with its byte enables behind them
    sc_core::sc_event* done = nullptr;                 ///< of a blocking one
  };

  /// A posted write on its way to the members of a group.
  struct Multicast {
    uint32_t sender = 0;
    std::vector<std::pair<NodeId, uint32_t>> copies;  ///< member and its transaction
    size_t open = 0;
  };
  /// One write of all members of a group to a reduction window.
  struct Reduction {
    ReductionTree tree;
    NodeId root = 0;
    uint64_t address = 0;  ///< that the root's target sees
    uint64_t bytes = 0;
    uint64_t piece_bytes = 0;
    uint32_t pieces = 0;
    std::vector<uint32_t> senders;             ///< transaction of each member, `none` before it has written
    std::vector<uint32_t> pieces_left;         ///< of each member, on their way to its first adder
    std::vector<std::vector<float>> summands;  ///< by member
    std::vector<uint32_t> missing;             ///< summands of [vertex][piece] that have not come
    size_t written = 0;                        ///< members
    size_t under_way = 0;                      ///< pieces in the network
    uint32_t summed = 0;                       ///< pieces at the root
    uint64_t first_ps = 0;                     ///< first byte at the root
    bool timing_only = false;
    bool broken = false;
  };
  /// A piece on its way to an adder.
  struct Hop {
    uint32_t reduction;
    uint32_t vertex;  ///< where it goes
    uint32_t piece;
    uint32_t member;  ///< whose summand it is, `none`: a sum
  };
  /// One node's two sockets and who uses their channels.
  struct Port {
    std::unique_ptr<TargetSocket> from;
    std::unique_ptr<InitiatorSocket> to;
    std::unique_ptr<ProtocolMonitor> from_monitor;
    std::unique_ptr<ProtocolMonitor> to_monitor;
    unsigned outstanding = 0;
    std::deque<uint32_t> waiting;    ///< BEGIN_REQ that has had no END_REQ
    std::deque<uint32_t> requests;   ///< for the target
    std::deque<uint32_t> responses;  ///< for the initiator
    bool request_busy = false;       ///< BEGIN_REQ sent, END_REQ not seen
    bool response_busy = false;      ///< BEGIN_RESP sent, END_RESP not seen
    uint32_t request_owner = 0;
  };

  enum class Action : uint8_t {
    end_request,
    response,
    end_response,
    timeout,
    fault,
    answer,
    arrive,
    own_summand,
    leave
  };
  struct Timer {
    uint64_t at_ps;
    uint64_t sequence;
    Action action;
    uint32_t index;  ///< transaction; node for end_response; hop for own_summand, leave; place in the list
                     ///< for fault
    uint32_t generation;
    bool operator>(const Timer& other) const {
      return at_ps != other.at_ps ? at_ps > other.at_ps : sequence > other.sequence;
    }
  };

  tlm::tlm_sync_enum nb_transport_fw(int node, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_bw(int node, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  // The sockets' callbacks and the calls out of them, with the monitors around if there are any.
  tlm::tlm_sync_enum from_initiator(int node, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                    sc_core::sc_time& delay);
  tlm::tlm_sync_enum from_target(int node, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                 sc_core::sc_time& delay);
  static tlm::tlm_sync_enum to_target(Port& p, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                      sc_core::sc_time& delay);
  static tlm::tlm_sync_enum to_initiator(Port& p, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay);
  void blocking_from_initiator(int node, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  static void blocking_to_target(Port& p, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void b_transport(int node, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int node, tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int node, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int node, sc_dt::uint64 start, sc_dt::uint64 end);

  // Life of a transaction, in this order.
  tlm::tlm_sync_enum begin_request(NodeId source, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay);
  tlm::tlm_response_status decode(NodeId source, tlm::tlm_generic_payload& payload, Transaction& transaction);
  void refuse(NodeId source, tlm::tlm_generic_payload& payload, tlm::tlm_response_status status);
  void launch(uint32_t index, uint64_t at_ps);
  void launch_multicast(uint32_t index, uint64_t at_ps);
  uint32_t copy_for(NodeId member, const Transaction& sender,
                    const std::shared_ptr<std::vector<unsigned char>>& data);
  uint32_t posted_copy(tlm::tlm_generic_payload& payload, NodeId source, NodeId node, uint64_t address,
                       const std::shared_ptr<std::vector<unsigned char>>& data);
  void multicast_event(uint32_t index, const NetworkEvent& event);
  void request_arrived(uint32_t index, uint64_t first_ps);
  void offer_requests(NodeId node);
  void respond_at(uint64_t at_ps, uint32_t index);
  void target_responded(uint32_t index);
  void response_arrived(uint32_t index);
  void offer_responses(NodeId node);
  void complete(uint32_t index);
  void response_accepted(NodeId node);
  void fail(uint32_t index, const char* why);
  void send_response(uint32_t index, uint64_t first_ps, uint64_t last_ps);
  void finish_copy(uint32_t index);

  static tlm::tlm_response_status check_summand(const tlm::tlm_generic_payload& payload);
  uint32_t reduction_of(const Transaction& summand, size_t member);
  void launch_summand(uint32_t index, uint64_t at_ps);
  uint32_t new_hop(const Hop& hop);
  void send_piece(uint32_t index, NodeId from, uint64_t at_ps);
  void leaf_leaves(uint32_t index);
  void piece_event(uint32_t index, const NetworkEvent& event);
  void hand_on(const Hop& hop);
  uint32_t sum_of(const Reduction& reduction);
  void break_reduction(Reduction& reduction, const char* why);
  void end_reduction(uint32_t index);

  uint32_t new_transaction();
  void free_transaction(uint32_t index);
  void run();
  void run_network();
  void dispatch(const NetworkEvent& event);
  void dispatch(const Timer& timer);
  void add_timer(uint64_t at_ps, Action action, uint32_t index);
  void show(const Transaction& transaction, uint64_t end_ps) const;
  void wake_up();
  void warn(const std::string& message);

  Port& port(NodeId node) {
    if (node >= ports_.size() || !ports_[node]) refuse_node(node);
    return *ports_[node];
  }
  [[noreturn]] void refuse_node(NodeId node) const;

  Settings settings_;
  std::unique_ptr<NetworkModel> network_;
  PayloadPool pool_;
  std::vector<std::unique_ptr<Port>> ports_;  ///< by node; none where nobody lives
  std::deque<Transaction> transactions_;
  std::vector<uint32_t> free_transactions_;
  std::deque<Multicast> multicasts_;
  std::vector<uint32_t> free_multicasts_;
  std::deque<Reduction> reductions_;
  std::vector<uint32_t> free_reductions_;
  std::map<std::tuple<uint32_t, NodeId, uint64_t>, std::deque<uint32_t>>
      open_reductions_;  ///< by group, root and address: not all members have written
  std::deque<Hop> hops_;
  std::vector<uint32_t> free_hops_;
  std::shared_ptr<std::vector<unsigned char>> scratch_;  ///< where payloads without data point
  core::TimingOnlyExtension timing_only_;
  PayloadTable by_payload_;
  std::vector<Timer> timers_;
  uint64_t timer_sequence_ = 0;
  std::vector<NetworkEvent> events_;
  sc_core::sc_event wake_;
  bool running_ = false;          ///< inside run()
  uint64_t armed_ps_ = never_ps;  ///< when wake_ comes
  std::vector<std::function<void(const Sight&)>> observers_;
  uint64_t transactions_done_ = 0;
  uint64_t bytes_done_ = 0;
  uint64_t errors_ = 0;
  uint64_t failed_posted_writes_ = 0;
};

}  // namespace duet::tlm_interconnect
