// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/request_queue.hpp"

namespace duet::memory {

RequestQueue::RequestQueue(uint32_t capacity, uint32_t banks)
    : entries_(capacity), lists_(banks), pending_(banks) {
  for (uint32_t entry = capacity; entry-- > 0;) free_.push_back(entry);
}

}  // namespace duet::memory
