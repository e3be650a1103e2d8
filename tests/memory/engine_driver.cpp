// SPDX-License-Identifier: Apache-2.0
#include "engine_driver.hpp"

#include <algorithm>
#include <queue>
#include <stdexcept>

namespace duet::test {

DriveResult drive(memory::TransferEngine& engine, std::vector<memory::Transfer> transfers, size_t window) {
  using Done = std::pair<uint64_t, memory::Transfer*>;
  std::priority_queue<Done, std::vector<Done>, std::greater<>> done;
  size_t next = 0;
  size_t outstanding = 0;
  uint64_t now_ps = 0;
  uint64_t end_ps = 0;
  double latency_ps = 0;
  double bytes = 0;
  while (next < transfers.size() || outstanding > 0) {
    while (outstanding < window && next < transfers.size()) {
      transfers[next].arrival_ps = now_ps;
      engine.submit(transfers[next++]);
      ++outstanding;
    }
    for (memory::Transfer* transfer : engine.scheduled)
      done.emplace(std::max(transfer->last_data_ps, now_ps), transfer);
    engine.scheduled.clear();
    const uint64_t event_ps = engine.next_event_ps();
    if (!done.empty() && done.top().first < event_ps) {
      const memory::Transfer& transfer = *done.top().second;
      now_ps = done.top().first;
      done.pop();
      --outstanding;
      latency_ps += static_cast<double>(transfer.last_data_ps - transfer.arrival_ps);
      bytes += static_cast<double>(transfer.bytes);
      end_ps = std::max(end_ps, transfer.last_data_ps);
      continue;
    }
    if (event_ps == memory::never_ps) throw std::logic_error("the engine forgot a transfer");
    now_ps = std::max(now_ps, event_ps);
    engine.advance(now_ps);
  }
  return {bytes * 1e12 / static_cast<double>(end_ps), latency_ps / static_cast<double>(transfers.size())};
}

}  // namespace duet::test
