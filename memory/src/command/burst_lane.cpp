// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/burst_lane.hpp"

#include <algorithm>

namespace duet::memory {
namespace {

/// Bursts that a controller's front end can put into its queues in a clock.
constexpr uint32_t bursts_per_clock = 2;
/// Bulk bursts that go between two bursts of small transfers, while both wait.
constexpr uint32_t bulk_per_small = 7;

}  // namespace

BurstLane::BurstLane(const core::MemoryDescription& memory)
    : controller_(memory), burst_bytes_(core::standard_of(memory).organisation.burst_bytes) {}

void BurstLane::push(const Part& part) {
  if (!part.small) bulk_backlog_bytes_ += part.end - part.address;
  (part.small ? small_ : bulk_).push_back(part);
}

void BurstLane::run(Cycle limit) {
  while (step(limit)) {
  }
}

void BurstLane::finish() {
  while (!idle()) step(never);
}

/// One burst into the queues, or else one command.
bool BurstLane::step(Cycle limit) {
  if (feed(limit)) return true;
  const Cycle next = controller_.next_command();
  if (next > limit || idle()) return false;
  controller_.issue(next);
  if (feed_clock_ < next) {
    feed_clock_ = next;
    fed_in_clock_ = 0;
  }
  return true;
}

Cycle BurstLane::next_event() {
  if (idle()) return never;
  return std::min({controller_.next_command(), feed_clock(bulk_), feed_clock(small_)});
}

Cycle BurstLane::feed_clock(const std::deque<Part>& parts) const {
  if (parts.empty() || !controller_.can_accept(parts.front().write)) return never;
  return std::max(feed_clock_, parts.front().available);
}

bool BurstLane::feed(Cycle limit) {
  const bool small_first = !small_.empty() && (bulk_.empty() || small_credit_ >= bulk_per_small);
  if (small_first) return feed_from(small_, limit) || feed_from(bulk_, limit);
  return feed_from(bulk_, limit) || feed_from(small_, limit);
}

bool BurstLane::feed_from(std::deque<Part>& parts, Cycle limit) {
  const Cycle at = feed_clock(parts);
  if (at == never || at > limit) return false;
  Part& part = parts.front();
  if (at > advanced_) controller_.advance(at - 1);
  advanced_ = std::max(advanced_, at);
  if (at > feed_clock_) fed_in_clock_ = 0;
  feed_clock_ = at;
  controller_.accept(at, part.address, part.write, part.tag);
  if (++fed_in_clock_ == bursts_per_clock) {
    ++feed_clock_;
    fed_in_clock_ = 0;
  }
  if (part.small) {
    small_credit_ = 0;
  } else {
    ++small_credit_;
    bulk_backlog_bytes_ -= burst_bytes_;
  }
  part.address += burst_bytes_;
  if (part.address >= part.end) parts.pop_front();
  return true;
}

}  // namespace duet::memory
