// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "duet/tlm_interconnect/noi_routing.hpp"

namespace duet::tlm_interconnect {

/// Virtual networks. Writes of one source and destination stay in order; so do read requests; nothing is
/// promised between the classes.
enum class TrafficClass : uint8_t { read_request, write, read_data, write_response };

/// What one asks a network to carry.
struct NetworkPacket {
  NodeId source = 0;
  uint32_t destination = 0;  ///< node, or group if `multicast`
  bool multicast = false;
  TrafficClass traffic = TrafficClass::write;
  uint64_t bytes = 0;                             ///< payload; 0 for a header alone
  uint64_t first_ps = 0;                          ///< when the first byte is there, not before the present
  uint64_t last_ps = 0;                           ///< when the last byte is there
  uint32_t token = 0;                             ///< the sender's name for it
  std::optional<NodeId> sum_root = std::nullopt;  ///< where the sum goes in the end that this is a part of
};

/// The class of routes that a packet takes: that of its tree, or of its source and destination.
inline unsigned route_class_of(const NoiRouting& routing, const NetworkPacket& packet) {
  if (packet.multicast) return routing.class_of_tree(packet.source);
  if (packet.sum_root) return routing.class_of_tree(*packet.sum_root);
  return routing.class_of(packet.source, packet.destination);
}

/// What a network reports back.
struct NetworkEvent {
  enum class Kind : uint8_t {
    left_source,  ///< the tail of a multicast has left its source
    delivered,    ///< the tail has reached `node`
    lost          ///< no way to `node` is left
  };
  Kind kind = Kind::delivered;
  uint32_t token = 0;
  NodeId node = 0;
  uint64_t first_ps = 0;  ///< arrival of the first byte
  uint64_t at_ps = 0;     ///< when it happens
};

inline constexpr uint64_t never_ps = ~uint64_t{0};

/// A network in time, without SystemC: somebody drives it with `advance`, at the latest when
/// `next_event_ps` has come.
class NetworkModel {
 public:
  virtual ~NetworkModel() = default;
  /// Hands over a packet; `first_ps` must not lie before the time of the last `advance`.
  virtual void send(const NetworkPacket& packet) = 0;
  [[nodiscard]] virtual uint64_t next_event_ps() const = 0;
  /// Works up to and including `now_ps` and appends what has happened, in order.
  virtual void advance(uint64_t now_ps, std::vector<NetworkEvent>& events) = 0;
  /// Sets the members of a multicast group; packets on their way keep the old ones.
  virtual void set_group(uint32_t group, std::vector<NodeId> members) = 0;
  /// Leaves `lanes` of a link working, 0 for none; packets find another way if there is one.
  virtual void set_lanes(LinkId link, unsigned lanes) = 0;
  /// Time from the first byte at the source to the tail at the destination if nothing else moves.
  [[nodiscard]] virtual uint64_t zero_load_ps(NodeId from, NodeId to, uint64_t bytes) const = 0;
  [[nodiscard]] virtual bool reachable(NodeId from, NodeId to) const = 0;
  /// The links that a part of a sum to `root` takes, of several ways the first choice; empty when there is
  /// none.
  [[nodiscard]] virtual std::vector<LinkId> way_of_sum(NodeId from, NodeId root) const = 0;
  [[nodiscard]] virtual const NoiTopology& topology() const = 0;
  /// Bytes that a link has carried, headers and padding included.
  [[nodiscard]] virtual uint64_t link_bytes(LinkId link) const = 0;
  /// Time for which a link has been busy.
  [[nodiscard]] virtual double link_busy_ps(LinkId link) const = 0;
};

}  // namespace duet::tlm_interconnect
