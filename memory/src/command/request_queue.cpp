// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/request_queue.hpp"

namespace duet::memory {

RequestQueue::RequestQueue(uint32_t capacity, uint32_t banks)
    : entries_(capacity), lists_(banks), pending_(banks) {
  for (uint32_t entry = capacity; entry-- > 0;) free_.push_back(entry);
}

BurstRequest& RequestQueue::push(uint32_t bank) {
  const uint32_t entry = free_.back();
  free_.pop_back();
  List& list = lists_[bank];
  BurstRequest& stored = entries_[entry];
  stored.bank = bank;
  stored.next = none;
  stored.previous = list.last;
  (list.last == none ? list.first : entries_[list.last].next) = entry;
  list.last = entry;
  if (list.count++ == 0) pending_.insert(bank);
  stored.younger = none;
  stored.older = youngest_;
  (youngest_ == none ? oldest_ : entries_[youngest_].younger) = entry;
  youngest_ = entry;
  ++size_;
  return stored;
}

void RequestQueue::erase(uint32_t entry) {
  const BurstRequest& gone = entries_[entry];
  List& list = lists_[gone.bank];
  (gone.previous == none ? list.first : entries_[gone.previous].next) = gone.next;
  (gone.next == none ? list.last : entries_[gone.next].previous) = gone.previous;
  if (--list.count == 0) pending_.erase(gone.bank);
  (gone.older == none ? oldest_ : entries_[gone.older].younger) = gone.younger;
  (gone.younger == none ? youngest_ : entries_[gone.younger].older) = gone.older;
  free_.push_back(entry);
  --size_;
}

}  // namespace duet::memory
