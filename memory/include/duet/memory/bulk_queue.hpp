// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "duet/memory/transfer.hpp"

namespace duet::memory {

/// The order in which a node serves bulk transfers, the same at both levels of detail.
///
/// Transfers are grouped into flows, those of one initiator or (where that is not known) of consecutive
/// addresses, each served in order; among the flows
/// goes the one that was served least (start tags as in start-time fair queueing, Goyal et al.,
/// SIGCOMM 1996, with a virtual time that also advances under ever new flows, so that none starves).
/// So streams share the bandwidth however finely each is cut and however much it has outstanding.
class BulkQueue {
 public:
  void push(Transfer& transfer);
  /// The next transfer; the queue must not be empty.
  Transfer& pop();
  [[nodiscard]] bool empty() const { return queued_ == 0; }

 private:
  struct Queued {
    Transfer* transfer;
    uint64_t tag;
  };
  struct Flow {
    uint64_t next_address = 0;
    bool write = false;
    uint32_t initiator = 0;
    uint64_t finish_tag = 0;
    uint64_t last_use = 0;
    std::deque<Queued> queue;
  };
  Flow& flow_of(const Transfer& transfer);
  Flow& next_flow();

  std::vector<Flow> flows_;
  uint64_t virtual_time_ = 0;  ///< bytes that a flow which was always active has been served
  uint64_t uses_ = 0;
  uint64_t active_flows_ = 0;
  size_t queued_ = 0;
};

}  // namespace duet::memory
