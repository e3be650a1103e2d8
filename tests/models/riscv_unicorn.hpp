// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unicorn/unicorn.h>

#include <array>
#include <cstdint>
#include <stdexcept>

/// The independent oracle: Unicorn's RV64 with memory at one place.
class UnicornHart {
 public:
  UnicornHart(uint64_t base, uint64_t size) {
    check(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV64, &engine_));
    check(uc_mem_map(engine_, base, size, UC_PROT_ALL));
  }
  ~UnicornHart() { uc_close(engine_); }
  UnicornHart(const UnicornHart&) = delete;
  UnicornHart& operator=(const UnicornHart&) = delete;

  void write(uint64_t address, const void* data, size_t bytes) {
    check(uc_mem_write(engine_, address, data, bytes));
  }
  void read(uint64_t address, void* data, size_t bytes) { check(uc_mem_read(engine_, address, data, bytes)); }
  void set_x(unsigned index, uint64_t value) {
    check(uc_reg_write(engine_, UC_RISCV_REG_X0 + static_cast<int>(index), &value));
  }
  uint64_t x(unsigned index) {
    uint64_t value = 0;
    check(uc_reg_read(engine_, UC_RISCV_REG_X0 + static_cast<int>(index), &value));
    return value;
  }
  uint64_t pc() {
    uint64_t value = 0;
    check(uc_reg_read(engine_, UC_RISCV_REG_PC, &value));
    return value;
  }
  /// Runs from one address to another, at most `limit` instructions (0: no limit).
  void run(uint64_t from, uint64_t to, size_t limit = 0) { check(uc_emu_start(engine_, from, to, 0, limit)); }

 private:
  static void check(uc_err error) {
    if (error != UC_ERR_OK) throw std::runtime_error(uc_strerror(error));
  }
  uc_engine* engine_ = nullptr;
};
