// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "duet/core/memory_description.hpp"
#include "duet/memory/memory_counters.hpp"
#include "duet/memory/stream_costs.hpp"
#include "duet/memory/transfer.hpp"

namespace duet::memory {

/// The `stream` level: each channel is a server of bytes whose rate follows from the device's
/// timing (StreamCosts); work per transfer is O(channels).
///
/// Bulk transfers (at least one interleave granule a channel) are grouped into flows of
/// consecutive addresses and served by fair queueing (start tags as in Goyal et al., SIGCOMM 1996),
/// one transfer at a time, so that streams share the bandwidth fairly however finely each is cut.
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
  struct Lane {  // one channel
    uint64_t bulk_free_ps = 0;
    uint64_t small_free_ps = 0;
    bool last_was_write = false;
    uint64_t open_row_set = ~uint64_t{0};  ///< the last one touched
  };
  struct Span {  // of one channel's part of a transfer
    uint64_t first_ps, last_ps, free_ps;
  };
  struct Queued {
    Transfer* transfer;
    uint64_t tag;
  };
  struct Flow {
    uint64_t next_address = 0;
    bool write = false;
    uint64_t finish_tag = 0;
    uint64_t last_use = 0;
    std::deque<Queued> queue;
  };

  void enqueue_bulk(Transfer& transfer);
  void dispatch_bulk(Transfer& transfer);
  void dispatch_small(Transfer& transfer);
  void finish(Transfer& transfer, uint64_t first_ps, uint64_t last_ps);
  Span serve(Lane& lane, uint64_t local_address, uint64_t bytes, const Transfer& transfer, uint64_t start_ps,
             bool idle);
  Flow& flow_of(const Transfer& transfer);
  Flow& next_flow();

  StreamCosts costs_;
  uint64_t interleave_;
  std::vector<Lane> lanes_;
  std::vector<Flow> flows_;
  uint64_t virtual_time_ = 0;  ///< bytes that a flow which was always active has been served
  uint64_t uses_ = 0;
  uint64_t active_flows_ = 0;
  uint64_t bulk_horizon_ps_ = 0;
  size_t queued_ = 0;
  MemoryCounters counters_;
};

}  // namespace duet::memory
