// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "duet/memory/memory_counters.hpp"
#include "duet/memory/recency_list.hpp"
#include "duet/memory/stream_costs.hpp"
#include "duet/memory/stream_window.hpp"

namespace duet::memory {

/// One channel of the `stream` level: places *visits* (what a transfer wants of one row set) on the data bus.
///
/// A visit enters the controller's queue when an entry is free, opens the rows it needs, and takes bus time
/// as its banks open. What FR-FCFS does is kept as state: rows that were promised to others are still hit by
/// who enters the queue before they close, and bus time that a visit leaves idle is there for those after it.
/// Reads are placed when they come, writes wait for a drain of the write queue. Times are those of column
/// commands, in ps; the pseudo channels of a channel work in step.
class StreamLane {
 public:
  /// One that stands for `channels` in step.
  StreamLane(const StreamCosts& costs, MemoryCounters& counters, uint64_t channels);

  /// What of a transfer lies on this channel, or on its end.
  struct Served {
    uint32_t tag;
    bool last;         ///< of the tag on this channel
    int64_t first_ps;  ///< slot of the first burst
    int64_t last_ps;   ///< end of the slot of the last burst
  };
  /// Takes consecutive channel addresses that may enter the controller from `entry_ps` on, in the order of
  /// the calls.
  void add(uint64_t address, uint64_t bytes, bool write, int64_t entry_ps, uint32_t tag);
  /// Takes bus time for `bursts` that go between placed ones.
  void steal(double bursts) { bus_ps_ += static_cast<int64_t>(bursts * costs_.burst_ps); }
  /// Goes on after others, whose last column slot ends at `end_ps`.
  void follow(int64_t end_ps, bool write);
  /// When the data bus has served all that was placed.
  [[nodiscard]] int64_t free_ps() const { return bus_ps_; }
  /// When waiting writes go although their queue is not full, because no read waits; or never.
  [[nodiscard]] int64_t write_deadline_ps() const { return waiting_.empty() ? never : bus_ps_; }
  void flush_writes() { drain(0, 0); }

  static constexpr int64_t never = INT64_MAX;
  std::vector<Served> served;  ///< placed since the caller last cleared it

 private:
  struct Visit {
    uint64_t address;
    uint64_t bytes;
    int64_t entry_ps;
    uint32_t bursts;
    uint32_t tag;
    bool write;
    bool last;
  };
  struct Epoch {  // one stay of a row in its bank
    int64_t row = -1;
    int64_t open_ps = 0;  ///< first column command
    int64_t end_ps = 0;   ///< end of the last column slot
    bool write = false;
  };
  static constexpr size_t remembered_epochs = 4;
  struct Bank {
    std::array<Epoch, remembered_epochs> epochs;  // newest first
    std::array<int64_t, 2> refreshed_ps{};        ///< end of the last refresh in each pseudo channel
    int64_t late_end_ps = 0;                      ///< end of what had to wait for it
    int64_t closed_row = -1;                      ///< which a refresh closed in one pseudo channel only
  };
  struct Gap {
    int64_t start_ps = 0, end_ps = 0;
  };
  static constexpr size_t remembered_gaps = 4;
  struct Rank {
    std::array<int64_t, 4> act_ps{};
    uint32_t next = 0;
  };
  struct Refresh {  // of one pseudo channel
    int64_t due_ps;
    RecencyList left;  ///< banks that this round has not refreshed yet
  };
  struct Target {
    std::array<uint32_t, 32> banks;
    uint32_t count;
    int64_t row;
  };

  void enter(Visit& visit);
  void skip(uint64_t sets, int64_t set_ps, bool write);
  void drain(int64_t at_ps, uint32_t keep);
  void place(const Visit& visit);
  [[nodiscard]] Target target_of(const Visit& visit) const;
  [[nodiscard]] bool join(const Visit& visit, const Target& target);
  [[nodiscard]] int64_t open_row(uint32_t bank, int64_t row, const Visit& visit, int64_t entry_ps,
                                 double part);
  void wait(uint32_t bank, int64_t open_ps, double part);
  [[nodiscard]] int64_t finish(int64_t start_ps, uint32_t banks, double bursts) const;
  void settle(int64_t wanted_ps);
  int64_t serve_late(const Visit& visit);
  [[nodiscard]] int64_t alone_ps(double bursts) const;
  StreamWindow& window_of(const Visit& visit) { return visit.write ? writes_ : reads_; }
  void turn(bool write);
  /// What a drain between reads costs beside its writes.
  [[nodiscard]] int64_t turn_pair_ps() const {
    return costs_.read_to_write_ps + costs_.write_to_read_ps - 2 * costs_.slot_ps;
  }
  void refresh(int64_t until_ps);
  void close(Bank& bank, size_t unit, int64_t due_ps);
  void used(uint32_t bank);
  void count(uint64_t bursts, uint64_t activates, bool write);
  void done(const Visit& visit, int64_t first_ps, int64_t last_ps);

  const StreamCosts& costs_;
  MemoryCounters& counters_;
  uint64_t channels_;
  std::vector<Bank> banks_;
  std::vector<Rank> ranks_;
  std::vector<Refresh> refreshes_;
  std::array<Gap, remembered_gaps> gaps_;
  struct Opening {
    int64_t open_ps;  ///< first column command
    uint32_t bank;
  };
  std::array<Opening, 32> opens_{};  ///< of the visit at hand, the first bank first
  struct Late {                      // what of it has to wait for a bank
    uint32_t bank;
    bool whole;  ///< or in one pseudo channel
    int64_t open_ps, end_ps;
    double bursts;
  };
  std::vector<Late> late_;
  struct Debt {  // bus time of late parts
    int64_t open_ps, work_ps;
  };
  std::vector<Debt> debts_;
  StreamWindow reads_, writes_;
  RecencyList recent_;         ///< all banks
  std::deque<Visit> waiting_;  ///< writes before their drain
  uint32_t waiting_bursts_ = 0;
  uint32_t reads_since_drain_ = 0;
  uint64_t opened_ = 0;  ///< rows of the visit at hand
  int64_t bus_ps_ = 0;
  int64_t row_bus_ps_ = 0;
  int64_t entry_ps_ = 0;
  int64_t read_end_ps_ = 0;
  int64_t phase_ps_ = 0;        ///< since when the bus goes in this direction
  int64_t other_phase_ps_ = 0;  ///< since when it went in the other one before
  bool write_phase_ = false;
};

}  // namespace duet::memory
