// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/sparse_store.hpp"

#include <algorithm>

namespace duet::memory {

void SparseStore::read(uint64_t address, uint8_t* data, uint64_t bytes) const {
  while (bytes > 0) {
    const uint64_t offset = address % page_bytes;
    const uint64_t part = std::min(bytes, page_bytes - offset);
    const auto found = pages_.find(address / page_bytes);
    if (found == pages_.end()) {
      std::memset(data, 0, part);
    } else {
      std::memcpy(data, found->second.get() + offset, part);
    }
    address += part;
    data += part;
    bytes -= part;
  }
}

void SparseStore::write(uint64_t address, const uint8_t* data, uint64_t bytes) {
  while (bytes > 0) {
    const uint64_t offset = address % page_bytes;
    const uint64_t part = std::min(bytes, page_bytes - offset);
    std::memcpy(page(address) + offset, data, part);
    address += part;
    data += part;
    bytes -= part;
  }
}

uint8_t* SparseStore::page(uint64_t address) {
  std::unique_ptr<uint8_t[]>& page = pages_[address / page_bytes];
  if (!page) page = std::make_unique<uint8_t[]>(page_bytes);
  return page.get();
}

}  // namespace duet::memory
