// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/stream_engine.hpp"

#include <algorithm>

namespace duet::memory {
namespace {

/// Share of a channel that small transfers may take from a bulk transfer in service: 1 / this.
constexpr int64_t small_share = 8;
/// A run is long when it fills the controller's queue so many times: its ends then matter little. After
/// writes that filled their queue, drains between reads take several queues to die away, of which a transfer
/// that is as long by itself sees little.
constexpr uint64_t queues_of_long_run = 4;
constexpr uint64_t queues_after_drains = 16;

}  // namespace

StreamEngine::StreamEngine(const core::MemoryDescription& memory)
    : costs_(memory),
      interleave_(memory.interleave_bytes),
      lanes_(uint64_t{memory.stacks} * core::standard_of(memory).organisation.channels_per_stack),
      rows_(costs_, counters_, lanes_),
      bursts_(memory),
      // Twice what a channel can move while the kernel is not asked, one burst at least.
      backlog_wanted_(
          (1 + static_cast<uint64_t>(2 * static_cast<double>(costs_.front_ps) / costs_.burst_ps)) *
          costs_.burst_bytes),
      queue_bytes_(uint64_t{std::max(memory.read_queue, memory.write_queue)} * costs_.burst_bytes * lanes_) {
  for (uint64_t lane = 0; lane < lanes_; ++lane) channels_.emplace_back(memory);
}

void StreamEngine::submit(Transfer& transfer) {
  (transfer.write ? counters_.bytes_written : counters_.bytes_read) += transfer.bytes;
  ++(transfer.write ? counters_.write_requests : counters_.read_requests);
  if (transfer.bytes < interleave_ * lanes_) {
    dispatch_small(transfer);
  } else {
    bulk_.push(transfer);
    advance(transfer.arrival_ps);
  }
}

/// A bulk transfer is dispatched one idle latency before the channels come free, so that its first
/// data follows the last of the one before without a gap; later arrivals may still go before it.
int64_t StreamEngine::bulk_due_ps() const {
  if (bulk_.empty()) return StreamLane::never;
  if (bursts_.next == never) return rows_.free_ps() - costs_.front_ps - costs_.read.open_ps;
  return bursts_.lane.bulk_backlog_bytes() < backlog_wanted_ ? 0 : StreamLane::never;
}

uint64_t StreamEngine::next_event_ps() const {
  const int64_t due = std::min(bulk_due_ps(), flush_ps_);
  uint64_t next = due == StreamLane::never ? never_ps : static_cast<uint64_t>(std::max<int64_t>(0, due));
  const Cycle clock = std::min(bursts_.next, small_next_);
  if (clock != never) next = std::min(next, clock * static_cast<uint64_t>(costs_.clock_ps));
  return next;
}

/// What is submitted later reaches a controller one front end later, so that all may run so far ahead.
void StreamEngine::advance(uint64_t now_ps) {
  const auto now = static_cast<int64_t>(now_ps);
  const Cycle limit = (now_ps + static_cast<uint64_t>(costs_.front_ps - costs_.clock_ps)) /
                      static_cast<uint64_t>(costs_.clock_ps);
  if (small_next_ <= limit) run_small(limit);
  while (true) {
    run(bursts_, limit);
    if (bulk_due_ps() <= now) {
      dispatch_bulk(bulk_.pop());
    } else if (flush_ps_ <= now) {
      flush(now);
    } else {
      return;
    }
  }
}

void StreamEngine::run(Channel& channel, Cycle limit) {
  if (channel.next > limit) return;
  channel.lane.run(limit);
  collect_bursts(channel);
  channel.next = channel.lane.next_event();
}

void StreamEngine::run_small(Cycle limit) {
  small_next_ = never;
  for (Channel& channel : channels_) {
    run(channel, limit);
    small_next_ = std::min(small_next_, channel.next);
  }
}

/// Writes that wait on channels where nothing that comes from now on is a read in time.
void StreamEngine::flush(int64_t now_ps) {
  flush_ps_ = StreamLane::never;
  if (rows_.write_deadline_ps() == StreamLane::never) return;
  if (rows_.write_deadline_ps() - costs_.front_ps <= now_ps) rows_.flush_writes();
  collect_rows();
}

uint32_t StreamEngine::activate(Transfer& transfer) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(active_.size()));
    active_.emplace_back();
  }
  const uint32_t tag = free_.back();
  free_.pop_back();
  active_[tag] = {.transfer = &transfer, .parts = 0, .first_ps = StreamLane::never, .last_ps = 0};
  return tag;
}

void StreamEngine::served(uint32_t tag, int64_t first_ps, int64_t last_ps) {
  Active& active = active_[tag];
  active.first_ps = std::min(active.first_ps, first_ps);
  active.last_ps = std::max(active.last_ps, last_ps);
  if (--active.parts == 0) finish(active);
}

