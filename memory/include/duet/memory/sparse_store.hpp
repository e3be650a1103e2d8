// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>

namespace duet::memory {

/// Bytes of a memory of any size, of which only the pages ever written take host memory. Bytes that
/// were never written read as zero. Addresses are not checked: the owner knows the capacity.
class SparseStore {
 public:
  static constexpr uint64_t page_bytes = 64 * 1024;

  void read(uint64_t address, uint8_t* data, uint64_t bytes) const;
  void write(uint64_t address, const uint8_t* data, uint64_t bytes);
  /// The page that holds `address`, created when absent; it never moves, so DMI may point at it.
  uint8_t* page(uint64_t address);
  [[nodiscard]] uint64_t touched_bytes() const { return pages_.size() * page_bytes; }

 private:
  std::unordered_map<uint64_t, std::unique_ptr<uint8_t[]>> pages_;
};

}  // namespace duet::memory
