// SPDX-License-Identifier: Apache-2.0
// Reset and restart of a chiplet in the middle of its work.
#include <catch2/catch.hpp>

#include "chiplet_bench.hpp"

using namespace duet;
using namespace duet::test;

namespace {

duet_descriptor waiting_descriptor(const ChipletBench& bench) {
  duet_descriptor waiting = elementwise_descriptor(bench);
  waiting.inputs[0].flags = DUET_OPERAND_WAITS;
  waiting.waits[0] = {1, 0, 1};  // nobody raises the counter
  return waiting;
}

/// Puts a double error into the input's first word, or takes it away again.
void flip_two_bits(ChipletBench& bench) {
  bench.memory().inject_error(0, 3);
  bench.memory().inject_error(0, 70);
}

void expect_work(ChipletBench& bench, uint32_t completed) {
  REQUIRE(bench.wait_for_interrupt());
  CHECK(bench.read(DUET_CHIPLET_interrupt_status) == DUET_INTERRUPT_DOORBELL_DONE);
  CHECK(bench.read(DUET_CHIPLET_completed) == completed);
  CHECK(bench.read(DUET_CHIPLET_error) == 0);
}

TEST_CASE("A reset drops descriptors that wait, and the chiplet works again", "[chiplet][recovery]") {
  ChipletBench bench(small_mixed_chiplet());
  const unsigned depth = GENERATE(1u, 3u, 12u);  // in flight, and beyond what the controller takes at once
  bench.load(std::vector<duet_descriptor>(depth, waiting_descriptor(bench)));
  REQUIRE(bench.run([&] {
    bench.start(0, depth);
    sc_core::wait(5, sc_core::SC_US);
    CHECK((bench.read(DUET_CHIPLET_status) & DUET_STATUS_BUSY) != 0);
    bench.write(DUET_CHIPLET_reset, DUET_RESET_ALL);
    CHECK(bench.read(DUET_CHIPLET_status) == 0);
    CHECK(bench.read(DUET_CHIPLET_completed) == 0);
  }));
  bench.load({elementwise_descriptor(bench), elementwise_descriptor(bench)});
  REQUIRE(bench.run([&] {
    bench.start(0, 2);
    expect_work(bench, 2);
  }));
  CHECK(bench.warnings.empty());
}

TEST_CASE("A reset at any moment of a descriptor leaves nothing behind", "[chiplet][recovery]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor large = elementwise_descriptor(bench);
  large.inputs[0].bytes = large.outputs[0].bytes = 1 << 20;
  large.outputs[0].address = bench.memory_address(1 << 21);
  large.shape.n = 1 << 19;
  large.steps = 16;
  bench.load({large, large});
  for (unsigned us = 0; us < 12; ++us) {
    REQUIRE(bench.run([&] {
      bench.start(0, 2);
      sc_core::wait(us + 0.3, sc_core::SC_US);
      bench.write(DUET_CHIPLET_reset, DUET_RESET_ALL);
      bench.write(DUET_CHIPLET_interrupt_clear, UINT32_MAX);
      for (unsigned i = 0; i < 1000 && (bench.read(DUET_CHIPLET_status) & DUET_STATUS_TRANSFERS) != 0; ++i)
        sc_core::wait(100, sc_core::SC_NS);
      CHECK((bench.read(DUET_CHIPLET_status) & DUET_STATUS_TRANSFERS) == 0);
    }));
  }
  REQUIRE(bench.run([&] {
    bench.start(0, 2);
    expect_work(bench, 2);
  }));
  CHECK(bench.warnings.empty());
}

TEST_CASE("A restart repeats the read that failed, and only what failed", "[chiplet][recovery]") {
  ChipletBench bench(small_mixed_chiplet());
  bench.load({elementwise_descriptor(bench), elementwise_descriptor(bench)});
  uint64_t read_before = 0;
  REQUIRE(bench.run([&] {
    flip_two_bits(bench);
    bench.start(0, 2);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_UNCORRECTABLE_DATA);
    CHECK((bench.read(DUET_CHIPLET_status) & DUET_STATUS_HALTED) != 0);
    sc_core::wait(10, sc_core::SC_US);
    CHECK(bench.read(DUET_CHIPLET_completed) == 0);
    read_before = bench.chiplet().data_initiator.bytes_read();
    flip_two_bits(bench);
    bench.write(DUET_CHIPLET_interrupt_clear, UINT32_MAX);
    bench.write(DUET_CHIPLET_reset, DUET_RESET_RESTART);
    expect_work(bench, 2);
  }));
  // Both descriptors' first step of 500 bytes failed; the other descriptor was fetched before the halt or
  // after.
  const uint64_t again = bench.chiplet().data_initiator.bytes_read() - read_before;
  CHECK(again >= 500);
  CHECK(again < 2 * 2000 + 2 * 512);
}

