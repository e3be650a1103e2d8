// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <vector>

namespace duet::memory {

/// One TLM transaction as the engines of both levels see it: addresses are offsets into the node,
/// times are absolute in ps.
struct Transfer {
  uint64_t address = 0;
  uint64_t bytes = 0;
  bool write = false;
  uint32_t initiator = 0;       ///< whose it is, 0 = not known
  uint64_t arrival_ps = 0;      ///< request at the node
  uint64_t source_done_ps = 0;  ///< writes: when the last byte reaches the node; 0 = with the request
  uint64_t first_data_ps = 0;   ///< result: reads, first byte at the node's port; writes, as last_data_ps
  uint64_t last_data_ps = 0;    ///< result: last byte at the port, or acknowledgement of a write
  void* owner = nullptr;        ///< untouched by the engine
};

/// No event pending.
inline constexpr uint64_t never_ps = std::numeric_limits<uint64_t>::max();

/// Gives transfers their times. Plain C++ that knows no SystemC kernel: the node, the benches and
/// the tests drive it in the same way.
///
/// Contract: times of `submit` and `advance` never decrease. A transfer must stay alive until the
/// engine has put it into `scheduled`; its result times are then final and may lie in the future.
class TransferEngine {
 public:
  virtual ~TransferEngine() = default;
  /// Takes a transfer whose arrival_ps is now.
  virtual void submit(Transfer& transfer) = 0;
  /// Next time at which `advance` has something to do.
  [[nodiscard]] virtual uint64_t next_event_ps() const = 0;
  /// Works up to and including `now_ps`.
  virtual void advance(uint64_t now_ps) = 0;
  /// Transfers whose times became known since the caller last cleared this list.
  std::vector<Transfer*> scheduled;
};

}  // namespace duet::memory
