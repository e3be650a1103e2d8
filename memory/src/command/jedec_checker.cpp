// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/jedec_checker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace duet::memory {
namespace {

constexpr size_t kept_violations = 1000;

constexpr size_t index(CommandKind kind) {
  return static_cast<size_t>(kind);
}

}  // namespace

JedecChecker::JedecChecker(const core::DramStandard& standard, bool refresh_watched)
    : organisation_(standard.organisation),
      t_(standard.timing),
      refresh_watched_(refresh_watched),
      banks_(size_t{organisation_.pseudo_channels} * organisation_.banks_per_pseudo_channel()),
      groups_(size_t{organisation_.pseudo_channels} * organisation_.ranks * organisation_.bank_groups,
              none()),
      ranks_(size_t{organisation_.pseudo_channels} * organisation_.ranks),
      pseudo_channels_(organisation_.pseudo_channels) {}

Cycle JedecChecker::seen(const Command& command) const {
  if (command.kind == CommandKind::act) return command.cycle + t_.act_bus_clocks - 1;
  if (is_column(command.kind)) return command.cycle + t_.column_bus_clocks - 1;
  return command.cycle;
}

void JedecChecker::fail(std::string_view rule, const Command& command, Cycle distance, Cycle required) {
  ++counts_[rule];
  if (violations_.size() < kept_violations) violations_.push_back({rule, command, distance, required});
}

/// At least `required` clocks since the event at `since`.
void JedecChecker::expect(std::string_view rule, const Command& command, Cycle since, Cycle required) {
  if (since == long_ago) return;
  const Cycle now = seen(command);
  if (now < since + required) fail(rule, command, now > since ? now - since : 0, required);
}

void JedecChecker::on_command(const Command& command) {
  ++commands_;
  const Cycle now = seen(command);
  check_bus(command);
  if (refresh_watched_) check_refresh_debt(command);
  switch (command.kind) {
    case CommandKind::act:
      check_act(command, now);
      break;
    case CommandKind::pre:
      check_precharge(command, bank_of(command), now);
      break;
    case CommandKind::prea: {
      const uint32_t first = rank_of(command) * organisation_.banks_per_rank();
      for (uint32_t bank = first; bank < first + organisation_.banks_per_rank(); ++bank) {
        if (banks_[bank].open) check_precharge(command, banks_[bank], now);
      }
      break;
    }
    case CommandKind::refab:
    case CommandKind::refpb:
      check_refresh(command, now);
      break;
    default:
      check_column(command, now);
  }
  if (command.kind == CommandKind::pre || command.kind == CommandKind::prea) {
    const History& last = pseudo_channels_[command.pseudo_channel].last;
    for (const CommandKind before : {CommandKind::pre, CommandKind::prea})
      expect("tPPD", command, last[index(before)], t_.ppd);
  }
  record(command, now);
}

void JedecChecker::check_bus(const Command& command) {
  const bool column = is_column(command.kind);
  const uint32_t clocks = command.kind == CommandKind::act ? t_.act_bus_clocks
                          : column                         ? t_.column_bus_clocks
                                                           : 1;
  Cycle& free = bus_end_[column && t_.split_command_bus ? 1 : 0];
  if (command.cycle < free) fail("command bus", command, 0, free - command.cycle);
  free = std::max(free, command.cycle + clocks);
}

void JedecChecker::check_act(const Command& command, Cycle now) {
  const Bank& bank = bank_of(command);
  const Rank& rank = ranks_[rank_of(command)];
  const History& group = groups_[group_of(command)];
  if (bank.open) fail("ACT of an open bank", command);
  if (command.row >= organisation_.rows) fail("row out of range", command);
  expect("tRP", command, bank.precharge, t_.rp);
  expect("tRC", command, bank.last[index(CommandKind::act)], t_.rc);
  expect("tRRD_L", command, group[index(CommandKind::act)], t_.rrd_l);
  expect("tRRD_S", command, rank.last[index(CommandKind::act)], t_.rrd_s);
  if (t_.faw != 0) expect("tFAW", command, rank.acts.back(), t_.faw);
  expect("tRFCab", command, rank.last[index(CommandKind::refab)], t_.rfc_all_bank);
  if (t_.rfc_per_bank != 0) {
    expect("tRFCpb", command, bank.last[index(CommandKind::refpb)], t_.rfc_per_bank);
    expect("tRREFD", command, pseudo_channels_[command.pseudo_channel].last[index(CommandKind::refpb)],
           t_.rrefd);
  }
  static_cast<void>(now);
}