/// From column slots to times at the port.
void StreamEngine::collect_rows() {
  for (const StreamLane::Served& part : rows_.served) {
    Active& active = active_[part.tag];
    const int64_t tail_ps = costs_.of(active.transfer->write).tail_ps;
    active.parts += part.last ? 0 : 1;
    served(part.tag, part.first_ps + tail_ps,
           std::max(part.first_ps, part.last_ps - costs_.slot_ps) + tail_ps);
  }
  rows_.served.clear();
  if (rows_.write_deadline_ps() != StreamLane::never)
    flush_ps_ = std::min(flush_ps_, rows_.write_deadline_ps() - costs_.front_ps);
}

void StreamEngine::collect_bursts(Channel& channel) {
  for (const BurstDone& burst : channel.lane.controller().done) {
    const auto tag = static_cast<uint32_t>(burst.tag);
    const int64_t port_ps = static_cast<int64_t>(burst.done) * costs_.clock_ps + costs_.back_ps;
    const bool write = active_[tag].transfer->write;
    const int64_t end_ps = port_ps - costs_.of(write).tail_ps + costs_.slot_ps;
    if (&channel == &bursts_ && end_ps > bursts_end_ps_) {
      bursts_end_ps_ = end_ps;
      bursts_end_write_ = write;
    }
    served(tag, port_ps, port_ps);
  }
  channel.lane.controller().done.clear();
}

bool StreamEngine::in_long_run(const Transfer& transfer) {
  const bool turns = transfer.write != run_write_;
  const bool idle =
      bursts_.next == never && rows_.free_ps() <= static_cast<int64_t>(transfer.arrival_ps) + costs_.front_ps;
  const bool jumps = transfer.address != run_end_ || idle;
  const bool drained = turns && run_write_ && phase_bytes_ >= queue_bytes_;
  const bool was_short = turns || phase_bytes_ < queue_bytes_;
  phase_bytes_ = transfer.bytes + (turns ? 0 : phase_bytes_);
  const bool fills_queue = transfer.write && was_short && phase_bytes_ >= queue_bytes_;
  since_drains_bytes_ = transfer.bytes + (drained || fills_queue ? 0 : since_drains_bytes_);
  run_bytes_ = transfer.bytes + (turns || jumps ? 0 : run_bytes_);
  run_end_ = transfer.address + transfer.bytes;
  run_write_ = transfer.write;
  return run_bytes_ >= queues_of_long_run * queue_bytes_ &&
         (transfer.bytes >= queues_after_drains * queue_bytes_ ||
          since_drains_bytes_ > queues_after_drains * queue_bytes_);
}

/// A bulk transfer is the same on all channels, but for a granule at its ends: one stands for all.
void StreamEngine::dispatch_bulk(Transfer& transfer) {
  const uint64_t granule = transfer.address / interleave_;
  const uint64_t local = granule / lanes_ * interleave_ + transfer.address % interleave_;
  const uint64_t bytes = (transfer.bytes + lanes_ - 1) / lanes_;
  const uint32_t tag = activate(transfer);
  if (in_long_run(transfer)) {
    place_rows(transfer, tag, local, bytes);
  } else {
    queue_bursts(transfer, tag, local, bytes);
  }
}

void StreamEngine::place_rows(const Transfer& transfer, uint32_t tag, uint64_t local, uint64_t bytes) {
  if (!by_rows_) {
    by_rows_ = true;
    bursts_.lane.finish();
    collect_bursts(bursts_);
    bursts_.next = never;
    rows_.follow(bursts_end_ps_, bursts_end_write_);
  }
  active_[tag].parts = 1;
  rows_.add(local, bytes, transfer.write, static_cast<int64_t>(transfer.arrival_ps) + costs_.front_ps, tag);
  collect_rows();
}

void StreamEngine::queue_bursts(const Transfer& transfer, uint32_t tag, uint64_t local, uint64_t bytes) {
  int64_t from_ps = static_cast<int64_t>(transfer.arrival_ps) + costs_.front_ps - costs_.clock_ps;
  if (by_rows_) {
    by_rows_ = false;
    rows_.flush_writes();
    collect_rows();
    const auto queue_ps = static_cast<int64_t>(costs_.of(transfer.write).queue_bursts * costs_.burst_ps);
    from_ps = std::max(from_ps, rows_.free_ps() - queue_ps);
    bursts_.lane.controller().hold_columns(
        static_cast<Cycle>(std::max<int64_t>(0, rows_.free_ps() / costs_.clock_ps)));
  }
  push(bursts_, transfer, tag, local, bytes, from_ps, false);
}

void StreamEngine::push(Channel& channel, const Transfer& transfer, uint32_t tag, uint64_t local,
                        uint64_t bytes, int64_t from_ps, bool small) {
  const uint64_t burst = costs_.burst_bytes;
  const uint64_t start = local / burst * burst;
  const uint64_t end = (local + bytes + burst - 1) / burst * burst;
  const auto available = static_cast<Cycle>((from_ps + costs_.clock_ps - 1) / costs_.clock_ps);
  if (channel.lane.idle()) channel.lane.controller().rest(available);
  active_[tag].parts += (end - start) / burst;
  channel.lane.push({tag, start, end, available, transfer.write, small});
  channel.next = std::min(channel.next, available);
  if (small) small_next_ = std::min(small_next_, channel.next);
}