TEST_CASE("A restart that does not help reports the error again", "[chiplet][recovery]") {
  ChipletBench bench(small_mixed_chiplet());
  bench.load({elementwise_descriptor(bench)});
  REQUIRE(bench.run([&] {
    flip_two_bits(bench);
    bench.start(0, 1);
    for (int attempt = 0; attempt < 3; ++attempt) {
      REQUIRE(bench.wait_for_interrupt());
      CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_UNCORRECTABLE_DATA);
      bench.write(DUET_CHIPLET_interrupt_clear, UINT32_MAX);
      bench.write(DUET_CHIPLET_reset, DUET_RESET_RESTART);
      CHECK(bench.read(DUET_CHIPLET_completed) == 0);
    }
  }));
  CHECK(bench.warnings.size() == 3);
}

TEST_CASE("A bad descriptor is fetched again after a restart", "[chiplet][recovery]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor damaged = elementwise_descriptor(bench);
  damaged.magic = 0;
  bench.load({elementwise_descriptor(bench), damaged});
  REQUIRE(bench.run([&] {
    bench.start(0, 2);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_BAD_DESCRIPTOR);
    bench.load({elementwise_descriptor(bench), elementwise_descriptor(bench)});  // somebody repairs it
    bench.write(DUET_CHIPLET_interrupt_clear, UINT32_MAX);
    bench.write(DUET_CHIPLET_reset, DUET_RESET_RESTART);
    expect_work(bench, 2);
  }));
}

TEST_CASE("An event that does not come in time is an error, and late it is none", "[chiplet][recovery]") {
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.event_timeout_ps = 20'000'000;
  ChipletBench bench(type);
  bench.load({waiting_descriptor(bench), elementwise_descriptor(bench)});
  REQUIRE(bench.run([&] {
    bench.start(0, 2);
    const auto from = sc_core::sc_time_stamp();
    REQUIRE(bench.wait_for_interrupt());
    CHECK((sc_core::sc_time_stamp() - from).value() > type.event_timeout_ps);
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_TIMEOUT);
    CHECK(bench.read(DUET_CHIPLET_error_info) == 0);
    CHECK((bench.read(DUET_CHIPLET_status) & DUET_STATUS_HALTED) != 0);
    bench.write(DUET_CHIPLET_interrupt_clear, UINT32_MAX);
    // Without the event a restart only buys another wait.
    bench.write(DUET_CHIPLET_reset, DUET_RESET_RESTART);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_TIMEOUT);
    bench.write(DUET_CHIPLET_interrupt_clear, UINT32_MAX);
    bench.write(DUET_CHIPLET_reset, DUET_RESET_RESTART);
    bench.chiplet().data_initiator.post_word(
        core::AddressMap::chiplet_base(0, 0) + core::ChipletWindow::counter(1), 1);
    expect_work(bench, 2);
  }));
  CHECK(bench.warnings.size() == 2);
}

TEST_CASE("A hung chiplet goes on after a restart", "[chiplet][recovery]") {
  ChipletBench bench(small_mixed_chiplet());
  bench.load(std::vector<duet_descriptor>(4, elementwise_descriptor(bench)));
  REQUIRE(bench.run([&] {
    bench.chiplet().hang();
    bench.start(0, 4);
    CHECK_FALSE(bench.wait_for_interrupt({100, sc_core::SC_US}));
    CHECK(bench.read(DUET_CHIPLET_completed) == 0);
    bench.write(DUET_CHIPLET_reset, DUET_RESET_RESTART);
    expect_work(bench, 4);
  }));
}

}  // namespace
