// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/bulk_queue.hpp"
#include "duet/memory/memory_counters.hpp"
#include "duet/memory/stream_costs.hpp"
#include "duet/memory/stream_lane.hpp"
#include "duet/memory/transfer.hpp"

namespace duet::memory {

/// The `stream` level: channels are StreamLanes, and work per transfer grows with the row sets that it
/// touches on one channel.
///
/// Bulk transfers (at least one interleave granule a channel) go in the order of BulkQueue; they are the same
/// on all channels, so that one lane stands for all. Smaller transfers have a lane a channel and do not wait
/// for the bulk backlog: they enter the controller's queue at once and wait for the bursts in that queue; the
/// time they take is taken from the bulk transfers to come. While a bulk transfer is in service, small ones
/// get at most an eighth of a channel.
class StreamEngine : public TransferEngine {
 public:
  explicit StreamEngine(const core::MemoryDescription& memory);

  void submit(Transfer& transfer) override;
  [[nodiscard]] uint64_t next_event_ps() const override;
  void advance(uint64_t now_ps) override;
  [[nodiscard]] MemoryCounters counters(uint64_t now_ps) const;

 private:
  struct Channel {
    StreamLane lane;            ///< of small transfers
    int64_t small_free_ps = 0;  ///< those behind a bulk one go from here
  };
  struct Active {
    Transfer* transfer = nullptr;
    uint32_t parts = 0;  ///< that are not served yet
    int64_t first_ps = 0, last_ps = 0;
  };
  [[nodiscard]] int64_t bulk_due_ps() const;
  void dispatch_bulk(Transfer& transfer);
  void dispatch_small(Transfer& transfer);
  void flush(int64_t now_ps);
  uint32_t activate(Transfer& transfer);
  void served(uint32_t tag, int64_t first_ps, int64_t last_ps);
  void collect(StreamLane& lane);
  void finish(Active& active);

  StreamCosts costs_;
  uint64_t interleave_;
  uint64_t lanes_;
  MemoryCounters counters_;
  StreamLane in_step_;  ///< of bulk transfers, all channels together
  std::deque<Channel> channels_;
  std::vector<Active> active_;
  std::vector<uint32_t> free_;
  BulkQueue bulk_;
  int64_t flush_ps_ = StreamLane::never;  ///< when writes that wait for a drain may have to go
};

}  // namespace duet::memory