void JedecChecker::check_column(const Command& command, Cycle now) {
  const Bank& bank = bank_of(command);
  const bool read = is_read(command.kind);
  if (!bank.open) {
    fail("column command to a closed bank", command);
  } else if (bank.row != command.row) {
    fail("column command to another row", command);
  }
  expect(read ? "tRCDRD" : "tRCDWR", command, bank.last[index(CommandKind::act)],
         read ? t_.rcd_read : t_.rcd_write);
  const History& scope = t_.long_scope_is_bank ? bank.last : groups_[group_of(command)];
  const PseudoChannel& pc = pseudo_channels_[command.pseudo_channel];
  const uint32_t write_end = t_.write_latency + t_.burst;
  for (const CommandKind kind : {CommandKind::rd, CommandKind::rda, CommandKind::wr, CommandKind::wra}) {
    const Cycle near = scope[index(kind)];
    const Cycle far = pc.last[index(kind)];
    if (is_read(kind) == read) {
      expect("tCCD_L", command, near, t_.ccd_l);
      expect("tCCD_S", command, far, t_.ccd_s);
      for (uint32_t rank = 0; rank < organisation_.ranks && t_.ccd_r != 0; ++rank) {
        if (rank != command.rank)
          expect("tCCD_R", command,
                 ranks_[command.pseudo_channel * organisation_.ranks + rank].last[index(kind)], t_.ccd_r);
      }
    } else if (read) {
      expect("tWTR_L", command, near, write_end + t_.wtr_l);
      expect("tWTR_S", command, far, write_end + t_.wtr_s);
    } else {
      expect("tRTW", command, far, t_.rd_to_wr);
    }
  }
  // A table whose tRTW is shorter than the read data in flight (a peer's GDDR7) says nothing of the bus.
  const bool bus_ruled = t_.rd_to_wr + t_.write_latency >= t_.read_latency + t_.burst;
  const Cycle data = now + (read ? t_.read_latency : t_.write_latency);
  if (bus_ruled && data < pc.data_end) fail("data bus", command, 0, pc.data_end - data);
}

void JedecChecker::check_precharge(const Command& command, Bank& bank, Cycle /*now*/) {
  if (!bank.open) return;  // a PRE of a closed bank does nothing
  expect("tRAS", command, bank.last[index(CommandKind::act)], t_.ras);
  expect("tRTP", command, bank.last[index(CommandKind::rd)], t_.rtp);
  expect("tWR", command, bank.last[index(CommandKind::wr)], t_.write_latency + t_.burst + t_.wr);
}

void JedecChecker::check_refresh(const Command& command, Cycle /*now*/) {
  const bool all = command.kind == CommandKind::refab;
  const Rank& rank = ranks_[rank_of(command)];
  const uint32_t first = rank_of(command) * organisation_.banks_per_rank();
  expect("tRFCab", command, rank.last[index(CommandKind::refab)], t_.rfc_all_bank);
  if (!all)
    expect("tRREFD", command, pseudo_channels_[command.pseudo_channel].last[index(CommandKind::refpb)],
           t_.rrefd);
  if (!all) expect("tRRD_L", command, rank.last[index(CommandKind::act)], t_.rrd_l);
  for (uint32_t at = 0; at < organisation_.banks_per_rank(); ++at) {
    const Bank& bank = banks_[first + at];
    if (!all && &bank != &bank_of(command)) continue;
    if (bank.open) fail("refresh of an open bank", command);
    expect("tRP", command, bank.precharge, t_.rp);
    if (t_.rfc_per_bank != 0)
      expect("tRFCpb", command, bank.last[index(CommandKind::refpb)], t_.rfc_per_bank);
  }
  if (!all) {
    const uint64_t banks = organisation_.banks_per_pseudo_channel();
    const uint64_t round = pseudo_channels_[command.pseudo_channel].bank_refreshes / banks + 1;
    if (bank_of(command).refreshed_in_round == round) fail("bank refreshed twice in a round", command);
  }
}

