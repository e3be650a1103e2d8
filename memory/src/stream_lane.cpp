// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_lane.hpp"

#include <algorithm>
#include <cmath>

#include "duet/core/rounding.hpp"

namespace duet::memory {
namespace {

/// Row sets of a long transfer that are placed one by one at its beginning, and again at its end.
constexpr uint64_t settle_sets = 16;

}  // namespace

StreamLane::StreamLane(const StreamCosts& costs, MemoryCounters& counters, uint64_t channels)
    : costs_(costs),
      counters_(counters),
      channels_(channels),
      banks_(costs.banks),
      ranks_(costs.banks / costs.banks_per_rank),
      reads_(costs.read.queue_bursts),
      writes_(costs.write.queue_bursts),
      recent_(costs.banks) {
  for (Rank& rank : ranks_) rank.act_ps.fill(-costs.act_window_ps);
  for (uint32_t bank = 0; bank < costs.banks; ++bank) recent_.push_back(bank);
  const auto interval = static_cast<int64_t>(costs.refresh_interval_ps);
  for (int64_t unit = 0; unit < (costs.refresh_per_bank ? costs.pseudo_channels : 0); ++unit) {
    refreshes_.push_back({interval + interval * unit / costs.pseudo_channels, recent_});
  }
}

void StreamLane::add(uint64_t address, uint64_t bytes, bool write, int64_t entry_ps, uint32_t tag) {
  if (bus_ps_ <= entry_ps) entry_ps += costs_.refresh_wait_ps;
  const uint64_t end = address + bytes;
  const uint64_t sets = (end - 1) / costs_.row_set_bytes - address / costs_.row_set_bytes + 1;
  int64_t half_way_ps = 0;
  uint64_t number = 0;
  for (uint64_t at = address; at < end; ++number) {
    const uint64_t next = std::min(end, (at / costs_.row_set_bytes + 1) * costs_.row_set_bytes);
    const uint64_t bursts = (next - 1) / costs_.burst_bytes - at / costs_.burst_bytes + 1;
    Visit visit{at, next - at, entry_ps, static_cast<uint32_t>(bursts), tag, write, next == end};
    enter(visit);
    at = next;
    if (number == settle_sets / 2) half_way_ps = bus_ps_;
    if (number == settle_sets && sets > 2 * settle_sets && waiting_.empty()) {
      const uint64_t skipped = sets - 2 * settle_sets;
      skip(skipped, (bus_ps_ - half_way_ps) / static_cast<int64_t>(settle_sets - settle_sets / 2), write);
      at += skipped * costs_.row_set_bytes;
    }
  }
}

/// Row sets in the middle of a long transfer, at the pace of those before.
void StreamLane::skip(uint64_t sets, int64_t set_ps, bool write) {
  const int64_t later_ps = static_cast<int64_t>(sets) * set_ps;
  const uint64_t bursts = sets * (costs_.row_set_bytes / costs_.burst_bytes);
  bus_ps_ += later_ps;
  entry_ps_ += later_ps;
  row_bus_ps_ += later_ps;
  gaps_.fill({});
  (write ? writes_ : reads_)
      .add(costs_.of(write).queue_bursts, static_cast<int64_t>(costs_.burst_ps), bus_ps_);
  if (!write) read_end_ps_ = bus_ps_;
  count(bursts, sets * costs_.row_set_banks * costs_.pseudo_channels, write);
}

void StreamLane::count(uint64_t bursts, uint64_t activates, bool write) {
  (write ? counters_.write_bursts : counters_.read_bursts) += bursts * channels_;
  counters_.activates += activates * channels_;
  counters_.row_hits += (bursts - std::min(bursts, activates)) * channels_;
  counters_.busy_ps += bursts * static_cast<uint64_t>(costs_.slot_ps) / costs_.pseudo_channels * channels_;
}

void StreamLane::enter(Visit& visit) {
  StreamWindow& window = window_of(visit);
  const int64_t earliest = std::max(visit.entry_ps, entry_ps_);
  const int64_t admitted = window.admit(earliest);
  // An entry is free as soon as its column command has issued.
  visit.entry_ps = std::max(earliest, admitted - costs_.slot_ps + costs_.clock_ps);
  entry_ps_ = visit.entry_ps;
  if (!visit.write) {
    if (!waiting_.empty() && visit.entry_ps > bus_ps_) drain(visit.entry_ps, costs_.low_watermark);
    // Reads that come while the queue is full of writes go before the last drain.
    if (write_phase_ && writes_.after(visit.entry_ps) > costs_.high_watermark) bus_ps_ += turn_pair_ps();
    place(visit);
    reads_since_drain_ += visit.bursts;
    return;
  }
  if (waiting_.empty() && read_end_ps_ <= visit.entry_ps) {
    place(visit);
    return;
  }
  waiting_.push_back(visit);
  waiting_bursts_ += visit.bursts;
  const uint32_t capacity = costs_.write.queue_bursts;
  if (waiting_bursts_ <= costs_.high_watermark) return;
  if (reads_since_drain_ >= costs_.drain_bursts) {
    drain(0, costs_.low_watermark);
  } else if (waiting_bursts_ >= capacity) {
    drain(0, 0);
  }
}

/// Writes until `keep` bursts wait and, when reads come at `at_ps`, until then.
void StreamLane::drain(int64_t at_ps, uint32_t keep) {
  if (waiting_bursts_ > keep + costs_.write.queue_bursts) {
    // Reads that were in the queue when the writes had filled theirs go between the first drains.
    const int64_t full_ps = waiting_.front().entry_ps + costs_.high_watermark * costs_.clock_ps / 2;
    const double reads = std::ceil(static_cast<double>(reads_.after(full_ps)) / costs_.drain_bursts);
    const double drains = static_cast<double>(waiting_bursts_ - keep) / costs_.write.queue_bursts - 1;
    bus_ps_ += static_cast<int64_t>(std::min(reads, drains) * static_cast<double>(turn_pair_ps()));
  }
  while (!waiting_.empty() && (waiting_bursts_ > keep || bus_ps_ < at_ps)) {
    place(waiting_.front());
    waiting_bursts_ -= waiting_.front().bursts;
    waiting_.pop_front();
  }
  reads_since_drain_ = 0;
  // A drain does not end before its queue is down, unless what is left cannot go for long.
  const int64_t down_ps = writes_.when(static_cast<int64_t>(costs_.low_watermark) - waiting_bursts_);
  if (down_ps > bus_ps_ && down_ps < bus_ps_ + costs_.write_to_read_ps) bus_ps_ = down_ps;
}

StreamLane::Target StreamLane::target_of(const Visit& visit) const {
  const uint64_t in_set = visit.address % costs_.row_set_bytes;
  const DramAddress first = costs_.mapping.decode(visit.address - in_set);
  const uint32_t set_bank = costs_.bank_of(first);
  const uint64_t first_stripe = in_set / costs_.stripe_bytes;
  const uint64_t stripes = (in_set + visit.bytes - 1) / costs_.stripe_bytes - first_stripe + 1;
  Target target;
  target.count = static_cast<uint32_t>(std::min<uint64_t>(stripes, costs_.row_set_banks));
  target.row = first.row;
  for (uint32_t index = 0; index < target.count; ++index)
    target.banks[index] = set_bank ^ costs_.stripe_bank[first_stripe + index];
  return target;
}

void StreamLane::place(const Visit& visit) {
  turn(visit.write);
  refresh(visit.entry_ps);
  const Target target = target_of(visit);
  if (join(visit, target)) return;

  const double stripe_ps = static_cast<double>(costs_.stripe_bytes) / costs_.burst_bytes * costs_.burst_ps;
  const double part = static_cast<double>(visit.bursts) / target.count;
  opened_ = 0;
  for (uint32_t index = 0; index < target.count; ++index) {
    const int64_t entered = visit.entry_ps + static_cast<int64_t>(index * stripe_ps);
    opens_[index] = {open_row(target.banks[index], target.row, visit, entered, part), target.banks[index]};
    used(target.banks[index]);
  }
  count(visit.bursts, opened_ * costs_.pseudo_channels, visit.write);
  double left = visit.bursts;
  for (const Late& late : late_) left -= late.bursts;

  // A bank that opens when all others are done already is late.
  std::sort(opens_.begin(), opens_.begin() + target.count,
            [](const Opening& a, const Opening& b) { return a.open_ps < b.open_ps; });
  uint32_t banks = target.count;
  while (banks > 1) {
    const Opening& last = opens_[banks - 1];
    const int64_t others_ps =
        std::max(bus_ps_, opens_[0].open_ps) + core::round_to_int((left - part) * costs_.burst_ps);
    if (last.open_ps <= others_ps || left <= part) break;
    if (last.open_ps <= finish(std::max(bus_ps_, opens_[0].open_ps), banks - 1, left - part)) break;
    late_.push_back({last.bank, true, last.open_ps, last.open_ps + alone_ps(part), part});
    left -= part;
    --banks;
  }
  settle(opens_[0].open_ps);
  const auto kept = core::round_to_int(left);

  // Bus time that was left idle before, then the end of the queue.
  int64_t first_ps = -1;
  int64_t last_ps = 0;
  for (Gap& gap : gaps_) {
    const int64_t start = std::max(gap.start_ps, opens_[0].open_ps);
    if (start >= gap.end_ps) continue;
    const double taken = std::min(left, static_cast<double>(gap.end_ps - start) / costs_.burst_ps);
    if (first_ps < 0) first_ps = start;
    last_ps = finish(start, banks, taken);
    gap.start_ps = std::min(gap.end_ps, last_ps);
    left -= taken;
    if (left <= 0) break;
  }
  if (left > 0) {
    const int64_t start = std::max(bus_ps_, opens_[0].open_ps);
    last_ps = finish(start, banks, left);
    const int64_t idle_until = last_ps - core::round_to_int(left * costs_.burst_ps);
    if (idle_until > bus_ps_) {
      std::move(gaps_.begin() + 1, gaps_.end(), gaps_.begin());
      gaps_.back() = {bus_ps_, idle_until};
    }
    if (first_ps < 0) first_ps = start;
    bus_ps_ = last_ps;
  }
  // Banks that were waited for one after another are also done one after another.
  const int64_t last_open_ps = opens_[banks - 1].open_ps;
  for (uint32_t index = 0; index < banks; ++index) {
    Epoch& epoch = banks_[opens_[index].bank].epochs[0];
    const int64_t before_ps = std::max<int64_t>(0, last_open_ps - std::max(opens_[index].open_ps, first_ps));
    epoch.end_ps = std::max(epoch.end_ps, last_ps - before_ps);
    epoch.write = visit.write;
  }
  if (kept > 0) {
    const int64_t pace_ps = std::max(static_cast<int64_t>(costs_.burst_ps), (last_ps - first_ps) / kept);
    window_of(visit).add(kept, pace_ps, last_ps);
  }
  if (!late_.empty()) last_ps = std::max(last_ps, serve_late(visit));
  done(visit, first_ps, last_ps);
}

/// Bus time of late parts that are ready before others want the bus.
void StreamLane::settle(int64_t wanted_ps) {
  for (size_t index = 0; index < debts_.size();) {
    const Debt debt = debts_[index];
    if (debt.open_ps > std::max(bus_ps_, wanted_ps)) {
      ++index;
      continue;
    }
    bus_ps_ = std::max(bus_ps_, debt.open_ps) + debt.work_ps;
    debts_.erase(debts_.begin() + static_cast<std::ptrdiff_t>(index));
  }
}

/// The part of a visit that has to wait for its bank comes when that is ready.
int64_t StreamLane::serve_late(const Visit& visit) {
  int64_t last_ps = 0;
  for (const Late& late : late_) {
    Bank& bank = banks_[late.bank];
    if (late.whole) bank.epochs[0].end_ps = std::max(bank.epochs[0].end_ps, late.end_ps);
    debts_.push_back({late.open_ps, core::round_to_int(late.bursts * costs_.burst_ps)});
    window_of(visit).add(core::round_to_int(late.bursts), costs_.long_slot_ps / costs_.pseudo_channels,
                         late.end_ps);
    last_ps = std::max(last_ps, late.end_ps);
  }
  late_.clear();
  return last_ps;
}

void StreamLane::done(const Visit& visit, int64_t first_ps, int64_t last_ps) {
  if (!visit.write) read_end_ps_ = std::max(read_end_ps_, last_ps);
  served.push_back({visit.tag, visit.last, first_ps, last_ps});
}

/// End of `bursts` over `banks` rows that open one after another (opens_), with an equal part in each. Until
/// enough of them are open, tCCD_L holds the bus back.
int64_t StreamLane::finish(int64_t start_ps, uint32_t banks, double bursts) const {
  const double part = bursts / banks;
  double ready = part;
  auto at_ps = static_cast<double>(start_ps);
  double pace = std::max(costs_.burst_ps, static_cast<double>(costs_.long_slot_ps) / costs_.pseudo_channels);
  for (uint32_t open = 1; open < banks; ++open) {
    const auto next_ps = static_cast<double>(opens_[open].open_ps);
    if (next_ps > at_ps) {
      ready = std::max(0.0, ready - (next_ps - at_ps) / pace);
      at_ps = next_ps;
    }
    ready += part;
    pace = std::max(costs_.burst_ps,
                    static_cast<double>(costs_.long_slot_ps) / ((open + 1) * costs_.pseudo_channels));
  }
  const double end_ps = at_ps + std::max(0.0, ready - 1) * pace + std::min(1.0, ready) * costs_.burst_ps;
  return std::max(static_cast<int64_t>(end_ps), opens_[banks - 1].open_ps + alone_ps(part));
}

/// Time of a part of a visit whose bank has the bus to itself, in both pseudo channels.
int64_t StreamLane::alone_ps(double bursts) const {
  const double each = std::max(0.0, bursts / costs_.pseudo_channels - 1);
  return costs_.slot_ps + static_cast<int64_t>(each * static_cast<double>(costs_.long_slot_ps));
}

void StreamLane::follow(int64_t end_ps, bool write) {
  if (end_ps <= bus_ps_) return;
  bus_ps_ = end_ps;
  write_phase_ = write;
  phase_ps_ = other_phase_ps_ = 0;
  if (!write) read_end_ps_ = end_ps;
  entry_ps_ =
      std::max(entry_ps_, end_ps - static_cast<int64_t>(costs_.of(write).queue_bursts * costs_.burst_ps));
  gaps_.fill({});
}

void StreamLane::turn(bool write) {
  if (write == write_phase_) return;
  write_phase_ = write;
  settle(0);
  const int64_t last_ps = bus_ps_ - costs_.slot_ps;
  other_phase_ps_ = phase_ps_;
  phase_ps_ = last_ps + costs_.clock_ps;
  bus_ps_ = last_ps + (write ? costs_.read_to_write_ps : costs_.write_to_read_ps);
  gaps_.fill({});
}

}  // namespace duet::memory
