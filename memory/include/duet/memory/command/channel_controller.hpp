// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/address_mapping.hpp"
#include "duet/memory/command/command.hpp"
#include "duet/memory/command/device_timing.hpp"
#include "duet/memory/command/refresh_policy.hpp"
#include "duet/memory/command/request_queue.hpp"
#include "duet/memory/command/row_policy.hpp"
#include "duet/memory/command/scheduler.hpp"
#include "duet/memory/memory_counters.hpp"

namespace duet::memory {

/// A burst that is done: a read when its last data is on the bus, a write likewise.
struct BurstDone {
  uint64_t tag;
  Cycle done;
};

/// The `command` level: one channel's controller with its device. Time advances from command to
/// command, never clock by clock.
///
/// Each bank offers at most one next command (for the request that the scheduler chose). The best
/// row command and the best column command are remembered and only looked for again when something
/// that they depend on has changed.
class ChannelController : private RefreshView {
 public:
  explicit ChannelController(const core::MemoryDescription& memory);
  /// With a table of its own instead of the one that the description names.
  ChannelController(const core::MemoryDescription& memory, const core::DramStandard& standard);
  ~ChannelController() override;

  [[nodiscard]] bool can_accept(bool write) const { return !(write ? writes_ : reads_).full(); }
  /// Takes a burst at a channel address (it may issue from the next clock on). Clocks of offers and
  /// of `advance` never decrease; `at` must be past every issued command.
  void accept(Cycle at, uint64_t address, bool write, uint64_t tag);
  /// Clock of the next command; `never` when no request waits and no refresh would be due.
  [[nodiscard]] Cycle next_command();
  /// Issues all commands up to and including `last`.
  void advance(Cycle last) {
    while (next_command() <= last) issue_next();
  }
  /// Issues the next command (or takes the next decision about a refresh) and returns its clock.
  Cycle issue_next() {
    const Cycle at = next_command();
    if (at != never) issue(at);
    return at;
  }
  /// The same when next_command has just given `at`.
  void issue(Cycle at);
  [[nodiscard]] bool idle() const { return reads_.empty() && writes_.empty(); }

  /// Others have the data bus: no column command before `at`, or so many clocks later than otherwise.
  void hold_columns(Cycle at) {
    device_.hold_columns(at);
    best_column_.known = false;
  }
  void delay_columns(Cycle clocks) {
    device_.delay_columns(clocks);
    best_column_.known = false;
  }
  /// Nothing waits until `until`: most refreshes before then happen without stepping from command to command,
  /// with the same effect. Nothing is done while commands are observed.
  void rest(Cycle until);

  /// Bursts whose end is known, since the caller last cleared it; ends may lie ahead.
  std::vector<BurstDone> done;
  /// Called for each command; not owned.
  void observe(CommandObserver& observer) { observers_.push_back(&observer); }
  [[nodiscard]] const MemoryCounters& counters() const { return counters_; }
  [[nodiscard]] const AddressMapping& mapping() const { return mapping_; }
  /// Clocks of data per bank, for bank utilisation.
  [[nodiscard]] const std::vector<uint64_t>& bank_bursts() const { return bank_bursts_; }
  [[nodiscard]] uint32_t queued() const { return reads_.size() + writes_.size(); }

 private:
  struct Work {  // what a bank would do next
    enum Kind : uint8_t { nothing, act, pre, column } kind = nothing;
    uint32_t entry = 0;
    uint64_t sequence = 0;
    Cycle own = 0;  ///< earliest clock by the request and by what the bank itself did
  };
  struct Best {
    Cycle cycle = never;
    uint64_t sequence = ~uint64_t{0};
    uint32_t bank = 0;
    bool known = false;
    [[nodiscard]] bool after(Cycle other_cycle, uint64_t other_sequence) const {
      return other_cycle != cycle ? other_cycle < cycle : other_sequence < sequence;
    }
  };
  struct Refreshing {
    RefreshOrder order;
    bool closing = true;
  };

  uint32_t waiting(uint32_t bank) const override { return reads_.count(bank) + writes_.count(bank); }
  const BankSet& wanted(bool write) const override { return (write ? writes_ : reads_).pending(); }
  const std::vector<Cycle>& last_use() const override { return last_use_; }
  bool closed(uint32_t bank) const override { return device_.open_row(bank) == DeviceTiming::closed; }

  RequestQueue& queue() { return write_mode_ ? writes_ : reads_; }
  void update_mode(Cycle now);
  [[nodiscard]] Cycle next_request_command();
  [[nodiscard]] Cycle leave_stalled_mode(Cycle next);
  [[nodiscard]] uint32_t choose(uint32_t bank, Cycle now);
  void update_bank(uint32_t bank, Cycle now);
  void update_all(Cycle now);
  [[nodiscard]] Cycle ready(uint32_t bank) const;
  void find_best_row();
  void find_best_column();
  bool find_oldest_column();
  void offer_best(Best& best, uint32_t bank);
  [[nodiscard]] Cycle refresh_ready(const Refreshing& refreshing) const;
  void decide_refresh(Cycle now);
  void refresh_now(const RefreshOrder& order);
  void issue_refresh(size_t index, Cycle at);
  void issue_row(uint32_t bank, Cycle at);
  void issue_column(uint32_t bank, Cycle at);
  void issue_timeout(Cycle at);
  [[nodiscard]] Cycle timeout_ready();
  void emit(Cycle at, CommandKind kind, uint32_t bank, uint32_t row, uint32_t column) {
    if (!observers_.empty()) show(at, kind, bank, row, column);
  }
  void show(Cycle at, CommandKind kind, uint32_t bank, uint32_t row, uint32_t column);

  core::DramStandard standard_;
  AddressMapping mapping_;
  DeviceTiming device_;
  RequestQueue reads_, writes_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<RowPolicy> row_policy_;
  std::unique_ptr<RefreshPolicy> refresh_policy_;
  uint32_t high_watermark_, low_watermark_;
  Cycle starvation_;
  Cycle turn_around_;  ///< WR to RD, what a change of direction costs at least
  bool write_mode_ = false;

  std::vector<Work> work_;
  BankSet row_work_, column_work_;
  BankSet updated_;  ///< by update_all
  Best best_row_, best_column_;
  std::vector<uint8_t> blocked_;  ///< banks closed for refresh
  std::vector<Refreshing> refreshing_;
  std::vector<RefreshOrder> orders_;
  std::vector<RestRefresh> rested_;
  std::vector<Cycle> last_use_;
  struct Timeout {
    Cycle at;
    uint32_t bank;
    Cycle use;
  };
  std::deque<Timeout> timeouts_;
  bool couples_banks_;
  bool closes_rows_;
  Cycle close_after_;
  Cycle next_decision_;
  uint32_t served_in_mode_ = 0;  ///< column commands since reads and writes last changed places
  Cycle now_ = 0;
  uint64_t sequence_ = 0;
  uint64_t burst_ps_;
  std::vector<CommandObserver*> observers_;
  std::vector<uint64_t> bank_bursts_;
  MemoryCounters counters_;
};

}  // namespace duet::memory
