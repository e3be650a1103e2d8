// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/bulk_queue.hpp"

#include <algorithm>

namespace duet::memory {
namespace {

/// Flows whose next address is remembered.
constexpr size_t remembered_flows = 16;

}  // namespace

Transfer& BulkQueue::pop() {
  Flow& flow = next_flow();
  const Queued head = flow.queue.front();
  flow.queue.pop_front();
  --queued_;
  virtual_time_ = std::max(virtual_time_ + head.transfer->bytes / active_flows_, head.tag);
  if (flow.queue.empty()) --active_flows_;
  if (queued_ == 0) virtual_time_ = std::max(virtual_time_, flow.finish_tag);
  return *head.transfer;
}

void BulkQueue::push(Transfer& transfer) {
  Flow& flow = flow_of(transfer);
  const uint64_t tag = std::max(virtual_time_, flow.finish_tag);
  flow.finish_tag = tag + transfer.bytes;
  flow.next_address = transfer.address + transfer.bytes;
  flow.last_use = ++uses_;
  if (flow.queue.empty()) ++active_flows_;
  flow.queue.push_back({&transfer, tag});
  ++queued_;
}

/// The initiator's flow, or the one that the transfer continues, or a new one in the place of the longest
/// unused.
BulkQueue::Flow& BulkQueue::flow_of(const Transfer& transfer) {
  Flow* oldest = nullptr;
  for (Flow& flow : flows_) {
    const bool same = transfer.initiator != 0 ? flow.initiator == transfer.initiator
                                              : flow.next_address == transfer.address;
    if (same && flow.write == transfer.write) return flow;
    if (flow.queue.empty() && (oldest == nullptr || flow.last_use < oldest->last_use)) oldest = &flow;
  }
  if (oldest == nullptr || flows_.size() < remembered_flows) oldest = &flows_.emplace_back();
  oldest->finish_tag = 0;
  oldest->write = transfer.write;
  oldest->initiator = transfer.initiator;
  return *oldest;
}

BulkQueue::Flow& BulkQueue::next_flow() {
  const auto before = [](const Flow& left, const Flow& right) {
    if (left.queue.empty() || right.queue.empty()) return !left.queue.empty() && right.queue.empty();
    const Queued& a = left.queue.front();
    const Queued& b = right.queue.front();
    return a.tag != b.tag ? a.tag < b.tag : a.transfer->arrival_ps < b.transfer->arrival_ps;
  };
  return *std::min_element(flows_.begin(), flows_.end(), before);
}

}  // namespace duet::memory
