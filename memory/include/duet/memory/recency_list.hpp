// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace duet::memory {

/// Some of the numbers 0 to `size` - 1, the one that was used last first; every change takes constant time.
class RecencyList {
 public:
  explicit RecencyList(uint32_t size) : end_(size), links_(size + 1) { links_[end_] = {end_, end_, true}; }

  [[nodiscard]] uint32_t begin() const { return links_[end_].next; }
  [[nodiscard]] uint32_t next(uint32_t item) const { return links_[item].next; }
  /// What comes after the last one.
  [[nodiscard]] uint32_t end() const { return end_; }
  [[nodiscard]] bool empty() const { return begin() == end_; }
  [[nodiscard]] bool contains(uint32_t item) const { return links_[item].in; }

  void push_front(uint32_t item) { insert(item, end_, links_[end_].next); }
  void push_back(uint32_t item) { insert(item, links_[end_].before, end_); }
  /// Of one that is in.
  void move_to_front(uint32_t item) {
    Link& link = links_[item];
    Link& ring = links_[end_];
    if (ring.next == item) return;
    links_[link.before].next = link.next;
    links_[link.next].before = link.before;
    link.before = end_;
    link.next = ring.next;
    links_[ring.next].before = item;
    ring.next = item;
  }
  void erase(uint32_t item) {
    Link& link = links_[item];
    links_[link.before].next = link.next;
    links_[link.next].before = link.before;
    link.in = false;
  }

 private:
  struct Link {
    uint32_t before = 0;
    uint32_t next = 0;
    bool in = false;
  };
  void insert(uint32_t item, uint32_t before, uint32_t next) {
    links_[item] = {before, next, true};
    links_[before].next = links_[next].before = item;
  }

  uint32_t end_;  ///< also the link that closes the ring
  std::vector<Link> links_;
};

}  // namespace duet::memory
