// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "duet/models/riscv/hart_port.hpp"

/// A hart's surroundings with one block of memory and nothing else; anything outside is a fault.
class FlatMemory : public duet::models::riscv::HartPort {
 public:
  FlatMemory(uint64_t base, uint64_t size) : base_(base), bytes_(size) {}

  uint8_t* at(uint64_t address) { return bytes_.data() + (address - base_); }
  void write_words(uint64_t address, const std::vector<uint32_t>& words) {
    std::memcpy(at(address), words.data(), 4 * words.size());
  }

  bool read(uint64_t address, void* data, unsigned count) override {
    if (address < base_ || address + count > base_ + bytes_.size()) return false;
    std::memcpy(data, at(address), count);
    return true;
  }
  bool write(uint64_t address, const void* data, unsigned count) override {
    if (address < base_ || address + count > base_ + bytes_.size()) return false;
    std::memcpy(at(address), data, count);
    return true;
  }
  duet::models::riscv::DirectMemory direct_memory(uint64_t address) override {
    if (!direct || address < base_ || address >= base_ + bytes_.size()) return {};
    return {bytes_.data(), base_, base_ + bytes_.size(), true, true};
  }
  uint64_t cycles() override { return 0; }
  uint64_t time_ticks() override { return 0; }

  bool direct = true;

 private:
  uint64_t base_;
  std::vector<uint8_t> bytes_;
};
