// SPDX-License-Identifier: Apache-2.0
#include "duet/tlm_interconnect/fair_share.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace duet::tlm_interconnect {
namespace {

constexpr uint64_t never = ~uint64_t{0};
constexpr double unlimited = std::numeric_limits<double>::infinity();
// Times are whole picoseconds, so counts of bytes are uncertain by what a fast channel moves in one.
constexpr double nothing = 1e-3;
// Relative, of rates that are equal but for rounding.
constexpr double tolerance = 1e-9;

// A demand that becomes unlimited, or stops being so, always differs: a tolerance relative to infinity
// would swallow it, and the flow would go on at its old rate.
bool differs(double demand, double old) {
  return std::isinf(demand) != std::isinf(old) || std::abs(demand - old) > tolerance * demand;
}

uint64_t after(uint64_t now_ps, double duration_ps) {
  if (!(duration_ps < 1e18)) return never;
  return now_ps + static_cast<uint64_t>(std::ceil(std::max(duration_ps - 1e-6, 0.0)));
}

}  // namespace

FairShare::FairShare(std::vector<double> capacities) {
  channels_.reserve(capacities.size());
  for (const double capacity : capacities) {
    channels_.emplace_back();
    channels_.back().capacity = capacity;
  }
}

FairShare::FlowId FairShare::add_flow(std::vector<uint32_t> channels) {
  flows_.emplace_back();
  flows_.back().channels = std::move(channels);
  flows_.back().next_ps = never;
  find_narrowest(flows_.back());
  return static_cast<FlowId>(flows_.size() - 1);
}

void FairShare::find_narrowest(Flow& flow) const {
  flow.narrowest =
      *std::ranges::min_element(flow.channels, {}, [this](uint32_t id) { return channels_[id].capacity; });
}

void FairShare::reroute(FlowId id, std::vector<uint32_t> channels, uint64_t now_ps) {
  settle(flows_[id], now_ps);
  now_ps_ = now_ps;
  if (flows_[id].sharing) {
    // Those that shared the old channels get more, those on the new ones less.
    for (const uint32_t channel : flows_[id].channels) {
      for (const FlowId other : channels_[channel].flows) refill(other);
    }
    leave(id);
    flows_[id].channels = std::move(channels);
    find_narrowest(flows_[id]);
    refill(id);
    return;
  }
  flows_[id].channels = std::move(channels);
  find_narrowest(flows_[id]);
}

void FairShare::set_capacity(uint32_t channel, double bytes_per_ps) {
  channels_[channel].capacity = bytes_per_ps;
  for (Flow& flow : flows_) find_narrowest(flow);
  for (const FlowId flow : channels_[channel].flows) refill(flow);
}

void FairShare::refill(FlowId id) {
  flows_[id].refill = true;
  make_dirty(id);
}

void FairShare::make_dirty(FlowId id) {
  if (flows_[id].dirty) return;
  flows_[id].dirty = true;
  dirty_.push_back(id);
}

void FairShare::enter(FlowId id) {
  Flow& flow = flows_[id];
  if (flow.sharing) return;
  flow.sharing = true;
  for (const uint32_t channel : flow.channels) channels_[channel].flows.push_back(id);
}

void FairShare::leave(FlowId id) {
  Flow& flow = flows_[id];
  if (!flow.sharing) return;
  flow.sharing = false;
  for (const uint32_t channel : flow.channels) {
    auto& list = channels_[channel].flows;
    list.erase(std::find(list.begin(), list.end(), id));
    // Sums of what comes and goes are not exact; an empty channel is.
    channels_[channel].load = list.empty() ? 0 : channels_[channel].load - flow.rate;
  }
  flow.rate = flow.next_rate = 0;
  flow.limit = no_channel;
}

void FairShare::begin(FlowId id, double bytes, uint64_t now_ps, uint64_t last_ps, uint32_t token) {
  Flow& flow = flows_[id];
  settle(flow, now_ps);
  ++flow.items;
  if (last_ps <= now_ps) {
    flow.arrived += bytes;
    flow.queue.push_back({flow.arrived, token});
  } else {
    const double rate = bytes / static_cast<double>(last_ps - now_ps);
    flow.inputs.push_back({bytes, rate, last_ps, token});
    flow.input_rate += rate;
  }
  make_dirty(id);
  now_ps_ = now_ps;
}

