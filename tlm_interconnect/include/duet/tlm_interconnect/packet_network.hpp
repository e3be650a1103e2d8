// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <deque>
#include <memory>
#include <random>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "duet/tlm_interconnect/delivery_order.hpp"
#include "duet/tlm_interconnect/fair_share.hpp"
#include "duet/tlm_interconnect/network_model.hpp"
#include "duet/tlm_interconnect/noi_routing.hpp"

namespace duet::tlm_interconnect {

/// The network-on-interposer at `packet` level. Packets of up to `max_packet_bytes` reserve link after
/// link as their head arrives (cut-through, first come first served). Longer transfers, multicasts and
/// what a pair of nodes sends behind them are fluid (FairShare). The two meet on a link: a packet waits
/// for one packet of each bulk flow there, and takes its bytes from their share.
class PacketNetwork : public NetworkModel {
 public:
  /// Throws core::UserError if the description is inconsistent.
  explicit PacketNetwork(const core::NoiDescription& description);

  void send(const NetworkPacket& packet) override;
  [[nodiscard]] uint64_t next_event_ps() const override;
  void advance(uint64_t now_ps, std::vector<NetworkEvent>& events) override;
  void set_group(uint32_t group, std::vector<NodeId> members) override;
  void set_lanes(LinkId link, unsigned lanes) override;
  [[nodiscard]] uint64_t zero_load_ps(NodeId from, NodeId to, uint64_t bytes) const override;
  [[nodiscard]] const NoiTopology& topology() const override { return topology_; }
  [[nodiscard]] uint64_t link_bytes(LinkId link) const override { return channels_[link].bytes; }
  [[nodiscard]] double link_busy_ps(LinkId link) const override { return channels_[link].busy_ps; }
  [[nodiscard]] bool reachable(NodeId from, NodeId to) const override {
    return routing_->reachable(from, to);
  }
  [[nodiscard]] std::vector<LinkId> way_of_sum(NodeId from, NodeId root) const override {
    return routing_->path(from, root, routing_->class_of_tree(root));
  }
  /// Times that a link had to send again what followed a bit error.
  [[nodiscard]] uint64_t replays() const { return replays_; }
  [[nodiscard]] const NoiRouting& routing() const { return *routing_; }

 private:
  static constexpr size_t traffic_classes = 4;
  static constexpr uint32_t no_flow = ~uint32_t{0};
  static constexpr uint32_t no_pair = ~uint32_t{0};

  struct Channel {
    double bytes_per_ps = 0;
    double packet_bytes_per_ps = 0;  ///< of one packet; local channels are several ports
    uint64_t latency_ps = 0;
    uint64_t free_ps = 0;
    uint64_t charged_ps = 0;  ///< bulk flows have been delayed for packets up to then
    uint64_t bytes = 0;
    double busy_ps = 0;
  };
  struct Flight {
    NetworkPacket packet;
    uint64_t wire_bytes = 0;
    NodeId at = 0;
    uint64_t head_ps = 0;
    uint64_t tail_ps = 0;
    uint64_t order = 0;        ///< among packets that move at the same time: as they were sent
    uint32_t generation = 0;   ///< of the record, rises when it is free again
    uint64_t earliest_ps = 0;  ///< nothing of it is seen outside before
    uint64_t ahead_ps = 0;     ///< at least what its tail still has to go when nothing holds it up
    uint32_t ticket = 0;
    uint32_t links_crossed = 0;   ///< local channels included
    uint64_t source_free_ps = 0;  ///< its tail leaves the source
  };
  /// From a node to another when nothing else moves.
  struct Way {
    uint64_t latency_ps = 0;  ///< of the head
    double bytes_per_ps = 0;  ///< of the slowest link
    uint32_t generation = 0;  ///< of the routing that it belongs to
  };
  /// What goes between two nodes by one class of routes, by traffic class.
  struct Pair {
    Way way;
    std::array<uint64_t, traffic_classes> in_flight_bytes{};  ///< of short packets
    std::array<uint64_t, traffic_classes> sent_bytes{};       ///< the same and those that have not started
    std::array<uint64_t, traffic_classes> last_start_ps{};    ///< of those that were sent
    std::array<uint32_t, traffic_classes> flows{no_flow, no_flow, no_flow, no_flow};
  };
  struct Branch {
    NodeId node;
    uint64_t latency_ps;
    bool reachable;
  };
  struct Flow {
    FairShare::FlowId id;
    NodeId source;
    unsigned route_class;
    std::vector<NodeId> members;
    std::vector<uint32_t> channels;
    std::vector<Branch> branches;
    uint32_t generation;
  };
  struct Bulk {
    NetworkPacket packet;
    uint64_t order;
    uint64_t wire_bytes;
    uint32_t flow;
    std::vector<uint32_t> tickets;  ///< one for each branch of the flow
    uint32_t open = 0;              ///< branches that it has not reached
    uint64_t begun_ps = 0;
    bool left = false;  ///< its source knows
  };
  struct Wake {
    uint64_t at_ps;
    uint32_t flight;
    uint32_t generation;
    bool operator>(const Wake& other) const { return at_ps > other.at_ps; }
  };
  enum class Step : uint8_t { start, hop, arrive, arrive_bulk, lost };
  struct Event {
    uint64_t at_ps;
    uint64_t order;  ///< the packet's, so that it does not matter when a step is worked off
    Step step;
    uint32_t index;
    uint32_t branch;
    bool operator>(const Event& other) const {
      return std::tie(at_ps, order, branch) > std::tie(other.at_ps, other.order, other.branch);
    }
  };

