// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

#include "duet/memory/command/command.hpp"

namespace duet::memory {

/// One burst waiting in a controller.
struct BurstRequest {
  uint64_t sequence = 0;  ///< order of acceptance, the age
  Cycle accepted = 0;
  uint32_t bank = 0;  ///< DeviceTiming::bank_index
  uint32_t row = 0;
  uint32_t column = 0;
  bool write = false;
  bool row_miss = false;            ///< a row was opened for it
  uint64_t tag = 0;                 ///< the caller's
  uint32_t next = 0, previous = 0;  // of the bank
  uint32_t younger = 0, older = 0;  // of all
};

/// Set of bank numbers, walked in rising order.
class BankSet {
 public:
  explicit BankSet(uint32_t banks) : words_((banks + 63) / 64) {}
  void insert(uint32_t bank) { words_[bank / 64] |= uint64_t{1} << bank % 64; }
  void erase(uint32_t bank) { words_[bank / 64] &= ~(uint64_t{1} << bank % 64); }
  void insert(const BankSet& others) {
    for (size_t index = 0; index < words_.size(); ++index) words_[index] |= others.words_[index];
  }
  void clear() { words_.assign(words_.size(), 0); }
  [[nodiscard]] bool contains(uint32_t bank) const { return (words_[bank / 64] >> bank % 64 & 1) != 0; }
  template <class Function>
  void for_each(Function&& function) const {
    for (uint32_t index = 0; index < words_.size(); ++index) walk(index, words_[index], function);
  }
  /// Those that are in neither of the others.
  template <class Function>
  void for_each_without(const BankSet& one, const BankSet& two, Function&& function) const {
    for (uint32_t index = 0; index < words_.size(); ++index)
      walk(index, words_[index] & ~one.words_[index] & ~two.words_[index], function);
  }

 private:
  template <class Function>
  static void walk(uint32_t index, uint64_t word, Function& function) {
    for (; word != 0; word &= word - 1) function(index * 64 + static_cast<uint32_t>(std::countr_zero(word)));
  }
  std::vector<uint64_t> words_;
};

/// The read or the write queue of a channel: a list per bank in order of age, and one over all.
class RequestQueue {
 public:
  static constexpr uint32_t none = ~uint32_t{0};

  RequestQueue(uint32_t capacity, uint32_t banks);
  [[nodiscard]] bool full() const { return free_.empty(); }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] uint32_t size() const { return size_; }
  [[nodiscard]] uint32_t capacity() const { return static_cast<uint32_t>(entries_.size()); }

  /// A new youngest request of the bank; the caller fills in all but the bank and the links.
  BurstRequest& push(uint32_t bank);
  /// What the entry says stays until the next push.
  void erase(uint32_t entry);
  [[nodiscard]] BurstRequest& operator[](uint32_t entry) { return entries_[entry]; }
  [[nodiscard]] const BurstRequest& operator[](uint32_t entry) const { return entries_[entry]; }
  /// Oldest request of the bank, or none.
  [[nodiscard]] uint32_t first(uint32_t bank) const { return lists_[bank].first; }
  /// Next younger one of the same bank, or none.
  [[nodiscard]] uint32_t next(uint32_t entry) const { return entries_[entry].next; }
  [[nodiscard]] uint32_t count(uint32_t bank) const { return lists_[bank].count; }
  /// Oldest request of the bank for this row, or none.
  [[nodiscard]] uint32_t first_hit(uint32_t bank, int64_t row) const {
    uint32_t entry = first(bank);
    while (entry != none && entries_[entry].row != row) entry = entries_[entry].next;
    return entry;
  }
  /// Oldest request of all, or none, and the next younger one.
  [[nodiscard]] uint32_t oldest() const { return oldest_; }
  [[nodiscard]] uint32_t younger(uint32_t entry) const { return entries_[entry].younger; }
  [[nodiscard]] const BankSet& pending() const { return pending_; }

 private:
  struct List {
    uint32_t first = none, last = none, count = 0;
  };
  std::vector<BurstRequest> entries_;
  std::vector<uint32_t> free_;
  std::vector<List> lists_;
  BankSet pending_;
  uint32_t oldest_ = none, youngest_ = none;
  uint32_t size_ = 0;
};

// Inline, because every burst comes through here.
inline BurstRequest& RequestQueue::push(uint32_t bank) {
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

inline void RequestQueue::erase(uint32_t entry) {
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