void StreamEngine::dispatch_small(Transfer& transfer) {
  const int64_t from_ps = static_cast<int64_t>(transfer.arrival_ps) + costs_.front_ps - costs_.clock_ps;
  const bool behind_bulk = bursts_.next != never || rows_.free_ps() > from_ps;
  const uint32_t tag = activate(transfer);
  active_[tag].parts = 1;
  uint64_t address = transfer.address;
  int64_t first_ps = StreamLane::never;
  int64_t last_ps = 0;
  for (uint64_t rest = transfer.bytes; rest > 0;) {
    const uint64_t granule = address / interleave_;
    const uint64_t part = std::min(rest, interleave_ - address % interleave_);
    const uint64_t local = granule / lanes_ * interleave_ + address % interleave_;
    Channel& channel = channels_[granule % lanes_];
    if (behind_bulk) {
      const uint64_t bursts = (local + part - 1) / costs_.burst_bytes - local / costs_.burst_bytes + 1;
      const int64_t start_ps = go_between(channel, transfer, bursts);
      first_ps = std::min(first_ps, start_ps);
      last_ps = std::max(last_ps,
                         start_ps + static_cast<int64_t>(static_cast<double>(bursts - 1) * costs_.burst_ps));
    } else {
      push(channel, transfer, tag, local, part, from_ps, true);
    }
    address += part;
    rest -= part;
  }
  served(tag, first_ps, last_ps);
}

/// Behind a bulk transfer in service: between the bursts of its queue, at most an eighth of the channel.
int64_t StreamEngine::go_between(Channel& channel, const Transfer& transfer, uint64_t bursts) {
  const StreamCosts::Direction& direction = costs_.of(transfer.write);
  const int64_t entry_ps = static_cast<int64_t>(transfer.arrival_ps) + costs_.front_ps;
  const auto work_ps = static_cast<int64_t>(static_cast<double>(bursts) * costs_.burst_ps);
  auto ahead_ps = static_cast<int64_t>(costs_.read.queue_bursts * costs_.burst_ps);
  const double share = static_cast<double>(bursts) / static_cast<double>(lanes_);
  if (bursts_.next == never) {
    ahead_ps = std::min(ahead_ps, rows_.free_ps() - entry_ps);
    rows_.steal(share);
  } else {
    stolen_bursts_ += share;
    const auto clocks =
        static_cast<Cycle>(stolen_bursts_ * costs_.burst_ps / static_cast<double>(costs_.clock_ps));
    bursts_.lane.controller().delay_columns(clocks);
    stolen_bursts_ -= static_cast<double>(clocks) * static_cast<double>(costs_.clock_ps) / costs_.burst_ps;
  }
  const int64_t start_ps = std::max(entry_ps + direction.open_ps, channel.small_free_ps);
  channel.small_free_ps = start_ps + work_ps * small_share;
  return start_ps + ahead_ps + direction.tail_ps;
}

void StreamEngine::finish(Active& active) {
  Transfer& transfer = *active.transfer;
  auto last = static_cast<uint64_t>(active.last_ps);
  if (transfer.write && transfer.source_done_ps > transfer.arrival_ps)
    last = std::max(last,
                    transfer.source_done_ps +
                        static_cast<uint64_t>(costs_.front_ps + costs_.write.open_ps + costs_.write.tail_ps));
  transfer.first_data_ps = transfer.write ? last : static_cast<uint64_t>(active.first_ps);
  transfer.last_data_ps = last;
  scheduled.push_back(&transfer);
  free_.push_back(static_cast<uint32_t>(&active - active_.data()));
}

MemoryCounters StreamEngine::counters(uint64_t now_ps) const {
  MemoryCounters counters = counters_;
  const auto add = [&counters](const Channel& channel, uint64_t times) {
    const MemoryCounters& own = channel.lane.controller().counters();
    counters.read_bursts += own.read_bursts * times;
    counters.write_bursts += own.write_bursts * times;
    counters.activates += own.activates * times;
    counters.row_hits += own.row_hits * times;
    counters.busy_ps += own.busy_ps * times;
  };
  add(bursts_, lanes_);
  for (const Channel& channel : channels_) add(channel, 1);
  if (costs_.refresh_interval_ps != 0) {
    const uint64_t refreshes = now_ps / costs_.refresh_interval_ps * costs_.refreshed_units * lanes_;
    (costs_.refresh_per_bank ? counters.refreshes_per_bank : counters.refreshes_all_bank) = refreshes;
  }
  return counters;
}

}  // namespace duet::memory
