// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "duet/models/riscv/interpreter.hpp"
#include "riscv_flat_memory.hpp"
#include "riscv_random_block.hpp"
#include "riscv_unicorn.hpp"

using namespace duet::models::riscv;

namespace {

constexpr uint64_t base = 0x80000000;
constexpr uint64_t code_bytes = 8 << 20;
constexpr uint64_t data_base = base + code_bytes;
constexpr uint64_t data_bytes = 8192;
constexpr uint64_t memory_bytes = code_bytes + data_bytes;

/// Both machines with the same registers and memory.
class Pair {
 public:
  explicit Pair(uint32_t seed) : random_(seed) {
    std::vector<uint64_t> data(data_bytes / 8);
    for (uint64_t& value : data) value = random_();
    std::memcpy(memory_.at(data_base), data.data(), data_bytes);
    oracle_.write(data_base, data.data(), data_bytes);
    hart_.reset(base);
  }

  /// Runs a block on both and compares all registers and the data area. Returns the instructions run.
  uint64_t run(const std::vector<uint16_t>& block) {
    const uint64_t start = next_;
    const uint64_t end = start + 2 * block.size();
    next_ = (end + 64) & ~uint64_t{1};
    std::memcpy(memory_.at(start), block.data(), 2 * block.size());
    oracle_.write(start, block.data(), 2 * block.size());
    for (unsigned i = 1; i < 32; ++i) set(i, interesting());
    for (const unsigned pointer : {2u, 8u, 9u})
      set(pointer, data_base + data_bytes / 2 + 8 * (random_() % 64));
    hart_.set_pc(start);
    hart_.add_breakpoint(end);
    const uint64_t before = hart_.retired();
    const Stop stop = hart_.run(100'000);
    hart_.remove_breakpoint(end);
    oracle_.run(start, end);
    REQUIRE(stop == Stop::breakpoint);
    REQUIRE(hart_.pc() == end);
    for (unsigned i = 1; i < 32; ++i) {
      INFO("x" << i << " after the block at " << std::hex << start);
      REQUIRE(hart_.x(i) == oracle_.x(i));
    }
    std::array<uint8_t, data_bytes> expected{};
    oracle_.read(data_base, expected.data(), data_bytes);
    REQUIRE(std::memcmp(expected.data(), memory_.at(data_base), data_bytes) == 0);
    return hart_.retired() - before;
  }
  [[nodiscard]] bool full() const { return next_ > data_base - 65536; }

 private:
  void set(unsigned index, uint64_t value) {
    hart_.set_x(index, value);
    oracle_.set_x(index, value);
  }
  uint64_t interesting() {
    constexpr uint64_t corners[] = {
        0,          1,          ~uint64_t{0},      uint64_t{1} << 63, (uint64_t{1} << 63) - 1,
        0x80000000, 0x7fffffff, 0xffffffff80000000};
    const uint64_t choice = random_();
    if (choice % 4 == 0) return corners[(choice >> 8) % std::size(corners)];
    return random_() >> (choice >> 8) % 64;
  }

  std::mt19937_64 random_;
  FlatMemory memory_{base, memory_bytes};
  ReservationMonitor reservations_;
  Interpreter hart_{0, memory_, reservations_};
  UnicornHart oracle_{base, memory_bytes};
  uint64_t next_ = base;
};

uint64_t run_lockstep(uint64_t instructions, uint32_t seed) {
  RandomBlock blocks(seed);
  uint64_t done = 0;
  while (done < instructions) {
    Pair pair(seed + static_cast<uint32_t>(done));
    while (done < instructions && !pair.full()) done += pair.run(blocks.generate(100));
  }
  return done;
}

}  // namespace

TEST_CASE("random blocks leave the registers and memory that Unicorn leaves") {
  CHECK(run_lockstep(250'000, 1) >= 250'000);
}

TEST_CASE("random blocks against Unicorn, five million instructions", "[.][soak]") {
  CHECK(run_lockstep(5'000'000, 2026) >= 5'000'000);
}