/// No more than the standard's number of refreshes may be owed, counted at each command.
void JedecChecker::check_refresh_debt(const Command& command) {
  const uint64_t due = command.cycle / t_.refi;
  const Rank& rank = ranks_[rank_of(command)];
  const uint64_t rounds =
      pseudo_channels_[command.pseudo_channel].bank_refreshes / organisation_.banks_per_pseudo_channel();
  if (due > rank.refreshes + rounds + t_.refresh_postpone_max + 1) fail("refresh overdue", command);
}

void JedecChecker::record(const Command& command, Cycle now) {
  const size_t kind = index(command.kind);
  Rank& rank = ranks_[rank_of(command)];
  PseudoChannel& pc = pseudo_channels_[command.pseudo_channel];
  rank.last[kind] = pc.last[kind] = now;
  if (command.kind == CommandKind::refab) {
    ++rank.refreshes;
    return;
  }
  if (command.kind == CommandKind::prea) {
    const uint32_t first = rank_of(command) * organisation_.banks_per_rank();
    for (uint32_t at = first; at < first + organisation_.banks_per_rank(); ++at) {
      if (banks_[at].open) banks_[at].precharge = now;
      banks_[at].open = false;
    }
    return;
  }
  Bank& bank = bank_of(command);
  bank.last[kind] = groups_[group_of(command)][kind] = now;
  switch (command.kind) {
    case CommandKind::act:
      bank.open = true;
      bank.row = command.row;
      // Commands to the row before do not bind this one's precharge.
      bank.last[index(CommandKind::rd)] = bank.last[index(CommandKind::wr)] = long_ago;
      std::rotate(rank.acts.begin(), rank.acts.end() - 1, rank.acts.end());
      rank.acts.front() = now;
      break;
    case CommandKind::pre:
      if (bank.open) bank.precharge = now;
      bank.open = false;
      break;
    case CommandKind::refpb:
      bank.refreshed_in_round = pc.bank_refreshes / organisation_.banks_per_pseudo_channel() + 1;
      ++pc.bank_refreshes;
      break;
    default: {
      const bool read = is_read(command.kind);
      pc.data_end = now + (read ? t_.read_latency : t_.write_latency) + t_.burst;
      if (command.kind == CommandKind::rda || command.kind == CommandKind::wra) {
        // The device closes the row by itself as soon as an explicit PRE could.
        Cycle begin = bank.last[index(CommandKind::act)] + t_.ras;
        begin = std::max(begin, now + (read ? t_.rtp : t_.write_latency + t_.burst + t_.wr));
        if (const Cycle rd = bank.last[index(CommandKind::rd)]; rd != long_ago)
          begin = std::max(begin, rd + t_.rtp);
        if (const Cycle wr = bank.last[index(CommandKind::wr)]; wr != long_ago)
          begin = std::max(begin, wr + t_.write_latency + t_.burst + t_.wr);
        bank.precharge = begin;
        bank.open = false;
      }
    }
  }
}

std::string JedecChecker::report() const {
  if (counts_.empty()) return "none";
  std::string text;
  for (const auto& [rule, count] : counts_) {
    const auto first =
        std::find_if(violations_.begin(), violations_.end(),
                     [&, name = rule](const Violation& violation) { return violation.rule == name; });
    text += fmt::format("{}: {} times", rule, count);
    if (first != violations_.end()) {
      const Command& c = first->command;
      text += fmt::format(
          ", first {} at clock {} (pseudo channel {}, rank {}, bank group {}, bank {}): {} clocks, {} "
          "required",
          command_names[index(c.kind)], c.cycle, c.pseudo_channel, c.rank, c.bank_group, c.bank,
          first->distance, first->required);
    }
    text += "\n";
  }
  return text;
}

}  // namespace duet::memory
