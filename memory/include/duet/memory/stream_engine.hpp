// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/bulk_queue.hpp"
#include "duet/memory/command/burst_lane.hpp"
#include "duet/memory/memory_counters.hpp"
#include "duet/memory/stream_costs.hpp"
#include "duet/memory/stream_lane.hpp"
#include "duet/memory/transfer.hpp"

namespace duet::memory {

/// The `stream` level: work that grows with the row sets of a transfer on one channel where that is exact
/// enough, and with its bursts where it is not.
///
/// Bulk transfers (at least one interleave granule a channel) go in the order of BulkQueue; they are the same
/// on all channels, so that one lane stands for all. A long run of consecutive addresses in one direction,
/// of one transfer or several, is placed row set by row set (StreamLane). What is short, or jumps, or turns
/// around is scheduled burst by burst by the controller of the `command` level (BurstLane), for its queues
/// decide how fast that is. Smaller transfers have such a controller a channel and do not wait for the bulk
/// backlog: while a bulk transfer is in service, they go between its bursts, get at most an eighth of a
/// channel, and the time they take is taken from the bulk transfers.
class StreamEngine : public TransferEngine {
 public:
  explicit StreamEngine(const core::MemoryDescription& memory);

  void submit(Transfer& transfer) override;
  [[nodiscard]] uint64_t next_event_ps() const override;
  void advance(uint64_t now_ps) override;
  [[nodiscard]] MemoryCounters counters(uint64_t now_ps) const;

 private:
  struct Channel {
    explicit Channel(const core::MemoryDescription& memory) : lane(memory) {}
    BurstLane lane;
    Cycle next = never;         ///< what the lane does next
    int64_t small_free_ps = 0;  ///< transfers between the bursts of a bulk one go from here
  };
  struct Active {
    Transfer* transfer = nullptr;
    uint64_t parts = 0;                 ///< that are not served yet
    int64_t first_ps = 0, last_ps = 0;  ///< at the port
  };
  [[nodiscard]] int64_t bulk_due_ps() const;
  [[nodiscard]] bool in_long_run(const Transfer& transfer);
  void dispatch_bulk(Transfer& transfer);
  void place_rows(const Transfer& transfer, uint32_t tag, uint64_t local, uint64_t bytes);
  void queue_bursts(const Transfer& transfer, uint32_t tag, uint64_t local, uint64_t bytes);
  void dispatch_small(Transfer& transfer);
  int64_t go_between(Channel& channel, const Transfer& transfer, uint64_t bursts);
  void push(Channel& channel, const Transfer& transfer, uint32_t tag, uint64_t local, uint64_t bytes,
            int64_t from_ps, bool small);
  void run(Channel& channel, Cycle limit);
  void run_small(Cycle limit);
  void flush(int64_t now_ps);
  uint32_t activate(Transfer& transfer);
  void served(uint32_t tag, int64_t first_ps, int64_t last_ps);
  void collect_rows();
  void collect_bursts(Channel& channel);
  void finish(Active& active);

  StreamCosts costs_;
  uint64_t interleave_;
  uint64_t lanes_;
  MemoryCounters counters_;
  StreamLane rows_;               ///< of bulk transfers in long runs, all channels together
  Channel bursts_;                ///< of other bulk transfers, all channels together
  std::deque<Channel> channels_;  ///< of small transfers
  Cycle small_next_ = never;      ///< what the first of them does next
  std::vector<Active> active_;
  std::vector<uint32_t> free_;
  BulkQueue bulk_;
  int64_t flush_ps_ = StreamLane::never;             ///< when writes that wait for a drain may have to go
  uint64_t backlog_wanted_;                          ///< bytes of a channel that wait to enter its controller
  uint64_t queue_bytes_;                             ///< of all channels
  uint64_t phase_bytes_ = 0;                         ///< of bulk transfers in the direction of the last one
  uint64_t since_drains_bytes_ = uint64_t{1} << 62;  ///< since writes began or ceased to fill their queue
  uint64_t run_bytes_ = 0;                           ///< the same at consecutive addresses
  uint64_t run_end_ = 0;
  bool run_write_ = false;
  bool by_rows_ = true;            ///< how the last bulk transfer went
  int64_t bursts_end_ps_ = 0;      ///< end of the last column slot of bursts_
  bool bursts_end_write_ = false;  ///< and its direction
  double stolen_bursts_ = 0;       ///< from bursts_, less than one slot
};

}  // namespace duet::memory