void FairShare::cancel(FlowId id, std::vector<uint32_t>& dropped) {
  Flow& flow = flows_[id];
  for (const Item& item : flow.queue) dropped.push_back(item.token);
  for (const Input& input : flow.inputs) dropped.push_back(input.token);
  flow.queue.clear();
  flow.inputs.clear();
  flow.items = 0;
  flow.input_rate = flow.arrived = flow.served = 0;
  make_dirty(id);
}

void FairShare::settle(Flow& flow, uint64_t now_ps) {
  const double elapsed = static_cast<double>(now_ps - flow.updated_ps);
  flow.updated_ps = now_ps;
  if (elapsed <= 0) return;
  flow.arrived += flow.input_rate * elapsed;
  flow.served = std::min(flow.served + flow.rate * elapsed, flow.arrived);
  if (flow.arrived - flow.served < nothing) flow.served = flow.arrived;
}

void FairShare::finish_inputs(Flow& flow, uint64_t now_ps) {
  for (size_t i = 0; i < flow.inputs.size();) {
    const Input& input = flow.inputs[i];
    if (input.last_ps > now_ps) {
      ++i;
      continue;
    }
    flow.queue.push_back({flow.arrived, input.token});
    flow.input_rate -= input.rate;
    flow.inputs.erase(flow.inputs.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (flow.inputs.empty()) flow.input_rate = 0;
}

uint64_t FairShare::next_event_ps() const {
  if (!dirty_.empty()) return now_ps_;
  // The top is never stale: advance and reallocate clean the heap up.
  return alarms_.empty() ? never : alarms_.front().at_ps;
}

void FairShare::advance(uint64_t now_ps, std::vector<Finished>& finished) {
  now_ps_ = now_ps;
  while (!alarms_.empty() && alarms_.front().at_ps <= now_ps) {
    const Alarm alarm = alarms_.front();
    std::pop_heap(alarms_.begin(), alarms_.end(), std::greater<>{});
    alarms_.pop_back();
    if (flows_[alarm.flow].next_ps != alarm.at_ps) continue;
    flows_[alarm.flow].next_ps = never;
    make_dirty(alarm.flow);
  }
  if (dirty_.empty()) return;
  for (const FlowId id : dirty_) {
    Flow& flow = flows_[id];
    settle(flow, now_ps);
    finish_inputs(flow, now_ps);
    while (!flow.queue.empty() && flow.queue.front().end <= flow.served + nothing) {
      finished.push_back({id, flow.queue.front().token});
      flow.queue.pop_front();
      --flow.items;
    }
    if (flow.items == 0) flow.arrived = flow.served = 0;
  }
  reallocate(now_ps);
  while (!alarms_.empty() && flows_[alarms_.front().flow].next_ps != alarms_.front().at_ps) {
    std::pop_heap(alarms_.begin(), alarms_.end(), std::greater<>{});
    alarms_.pop_back();
  }
}

// Max-min fairness is local: a change reaches only flows for which it makes a full channel better or worse.
// So a part of the flows shares what all others leave, and grows by those that this would wrong.
void FairShare::reallocate(uint64_t now_ps) {
  ++mark_;
  part_flows_.clear();
  part_channels_.clear();
  // Which flows' wishes have changed? The others of the list only need a new alarm.
  for (const FlowId id : dirty_) {
    Flow& flow = flows_[id];
    const bool backlog = flow.arrived - flow.served > nothing;
    const double demand = backlog ? unlimited : flow.input_rate;
    const bool wants = demand > 0;
    if (!wants && flow.sharing) {
      for (const uint32_t channel : flow.channels) {
        if (is_full(channels_[channel], channels_[channel].load)) look_at(channel);
      }
      leave(id);
    } else if (wants && (flow.refill || !flow.sharing || differs(demand, flow.demand))) {
      flow.demand = demand;
      enter(id);
      if (!flow.refill && has_room(flow, demand)) {
        // Nobody is limited where it goes, neither before nor after: only its own rate changes.
        for (const uint32_t channel : flow.channels) channels_[channel].load += demand - flow.rate;
        flow.rate = flow.next_rate = demand;
        flow.limit = no_channel;
      } else {
        join(id);
      }
    }
    flow.refill = false;
  }
  if (!part_channels_.empty()) {
    do {
      share_out();
    } while (grow_part());
  }
  for (const FlowId id : part_flows_) {
    Flow& flow = flows_[id];
    if (flow.next_rate == flow.rate) continue;
    settle(flow, now_ps);
    flow.rate = flow.next_rate;
    make_dirty(id);
  }
  for (const uint32_t id : part_channels_) channels_[id].load = channels_[id].next_load;
  for (const FlowId id : dirty_) {
    flows_[id].dirty = false;
    schedule(id, now_ps);
  }
  dirty_.clear();
}

bool FairShare::is_full(const Channel& channel, double load) {
  return load >= channel.capacity * (1 - tolerance);
}

/// Whether all of the flow's channels have capacity left, and would have with `rate` for this flow.
bool FairShare::has_room(const Flow& flow, double rate) const {
  if (rate == unlimited) return false;
  return std::ranges::all_of(flow.channels, [&](uint32_t id) {
    const Channel& channel = channels_[id];
    return !is_full(channel, channel.load) && !is_full(channel, channel.load - flow.rate + rate);
  });
}

void FairShare::look_at(uint32_t id) {
  Channel& channel = channels_[id];
  if (channel.mark == mark_) return;
  channel.mark = mark_;
  channel.was_full = is_full(channel, channel.load);
  part_channels_.push_back(id);
}

void FairShare::join(FlowId id) {
  Flow& flow = flows_[id];
  if (flow.mark == mark_) return;
  flow.mark = mark_;
  part_flows_.push_back(id);
  // What comes faster than it may leave piles up, and then the flow wants more than comes.
  settle(flow, now_ps_);
  if (flow.arrived - flow.served > nothing) flow.demand = unlimited;
  for (const uint32_t channel : flow.channels) look_at(channel);
}

/// Adds the flows that the shares of the part would wrong: those that a channel limits although it has room
/// left or gives another flow more, and those that get more than one that their channel limits.
bool FairShare::grow_part() {
  const size_t flows = part_flows_.size();
  const size_t channels = part_channels_.size();
  for (size_t i = 0; i < channels; ++i) {
    const uint32_t id = part_channels_[i];
    const Channel& channel = channels_[id];
    const bool full = is_full(channel, channel.next_load);
    if (!full && !channel.was_full) continue;  // it limits nobody
    double least = unlimited;                  // of those that it limits
    double most = 0;
    for (const FlowId other : channel.flows) {
      const Flow& flow = flows_[other];
      most = std::max(most, flow.next_rate);
      if (flow.limit == id) least = std::min(least, flow.next_rate);
    }
    for (const FlowId other : channel.flows) {
      const Flow& flow = flows_[other];
      const bool wants_more = flow.limit == id && (!full || flow.next_rate < most * (1 - tolerance));
      if (wants_more || (full && flow.next_rate > least * (1 + tolerance))) join(other);
    }
  }
  return part_flows_.size() > flows;
}

/// Shares out what the flows outside the part leave of its channels (progressive filling).
void FairShare::share_out() {
  for (const uint32_t id : part_channels_) {
    Channel& channel = channels_[id];
    channel.next_load = channel.load;
    channel.open = 0;
    channel.wanted = 0;
  }
  // No flow gets more than it wants, nor than its narrowest channel has.
  wishes_.clear();
  for (const FlowId id : part_flows_) {
    Flow& flow = flows_[id];
    flow.open = true;
    const double rate = std::min(flow.demand, channels_[flow.narrowest].capacity);
    wishes_.push_back({rate, id});
    for (const uint32_t channel : flow.channels) {
      channels_[channel].wanted += rate;
      channels_[channel].next_load -= flow.rate;
      ++channels_[channel].open;
    }
  }
  for (const uint32_t id : part_channels_) {
    Channel& channel = channels_[id];
    channel.left = std::clamp(channel.capacity - channel.next_load, 0.0, channel.capacity);
  }
  std::ranges::sort(wishes_);
  const auto fix = [this](FlowId id, double rate, uint32_t limit) {
    Flow& flow = flows_[id];
    flow.next_rate = rate;
    flow.limit = limit;
    flow.open = false;
    for (const uint32_t channel : flow.channels) {
      channels_[channel].left = std::max(channels_[channel].left - rate, 0.0);
      channels_[channel].next_load += rate;
      --channels_[channel].open;
    }
  };
  // The share that a channel has for each of its open flows only rises while others are fixed below it, so an
  // entry of the heap is a lower bound, and is put right when it comes to the top.
  const auto share_of = [this](uint32_t id) { return channels_[id].left / channels_[id].open; };
  tightest_.clear();
  for (const uint32_t id : part_channels_) {
    const Channel& channel = channels_[id];
    if (channel.open > 0 && channel.wanted > channel.left) tightest_.push_back({share_of(id), id});
  }
  std::ranges::make_heap(tightest_, std::greater<>{});
  auto wish = wishes_.begin();
  while (true) {
    while (wish != wishes_.end() && !flows_[wish->second].open) ++wish;
    if (wish == wishes_.end()) break;
    if (tightest_.empty() || wish->first <= tightest_.front().first) {
      const Flow& flow = flows_[wish->second];
      fix(wish->second, wish->first, flow.demand <= wish->first ? no_channel : flow.narrowest);
      ++wish;
      continue;
    }
    std::ranges::pop_heap(tightest_, std::greater<>{});
    const auto [known, id] = tightest_.back();
    tightest_.pop_back();
    if (channels_[id].open == 0) continue;
    const double share = share_of(id);
    if (share > known) {
      tightest_.emplace_back(share, id);
      std::ranges::push_heap(tightest_, std::greater<>{});
      continue;
    }
    for (const FlowId flow : channels_[id].flows) {
      if (flows_[flow].mark == mark_ && flows_[flow].open) fix(flow, share, id);
    }
  }
}

void FairShare::schedule(FlowId id, uint64_t now_ps) {
  Flow& flow = flows_[id];
  uint64_t next = never;
  for (const Input& input : flow.inputs) next = std::min(next, input.last_ps);
  const double backlog = flow.arrived - flow.served;
  if (!flow.queue.empty() && flow.rate > 0) {
    next = std::min(next, after(now_ps, (flow.queue.front().end - flow.served) / flow.rate));
  }
  if (backlog > nothing && flow.rate > flow.input_rate) {
    next = std::min(next, after(now_ps, backlog / (flow.rate - flow.input_rate)));
  }
  if (next != never && next <= now_ps) next = now_ps + 1;
  if (next == flow.next_ps) return;
  flow.next_ps = next;
  if (next == never) return;
  alarms_.push_back({next, id});
  std::push_heap(alarms_.begin(), alarms_.end(), std::greater<>{});
}

bool FairShare::sends_on(FlowId id, uint32_t channel) const {
  return id != no_flow && flows_[id].sharing && std::ranges::count(flows_[id].channels, channel) > 0;
}

double FairShare::utilisation(uint32_t channel, FlowId except) const {
  const Channel& c = channels_[channel];
  if (c.flows.empty() || c.capacity <= 0) return 0.0;
  const double rate = c.load - (sends_on(except, channel) ? flows_[except].rate : 0.0);
  return std::clamp(rate / c.capacity, 0.0, 1.0);
}

void FairShare::steal(uint32_t channel, double bytes, FlowId except) {
  for (const FlowId id : channels_[channel].flows) {
    if (id == except) continue;
    Flow& flow = flows_[id];
    if (flow.limit != channel) continue;
    flow.served -= bytes * flow.rate / channels_[channel].capacity;
    // The alarm then finds bytes left and sets a later one.
  }
}

}  // namespace duet::tlm_interconnect
