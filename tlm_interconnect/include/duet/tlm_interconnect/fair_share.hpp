// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace duet::tlm_interconnect {

/// Bulk transfers as fluid. Each flow is a first-in first-out queue of bytes over a fixed set of
/// channels; the rates of all flows are max-min fair: two flows over one channel get half of it each, and
/// what one cannot use (because its source or another channel is slower) goes to the others. That is what
/// packets of some kilobytes, interleaved round-robin, converge to, and it does not depend on how
/// a stream is cut into transfers. (Bertsekas, Gallager, Data Networks, section 6.5.2.)
class FairShare {
 public:
  using FlowId = uint32_t;
  static constexpr uint32_t no_channel = ~uint32_t{0};
  static constexpr FlowId no_flow = ~FlowId{0};

  /// Rates of the channels in bytes per ps.
  explicit FairShare(std::vector<double> capacities);

  /// A new flow over `channels`, each of which carries its bytes once.
  FlowId add_flow(std::vector<uint32_t> channels);
  /// Moves the flow to other channels; what has not been sent yet goes over these.
  void reroute(FlowId flow, std::vector<uint32_t> channels, uint64_t now_ps);
  void set_capacity(uint32_t channel, double bytes_per_ps);

  /// `bytes` reach the source between now and `last_ps`. `token` comes back when they have left.
  void begin(FlowId flow, double bytes, uint64_t now_ps, uint64_t last_ps, uint32_t token);

  /// Drops all that the flow has not sent; the tokens are appended to `dropped`.
  void cancel(FlowId flow, std::vector<uint32_t>& dropped);

  /// Whether the flow has bytes to send or to come.
  [[nodiscard]] bool active(FlowId flow) const { return flows_[flow].items > 0; }
  [[nodiscard]] uint64_t next_event_ps() const;

  struct Finished {
    FlowId flow;
    uint32_t token;
  };
  /// Works up to `now_ps` (no later than next_event_ps) and appends the transfers whose last byte has left.
  void advance(uint64_t now_ps, std::vector<Finished>& finished);

  /// Flows that send over the channel now.
  [[nodiscard]] uint32_t flows_on(uint32_t channel) const {
    return static_cast<uint32_t>(channels_[channel].flows.size());
  }
  [[nodiscard]] bool sends_on(FlowId flow, uint32_t channel) const;
  /// Part of the channel that they use, 0 to 1, without `except`.
  [[nodiscard]] double utilisation(uint32_t channel, FlowId except) const;
  /// Another packet has taken `bytes` of the channel: the flows that it limits are that much later, all but
  /// `except`.
  void steal(uint32_t channel, double bytes, FlowId except);

 private:
  struct Input {
    double bytes;
    double rate;
    uint64_t last_ps;
    uint32_t token;
  };
  struct Item {
    double end;  ///< in the flow's count of bytes
    uint32_t token;
  };
  struct Flow {
    std::vector<uint32_t> channels;
    std::vector<Input> inputs;  ///< bytes still to come
    std::deque<Item> queue;     ///< transfers whose last byte is there, in order
    uint32_t items = 0;
    double arrived = 0;
    double served = 0;
    double input_rate = 0;
    double rate = 0;
    double next_rate = 0;  ///< the same, but while rates are shared out
    double demand = 0;
    uint64_t updated_ps = 0;
    uint64_t next_ps = 0;
    uint32_t limit = no_channel;
    uint32_t narrowest = no_channel;  ///< channel with the least capacity
    bool sharing = false;             ///< is in its channels' lists
    bool dirty = false;
    bool refill = false;  ///< its channels have changed
    bool open = false;    ///< its rate is not fixed yet
    uint32_t mark = 0;    ///< of the part that it belongs to
  };
  struct Channel {
    double capacity;
    double load = 0;
    std::vector<FlowId> flows;
    double next_load = 0;  ///< the same, but while rates are shared out
    bool was_full = false;
    double left = 0;
    double wanted = 0;
    uint32_t open = 0;
    uint32_t mark = 0;
  };
  struct Alarm {
    uint64_t at_ps;
    FlowId flow;
    bool operator>(const Alarm& other) const {
      return at_ps != other.at_ps ? at_ps > other.at_ps : flow > other.flow;
    }
  };

  void settle(Flow& flow, uint64_t now_ps);
  void finish_inputs(Flow& flow, uint64_t now_ps);
  void make_dirty(FlowId id);
  void refill(FlowId id);
  void enter(FlowId id);
  void leave(FlowId id);
  void reallocate(uint64_t now_ps);
  [[nodiscard]] static bool is_full(const Channel& channel, double load);
  [[nodiscard]] bool has_room(const Flow& flow, double rate) const;
  void look_at(uint32_t channel);
  void join(FlowId id);
  bool grow_part();
  void share_out();
  void find_narrowest(Flow& flow) const;
  void schedule(FlowId id, uint64_t now_ps);

  std::vector<Flow> flows_;
  std::vector<Channel> channels_;
  std::vector<Alarm> alarms_;  ///< heap; entries that are not the flow's next_ps are stale
  std::vector<FlowId> dirty_;
  std::vector<FlowId> part_flows_;
  std::vector<uint32_t> part_channels_;
  std::vector<std::pair<double, FlowId>> wishes_;      ///< highest rates of the part's flows, rising
  std::vector<std::pair<double, uint32_t>> tightest_;  ///< heap of shares of the part's channels
  uint32_t mark_ = 0;
  uint64_t now_ps_ = 0;
};

}  // namespace duet::tlm_interconnect
