// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/bulk_queue.hpp"
#include "duet/memory/memory_counters.hpp"
#include "duet/memory/stream_costs.hpp"
#include "duet/memory/transfer.hpp"

namespace duet::memory {

/// The `stream` level: each channel is a server of bytes whose rate follows from the device's
/// timing (StreamCosts); work per transfer is O(channels).
///
/// Bulk transfers (at least one interleave granule a channel) go in the order of BulkQueue.
/// Smaller transfers do not wait for the bulk backlog: they enter the controller's queue at once
/// and wait for the bursts in that queue; the time they take is taken from the bulk transfers to
/// come. While a bulk transfer is in service, small ones get at most an eighth of a channel.
class StreamEngine : public TransferEngine {
 public:
  explicit StreamEngine(const core::MemoryDescription& memory);

  void submit(Transfer& transfer) override;
  [[nodiscard]] uint64_t next_event_ps() const override;
  void advance(uint64_t now_ps) override;
  [[nodiscard]] MemoryCounters counters(uint64_t now_ps) const;

 private:
  static constexpr uint64_t none = ~uint64_t{0};
  struct BankSet {  // the banks of one row set
    uint64_t row_set = none;
    uint64_t previous = none;  ///< the row set before it in these banks
    uint64_t free_ps = 0;      ///< when the first data of another row could come
  };
  struct Lane {  // one channel
    uint64_t bulk_free_ps = 0;
    uint64_t small_free_ps = 0;
    bool last_was_write = false;
    uint64_t open_row_set = none;  ///< the last one touched
    std::vector<BankSet> bank_sets;
    double pace_ps = 0;  ///< bus time a burst of the last part, at the queue's best
  };
  struct Span {  // of one channel's part of a transfer
    uint64_t first_ps, last_ps, free_ps;
  };
  void dispatch_bulk(Transfer& transfer);
  void dispatch_small(Transfer& transfer);
  [[nodiscard]] uint64_t refresh_tail_ps(uint64_t lane_bytes, uint64_t duration_ps) const;
  [[nodiscard]] double conflict_stall_ps(const BankSet& set, uint64_t row_set, uint64_t start_ps,
                                         uint64_t bursts, double pace_ps) const;
  void finish(Transfer& transfer, uint64_t first_ps, uint64_t last_ps);
  Span serve(Lane& lane, uint64_t local_address, uint64_t bytes, const Transfer& transfer, uint64_t start_ps,
             bool idle);

  StreamCosts costs_;
  uint64_t interleave_;
  std::vector<Lane> lanes_;
  BulkQueue bulk_;
  uint64_t bulk_horizon_ps_ = 0;
  MemoryCounters counters_;
};

}  // namespace duet::memory