  [[nodiscard]] uint32_t injection(NodeId node) const { return links_ + node; }
  [[nodiscard]] uint32_t ejection(NodeId node) const { return links_ + topology_.nodes() + node; }
  [[nodiscard]] uint64_t wire_bytes(uint64_t bytes) const;
  /// Errors among so many bytes on a link: each is found by its CRC and costs a round trip (go back N).
  unsigned bit_errors(uint64_t bytes);
  uint64_t cross(uint32_t channel, Flight& flight, uint64_t ready_ps);
  /// A packet longer than the buffers on its way, held up, keeps its tail in the source and holds that up
  /// too. `duration_ps` is what the packet takes over a channel from `begin_ps` on.
  void hold_source(Flight& flight, uint64_t begin_ps, double duration_ps);
  void schedule(uint64_t at_ps, Step step, uint32_t index);
  void arrive_at(uint64_t at_ps, uint32_t bulk, uint32_t branch);
  void add_step(const Event& event);
  /// Something of the flight may be seen outside at that time.
  void wake_for(uint64_t at_ps, uint32_t flight);
  void forget_wakes(uint64_t until_ps);
  void end_flight(uint32_t flight);
  [[nodiscard]] uint64_t next_step_ps() const;
  bool take_step(Event& step);
  [[nodiscard]] uint64_t undisturbed_ps(const Flight& flight, uint64_t start_ps);
  bool may_stream(const NetworkPacket& packet, uint64_t start_ps);
  void watch(const Event& event);
  void start(uint32_t index);
  void go_on(uint32_t index, uint64_t head_ps, uint64_t way_ps);
  void hop(uint32_t index);
  [[nodiscard]] Way way_of(NodeId from, NodeId to, unsigned route_class) const;
  Pair& pair_of(const NetworkPacket& packet);
  void start_bulk(uint32_t flow, const Flight& flight);
  void arrive_bulk(uint32_t index, uint32_t branch, std::vector<NetworkEvent>& events);
  uint32_t flow_of(const NetworkPacket& packet);
  void route(Flow& flow);
  void finish_bulk(uint32_t token, std::vector<NetworkEvent>& events);
  void lose_bulk(Flow& flow);
  uint32_t ticket(const NetworkPacket& packet, NodeId node);
  void report(NetworkEvent::Kind kind, const NetworkPacket& packet, NodeId node, uint32_t ticket,
              uint64_t first_ps, std::vector<NetworkEvent>& events);

  core::NoiDescription description_;
  NoiTopology topology_;
  std::unique_ptr<NoiRouting> routing_;
  uint32_t links_;
  uint64_t cycle_ps_;
  std::vector<Channel> channels_;
  std::vector<bool> dead_;
  FairShare bulk_share_;
  std::vector<std::vector<uint32_t>> pair_numbers_;  ///< by source, route class and destination
  std::deque<Pair> pairs_;                           ///< of those between which something has gone
  DeliveryOrder write_order_;
  DeliveryOrder read_order_;
  std::vector<Event> inner_steps_;  ///< heap of what nobody outside sees: packets start and hop
  std::vector<Event> outer_steps_;  ///< heap of what they see: packets arrive or are lost
  std::vector<Wake> wakes_;         ///< heap of the earliest times at which something else may be seen
  uint64_t packets_ = 0;
  uint64_t now_ps_ = 0;
  std::vector<Flight> flights_;
  std::vector<uint32_t> free_flights_;
  std::vector<Bulk> bulks_;
  std::vector<uint32_t> free_bulks_;
  std::vector<Flow> flows_;
  std::unordered_map<uint64_t, uint32_t> trees_;  ///< flows of multicasts
  std::unordered_map<uint32_t, std::vector<NodeId>> groups_;
  uint32_t generation_ = 1;
  std::vector<FairShare::Finished> finished_;
  std::mt19937_64 random_;
  uint64_t replays_ = 0;
};

}  // namespace duet::tlm_interconnect
