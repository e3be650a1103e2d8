// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/channel_controller.hpp"

#include <algorithm>

namespace duet::memory {

ChannelController::ChannelController(const core::MemoryDescription& memory)
    : ChannelController(memory, core::standard_of(memory)) {}

ChannelController::ChannelController(const core::MemoryDescription& memory,
                                     const core::DramStandard& standard)
    : standard_(standard),
      mapping_(AddressMapping::resolve(memory.mapping, standard_), standard_.organisation),
      device_(standard_),
      reads_(memory.read_queue, device_.banks()),
      writes_(memory.write_queue, device_.banks()),
      scheduler_(make_scheduler(memory)),
      row_policy_(make_row_policy(memory)),
      refresh_policy_(make_refresh_policy(memory, standard_)),
      high_watermark_(static_cast<uint32_t>(memory.write_high_watermark * memory.write_queue)),
      low_watermark_(static_cast<uint32_t>(memory.write_low_watermark * memory.write_queue)),
      starvation_(memory.starvation_clocks),
      turn_around_(Cycle{standard_.timing.write_latency} + standard_.timing.burst + standard_.timing.wtr_l),
      work_(device_.banks()),
      row_work_(device_.banks()),
      column_work_(device_.banks()),
      updated_(device_.banks()),
      blocked_(device_.banks()),
      last_use_(device_.banks()),
      couples_banks_(scheduler_->couples_banks()),
      closes_rows_(row_policy_->auto_precharge(false)),
      close_after_(row_policy_->close_after()),
      next_decision_(refresh_policy_->next_decision()),
      burst_ps_(uint64_t{standard_.timing.burst} * standard_.timing.tck_ps),
      bank_bursts_(device_.banks()) {}

ChannelController::~ChannelController() = default;

void ChannelController::accept(Cycle at, uint64_t address, bool write, uint64_t tag) {
  const DramAddress place = mapping_.decode(address);
  const uint32_t bank = device_.bank_index(place.pseudo_channel, place.rank, place.bank_group, place.bank);
  ++(write ? counters_.write_requests : counters_.read_requests);
  (write ? counters_.bytes_written : counters_.bytes_read) += standard_.organisation.burst_bytes;
  if (!write && writes_.count(bank) != 0) {
    // A read of data that still waits to be written is answered from the write queue.
    for (uint32_t entry = writes_.first(bank); entry != RequestQueue::none; entry = writes_.next(entry)) {
      if (writes_[entry].row == place.row && writes_[entry].column == place.column) {
        done.push_back({tag, at + 1});
        return;
      }
    }
  }
  BurstRequest& request = (write ? writes_ : reads_).push(bank);
  request.sequence = sequence_++;
  request.accepted = at;
  request.row = place.row;
  request.column = place.column;
  request.write = write;
  request.row_miss = false;
  request.tag = tag;
  const bool mode = write_mode_;
  update_mode(at);
  if (mode != write_mode_ || couples_banks_) {
    update_all(at);
  } else if (write == write_mode_) {
    update_bank(bank, at);
  }
}

/// Writes wait until their queue fills (or no read waits), then drain together: each change of
/// direction costs a bus turn-around. When both queues are kept full, reads and writes take turns of
/// a drain each, so that neither starves; writes that never fill their queue go when they have waited too
/// long.
void ChannelController::update_mode(Cycle now) {
  const bool before = write_mode_;
  const auto starved = [&] {
    return now > starvation_ && now > writes_[writes_.oldest()].accepted + starvation_;
  };
  if (write_mode_) {
    const bool drained = writes_.empty() || served_in_mode_ >= writes_.capacity() ||
                         (writes_.size() <= low_watermark_ && !starved());
    if (drained && !reads_.empty()) write_mode_ = false;
  } else if (!writes_.empty()) {
    if (reads_.empty()) {
      write_mode_ = true;
    } else if (served_in_mode_ >= high_watermark_ - low_watermark_) {
      write_mode_ = writes_.size() > high_watermark_ || starved();
    }
  }
  if (write_mode_ != before) served_in_mode_ = 0;
}

uint32_t ChannelController::choose(uint32_t bank, Cycle now) {
  const RequestQueue& requests = queue();
  const uint32_t oldest = requests.first(bank);
  // The oldest one that hits is everyone's choice, where banks are chosen for by themselves.
  if (oldest == RequestQueue::none || (!couples_banks_ && requests[oldest].row == device_.open_row(bank)))
    return oldest;
  return scheduler_->choose(requests, bank, device_.open_row(bank), now);
}

/// Finds the bank's next command anew and keeps the remembered best commands true.
void ChannelController::update_bank(uint32_t bank, Cycle now) {
  Work& work = work_[bank];
  const Work::Kind before = work.kind;
  const RequestQueue& requests = queue();
  const uint32_t entry = blocked_[bank] != 0 ? RequestQueue::none : choose(bank, now);
  if (entry == RequestQueue::none) {
    work.kind = Work::nothing;
  } else {
    const int64_t open_row = device_.open_row(bank);
    const BurstRequest& request = requests[entry];
    work = {.kind = open_row == DeviceTiming::closed ? Work::act
                    : open_row == request.row        ? Work::column
                                                     : Work::pre,
            .entry = entry,
            .sequence = request.sequence,
            .own = request.accepted + 1};
    work.own = std::max(work.own, work.kind == Work::act   ? device_.own_act(bank)
                                  : work.kind == Work::pre ? device_.own_pre(bank)
                                                           : device_.own_column(bank, write_mode_));
  }
  const bool row = work.kind == Work::act || work.kind == Work::pre;
  if (row) {
    row_work_.insert(bank);
  } else if (before == Work::act || before == Work::pre) {
    row_work_.erase(bank);
  }
  if (work.kind == Work::column) {
    column_work_.insert(bank);
  } else if (before == Work::column) {
    column_work_.erase(bank);
  }
  if (best_row_.bank == bank) best_row_.known = false;
  if (best_column_.bank == bank) best_column_.known = false;
  if (row) offer_best(best_row_, bank);
  if (work.kind == Work::column) offer_best(best_column_, bank);
}

void ChannelController::update_all(Cycle now) {
  best_row_.known = best_column_.known = false;
  updated_ = row_work_;
  updated_.insert(column_work_);
  updated_.insert(queue().pending());
  updated_.for_each([&](uint32_t bank) { update_bank(bank, now); });
}

Cycle ChannelController::ready(uint32_t bank) const {
  const Work& work = work_[bank];
  switch (work.kind) {
    case Work::act:
      return std::max(work.own, device_.shared_act(bank));
    case Work::pre:
      return std::max(work.own, device_.shared_pre(bank));
    case Work::column:
      return std::max(work.own, device_.shared_column(bank, write_mode_));
    case Work::nothing:
      break;
  }
  return never;
}

void ChannelController::offer_best(Best& best, uint32_t bank) {
  if (!best.known || work_[bank].own > best.cycle) return;
  const Cycle cycle = std::max(ready(bank), now_);
  if (best.after(cycle, work_[bank].sequence)) best = {cycle, work_[bank].sequence, bank, true};
}

void ChannelController::find_best_row() {
  best_row_ = {.known = true};
  row_work_.for_each([this](uint32_t bank) { offer_best(best_row_, bank); });
}

/// One of the oldest requests whose turn comes as early as any could.
bool ChannelController::find_oldest_column() {
  constexpr int tries = 8;
  const RequestQueue& requests = queue();
  const Cycle bound = std::max(now_, device_.column_bound(write_mode_));
  uint32_t entry = requests.oldest();
  for (int tried = 0; tried < tries && entry != RequestQueue::none; ++tried) {
    const uint32_t bank = requests[entry].bank;
    const Work& work = work_[bank];
    if (work.kind == Work::column && work.entry == entry && ready(bank) <= bound) {
      best_column_ = {bound, work.sequence, bank, true};
      return true;
    }
    entry = requests.younger(entry);
  }
  return false;
}

void ChannelController::find_best_column() {
  if (find_oldest_column()) return;
  best_column_ = {.known = true};
  column_work_.for_each([this](uint32_t bank) { offer_best(best_column_, bank); });
}

Cycle ChannelController::refresh_ready(const Refreshing& refreshing) const {
  const RefreshOrder& order = refreshing.order;
  if (order.per_bank)
    return refreshing.closing ? device_.earliest_pre(order.bank) : device_.earliest_refpb(order.bank);
  return refreshing.closing ? device_.earliest_prea(order.rank) : device_.earliest_refab(order.rank);
}

Cycle ChannelController::timeout_ready() {
  while (!timeouts_.empty()) {
    const Timeout& first = timeouts_.front();
    const bool stale = last_use_[first.bank] != first.use || closed(first.bank) ||
                       blocked_[first.bank] != 0 || work_[first.bank].kind != Work::nothing;
    if (!stale) return std::max(first.at, device_.earliest_pre(first.bank));
    timeouts_.pop_front();
  }
  return never;
}

Cycle ChannelController::next_request_command() {
  if (!best_row_.known) find_best_row();
  if (!best_column_.known) find_best_column();
  return std::min(best_row_.cycle, best_column_.cycle);
}

/// A direction whose banks are all in refresh, or otherwise far from ready, gives the bus to the other one.
Cycle ChannelController::leave_stalled_mode(Cycle next) {
  write_mode_ = !write_mode_;
  update_all(now_);
  const Cycle other = next_request_command();
  if (other < next - turn_around_) {
    served_in_mode_ = 0;
    return other;
  }
  write_mode_ = !write_mode_;
  update_all(now_);
  return next_request_command();
}

Cycle ChannelController::next_command() {
  Cycle next = next_request_command();
  if (next > now_ + turn_around_ && !reads_.empty() && !writes_.empty()) next = leave_stalled_mode(next);
  for (const Refreshing& refreshing : refreshing_)
    next = std::min(next, std::max(now_, refresh_ready(refreshing)));
  next = std::min(next, std::max(now_, next_decision_));
  if (close_after_ != never) next = std::min(next, timeout_ready());
  return next;
}

void ChannelController::issue(Cycle at) {
  now_ = at;
  if (next_decision_ <= at) {
    decide_refresh(at);
    return;
  }
  // Refreshes first: they are late already when they are ordered.
  for (size_t index = 0; index < refreshing_.size(); ++index) {
    if (refresh_ready(refreshing_[index]) <= at) {
      issue_refresh(index, at);
      return;
    }
  }
  if (best_column_.cycle == at && (best_row_.cycle != at || best_column_.sequence < best_row_.sequence)) {
    issue_column(best_column_.bank, at);
  } else if (best_row_.cycle == at) {
    issue_row(best_row_.bank, at);
  } else {
    issue_timeout(at);
  }
}

void ChannelController::rest(Cycle until) {
  if (!observers_.empty()) return;
  // What was ordered before is carried out first, and what may still be under way at the end is left to
  // steps.
  while (!refreshing_.empty() && next_command() < until) issue_next();
  until -= std::min<Cycle>(until, standard_.timing.rfc_all_bank);
  if (until <= next_decision_ || !refreshing_.empty()) return;
  rested_.clear();
  if (refresh_policy_->rest(until, *this, rested_)) {
    for (uint32_t bank = 0; bank < device_.banks(); ++bank) {
      if (!closed(bank)) device_.pre(std::max(now_, device_.earliest_pre(bank)), bank);
    }
  }
  for (const RestRefresh& refresh : rested_) {
    now_ = std::max(now_, refresh.at);
    refresh_now(refresh.order);
  }
  next_decision_ = refresh_policy_->next_decision();
}

/// The refresh of a bank or a rank that nothing waits for, as early as the device can.
void ChannelController::refresh_now(const RefreshOrder& order) {
  if (order.per_bank) {
    if (!closed(order.bank)) device_.pre(std::max(now_, device_.earliest_pre(order.bank)), order.bank);
    device_.refpb(std::max(now_, device_.earliest_refpb(order.bank)), order.bank);
  } else {
    if (!device_.all_closed(order.rank))
      device_.prea(std::max(now_, device_.earliest_prea(order.rank)), order.rank);
    device_.refab(std::max(now_, device_.earliest_refab(order.rank)), order.rank);
  }
  ++(order.per_bank ? counters_.refreshes_per_bank : counters_.refreshes_all_bank);
}

void ChannelController::decide_refresh(Cycle now) {
  orders_.clear();
  refresh_policy_->decide(now, *this, orders_);
  next_decision_ = refresh_policy_->next_decision();
  for (const RefreshOrder& order : orders_) {
    const uint32_t first = order.per_bank ? order.bank : order.rank * device_.banks_per_rank();
    const uint32_t last = order.per_bank ? order.bank : first + device_.banks_per_rank() - 1;
    const bool open = order.per_bank ? !closed(order.bank) : !device_.all_closed(order.rank);
    for (uint32_t bank = first; bank <= last; ++bank) {
      blocked_[bank] = 1;
      update_bank(bank, now);
    }
    refreshing_.push_back({order, open});
  }
}

void ChannelController::issue_refresh(size_t index, Cycle at) {
  Refreshing& refreshing = refreshing_[index];
  const RefreshOrder order = refreshing.order;
  const uint32_t first = order.per_bank ? order.bank : order.rank * device_.banks_per_rank();
  const uint32_t last = order.per_bank ? order.bank : first + device_.banks_per_rank() - 1;
  best_row_.known = false;
  if (!standard_.timing.split_command_bus) best_column_.known = false;
  if (refreshing.closing) {
    refreshing.closing = false;
    emit(at, order.per_bank ? CommandKind::pre : CommandKind::prea, first, 0, 0);
    order.per_bank ? device_.pre(at, order.bank) : device_.prea(at, order.rank);
    return;
  }
  emit(at, order.per_bank ? CommandKind::refpb : CommandKind::refab, first, 0, 0);
  order.per_bank ? device_.refpb(at, order.bank) : device_.refab(at, order.rank);
  ++(order.per_bank ? counters_.refreshes_per_bank : counters_.refreshes_all_bank);
  refresh_policy_->issued(order);
  next_decision_ = refresh_policy_->next_decision();
  refreshing_.erase(refreshing_.begin() + static_cast<std::ptrdiff_t>(index));
  for (uint32_t bank = first; bank <= last; ++bank) {
    blocked_[bank] = 0;
    update_bank(bank, at);
  }
  best_column_.known = false;
}

void ChannelController::issue_row(uint32_t bank, Cycle at) {
  const Work work = work_[bank];
  BurstRequest& request = queue()[work.entry];
  if (work.kind == Work::act) {
    request.row_miss = true;
    emit(at, CommandKind::act, bank, request.row, 0);
    device_.act(at, bank, request.row);
    ++counters_.activates;
  } else {
    emit(at, CommandKind::pre, bank, 0, 0);
    device_.pre(at, bank);
  }
  best_row_.known = false;
  if (!standard_.timing.split_command_bus) best_column_.known = false;
  update_bank(bank, at);
}

void ChannelController::issue_column(uint32_t bank, Cycle at) {
  RequestQueue& requests = queue();
  const uint32_t entry = work_[bank].entry;
  requests.erase(entry);
  const BurstRequest& request = requests[entry];
  ++served_in_mode_;
  const bool close = closes_rows_ && reads_.first_hit(bank, request.row) == RequestQueue::none &&
                     writes_.first_hit(bank, request.row) == RequestQueue::none;
  emit(at,
       request.write ? (close ? CommandKind::wra : CommandKind::wr)
                     : (close ? CommandKind::rda : CommandKind::rd),
       bank, request.row, request.column);
  device_.column(at, bank, request.write, close);
  ++(request.write ? counters_.write_bursts : counters_.read_bursts);
  if (!request.row_miss) ++counters_.row_hits;
  counters_.busy_ps += burst_ps_;
  ++bank_bursts_[bank];
  last_use_[bank] = at;
  done.push_back({request.tag, device_.data_end(at, request.write)});
  best_column_.known = false;
  if (!standard_.timing.split_command_bus) best_row_.known = false;
  const bool mode = write_mode_;
  update_mode(at);
  if (mode != write_mode_ || couples_banks_) {
    update_all(at);
  } else {
    update_bank(bank, at);
  }
  if (close_after_ != never) timeouts_.push_back({at + close_after_, bank, at});
}

void ChannelController::issue_timeout(Cycle at) {
  const uint32_t bank = timeouts_.front().bank;
  timeouts_.pop_front();
  emit(at, CommandKind::pre, bank, 0, 0);
  device_.pre(at, bank);
  best_row_.known = false;
  if (!standard_.timing.split_command_bus) best_column_.known = false;
}

void ChannelController::show(Cycle at, CommandKind kind, uint32_t bank, uint32_t row, uint32_t column) {
  const core::DramOrganisation& organisation = standard_.organisation;
  const uint32_t in_rank = bank % organisation.banks_per_rank();
  const Command command{.cycle = at,
                        .kind = kind,
                        .pseudo_channel = device_.pseudo_channel_of(bank),
                        .rank = device_.rank_index(bank) % organisation.ranks,
                        .bank_group = in_rank / organisation.banks_per_group,
                        .bank = in_rank % organisation.banks_per_group,
                        .row = row,
                        .column = column};
  for (CommandObserver* observer : observers_) observer->on_command(command);
}

}  // namespace duet::memory
