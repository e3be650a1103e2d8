// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/tlm_interconnect/delivery_order.hpp"
#include "duet/tlm_interconnect/network_model.hpp"
#include "duet/tlm_interconnect/noi_routing.hpp"

namespace duet::tlm_interconnect {

/// Throws core::UserError if a link is faster than one flit per router cycle.
void check_flit_rate(const core::NoiDescription& description);

/// The network-on-interposer at `flit` level: input-queued wormhole routers with virtual channels, credits
/// and separable allocation (iSLIP with one iteration for virtual channels and for the switch; McKeown,
/// IEEE/ACM ToN 7(2), 1999). Stages: route computation, VC allocation, switch allocation, traversal, each
/// of a given number of cycles; nothing is speculative. A virtual channel takes its next packet when the
/// tail of the one before has won the switch. All state lies in flat arrays, and only routers that have
/// something to do are looked at.
///
/// Classes of routes (o1turn) have virtual channels of their own, half of them each.
///
/// A multicast is copied where its tree branches, one packet after the other, so each link carries it
/// once. A link that dies takes no new packet; those in the middle of it still get through.
class FlitNetwork : public NetworkModel {
 public:
  /// Throws core::UserError if the description is inconsistent or a link is faster than a flit a cycle.
  explicit FlitNetwork(const core::NoiDescription& description);

  void send(const NetworkPacket& packet) override;
  [[nodiscard]] uint64_t next_event_ps() const override;
  void advance(uint64_t now_ps, std::vector<NetworkEvent>& events) override;
  void set_group(uint32_t group, std::vector<NodeId> members) override;
  void set_lanes(LinkId link, unsigned lanes) override;
  [[nodiscard]] uint64_t zero_load_ps(NodeId from, NodeId to, uint64_t bytes) const override;
  [[nodiscard]] bool reachable(NodeId from, NodeId to) const override {
    return routing_->reachable(from, to);
  }
  [[nodiscard]] std::vector<LinkId> way_of_sum(NodeId from, NodeId root) const override {
    return routing_->path(from, root, routing_->class_of_tree(root));
  }
  /// The zero-load time: flits that are under way are not moved aside for a packet out of time.
  [[nodiscard]] const NoiTopology& topology() const override { return topology_; }
  [[nodiscard]] uint64_t link_bytes(LinkId link) const override;
  [[nodiscard]] double link_busy_ps(LinkId link) const override;

  [[nodiscard]] uint64_t link_flits(LinkId link) const { return outputs_[output_of_link_[link]].flits; }
  [[nodiscard]] uint64_t cycle() const { return cycle_; }
  /// Flits that have not reached their end yet, those in the source queues included.
  [[nodiscard]] uint64_t flits_inside() const { return flits_inside_; }

 private:
  static constexpr uint32_t none = ~uint32_t{0};
  enum class VcState : uint8_t { idle, routing, allocating, active };

  struct InputVc {
    VcState state = VcState::idle;
    uint8_t out_port = 0;
    uint8_t out_vc = 0;
    uint16_t count = 0;
    uint16_t head = 0;
    uint64_t ready = 0;  ///< first cycle in which it may bid in its present stage
  };
  struct InputPort {
    uint32_t routing = 0;  ///< bit masks of virtual channels
    uint32_t allocating = 0;
    uint32_t active = 0;         ///< with a flit to send
    uint32_t switch_offset = 0;  ///< round-robin among the virtual channels
    uint32_t accept = 0;         ///< iSLIP pointer of the switch
    uint32_t credit_to = none;   ///< output at the other end of the link, or injector
    bool local = false;
    uint32_t credit_delay = 1;
  };
  struct OutputPort {
    uint32_t free_vcs = 0;  ///< bit mask
    uint32_t grant = 0;     ///< iSLIP pointer of the switch
    uint32_t to_router = none;
    uint32_t to_port = none;
    uint32_t delay = 1;  ///< cycles from the send to the arrival
    double cycles_per_flit = 1;
    double free_at = 0;  ///< cycle
    uint64_t last_arrival = 0;
    uint64_t flits = 0;
    LinkId link = no_link;
  };
  struct Injector {
    uint32_t packet = none;
    uint32_t flits_left = 0;
    uint32_t vc = 0;
  };
  struct Node {
    std::deque<uint32_t> queue;  ///< packets
    uint32_t busy = 0;           ///< injectors in the middle of a packet
    bool listed = false;
  };
  struct FlitPacket {
    uint32_t transfer;
    uint32_t flits;
    uint32_t branch;  ///< of the transfer's tree
    NodeId to;
    bool lost;
    bool from_source;
    uint8_t route_class;
    uint64_t head_ps;
  };
  /// A piece of a multicast tree between two nodes that copy or keep the packet.
  struct Branch {
    NodeId from;
    NodeId to;
    bool member;
    uint32_t ticket = 0;
    uint32_t packets_left = 0;
    uint64_t first_ps = 0;
    bool lost = false;
    std::vector<uint32_t> children;
  };
  struct Transfer {
    NetworkPacket packet;
    std::vector<Branch> branches;
    std::vector<uint32_t> roots;
    uint32_t packets_at_source = 0;
    uint32_t open = 0;
  };
  struct Arrival {
    uint32_t router;  ///< `none`: a credit
    uint32_t port;    ///< input port; ports_ + output port to the die; output or injector of a credit
    uint32_t vc;
    uint32_t flit;  ///< of a credit: 1 if it goes to an injector
  };
  struct Start {
    uint64_t cycle;
    uint64_t sequence;
    uint32_t transfer;
    uint32_t flits;
    uint32_t branch;
    bool operator>(const Start& other) const {
      return cycle != other.cycle ? cycle > other.cycle : sequence > other.sequence;
    }
  };

  [[nodiscard]] uint32_t port_index(uint32_t router, uint32_t port) const { return router * ports_ + port; }
  [[nodiscard]] uint32_t vc_index(uint32_t port, uint32_t vc) const { return port * vcs_ + vc; }
  void build_ports();
  void step(std::vector<NetworkEvent>& events);
  void later(uint64_t at, const Arrival& arrival);
  void arrive(const Arrival& arrival, std::vector<NetworkEvent>& events);
  void sink(const Arrival& arrival, std::vector<NetworkEvent>& events);
  void start(const Start& begin);
  void inject(NodeId node, std::vector<NetworkEvent>& events);
  void router_step(uint32_t router);
  void compute_routes(uint32_t router);
  void allocate_vcs(uint32_t router);
  void allocate_switch(uint32_t router);
  void send_flit(uint32_t router, uint32_t in_port, uint32_t vc);
  uint32_t choose_output(uint32_t router, FlitPacket& packet);
  void activate(uint32_t router);
  void build_tree(Transfer& transfer);
  void enqueue(NodeId node, uint32_t transfer, uint32_t branch, uint32_t flits);
  void packet_arrived(uint32_t packet, std::vector<NetworkEvent>& events);
  void finish_branch(uint32_t transfer, uint32_t branch, std::vector<NetworkEvent>& events);
  [[nodiscard]] uint32_t flits_of(uint64_t bytes) const;
  [[nodiscard]] unsigned retries();

  core::NoiDescription description_;
  NoiTopology topology_;
  std::unique_ptr<NoiRouting> routing_;
  core::Clock clock_;
  uint32_t routers_;
  uint32_t ports_;  ///< of each router, network ports first
  uint32_t network_ports_;
  uint32_t vcs_;
  std::vector<uint32_t> class_vcs_;   ///< bit mask of virtual channels by class of routes
  std::vector<uint8_t> class_of_vc_;  ///< and the other way round
  uint32_t buffer_;
  uint64_t cycle_ = 0;
  std::vector<InputPort> inputs_;
  std::vector<InputVc> input_vcs_;
  std::vector<OutputPort> outputs_;
  std::vector<uint32_t> credits_;    ///< of output VCs
  std::vector<uint32_t> vc_grant_;   ///< iSLIP pointers of output VCs
  std::vector<uint32_t> vc_accept_;  ///< iSLIP pointers of input VCs
  std::vector<uint32_t> buffers_;    ///< flits: packet * 4 + head * 2 + tail
  std::vector<Injector> injectors_;  ///< by node and local port
  std::vector<uint32_t> injector_credits_;
  std::vector<uint32_t> output_of_link_;
  std::vector<uint32_t> input_of_link_;
  std::vector<uint32_t> port_of_link_;  ///< at the sending router
  std::vector<uint32_t> ejection_;      ///< round-robin among the local ports
  std::vector<Node> nodes_;
  std::vector<NodeId> injecting_;  ///< nodes with something to inject
  std::vector<uint32_t> active_;   ///< routers with something to do
  std::vector<uint8_t> is_active_;
  std::vector<std::vector<Arrival>> ring_;
  uint64_t in_ring_ = 0;
  std::vector<std::pair<uint64_t, Arrival>> far_;  ///< beyond the ring: retries over slow links
  std::vector<Start> starts_;
  uint64_t sequence_ = 0;
  std::vector<FlitPacket> packets_;
  std::vector<uint32_t> free_packets_;
  std::vector<Transfer> transfers_;
  std::vector<uint32_t> free_transfers_;
  std::vector<std::vector<NodeId>> groups_;
  std::vector<bool> dead_;
  DeliveryOrder write_order_;
  DeliveryOrder read_order_;
  std::mt19937_64 random_;
  double flit_error_ = 0;
  uint64_t flits_inside_ = 0;
  std::vector<std::vector<uint32_t>> vc_requests_;  ///< by output port and class, of the router at work
  std::vector<uint32_t> switch_candidates_;         ///< VC by input and output port
};

}  // namespace duet::tlm_interconnect
