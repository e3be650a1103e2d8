// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "chiplet_bench.hpp"

using namespace duet;
using namespace duet::test;

namespace {

constexpr uint32_t both_modes_zero = 0;

// What registers.def promises, read again here so that the register block is checked against the text itself.
struct Declared {
  const char* name;
  uint32_t offset;
  uint32_t reset;
  std::string access;
  uint32_t bits;
};
const std::vector<Declared>& declared() {
  static const std::vector<Declared> list = {
#define DUET_REGISTER(name, offset, reset, access, bits, text) {#name, offset, reset, #access, bits},
#include "duet/sw_driver/registers.def"
#undef DUET_REGISTER
  };
  return list;
}

TEST_CASE("Every control register answers over the bus as declared", "[chiplet][registers]") {
  ChipletBench bench(small_mixed_chiplet());
  REQUIRE(bench.run([&] {
    for (const Declared& reg : declared()) {
      INFO(reg.name);
      const uint32_t value = bench.read(reg.offset);
      if (reg.access != "write_only") CHECK((value & ~reg.bits) == 0);
      CHECK(bench.status ==
            (reg.access == "write_only" ? tlm::TLM_COMMAND_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE));
      if (reg.access == "read_write") {
        CHECK(value == reg.reset);
        for (const uint32_t written : {0x5a5a5a5au, 0xa5a5a5a5u, 0xffffffffu}) {
          bench.write(reg.offset, written);
          CHECK(bench.status == tlm::TLM_OK_RESPONSE);
          CHECK(bench.read(reg.offset) == (written & reg.bits));
        }
        bench.write(reg.offset, reg.reset);
      }
      if (reg.access == "read_only") {
        bench.write(reg.offset, 1);
        CHECK(bench.status == tlm::TLM_COMMAND_ERROR_RESPONSE);
        CHECK(bench.read(reg.offset) == value);
      }
    }
  }));
}

TEST_CASE("Identity, version and capabilities tell the driver what it has", "[chiplet][registers]") {
  ChipletBench bench(small_mixed_chiplet());
  REQUIRE(bench.run([&] {
    const uint32_t identity = bench.read(DUET_CHIPLET_identity);
    CHECK(std::string(reinterpret_cast<const char*>(&identity), 4) == "DUET");
    CHECK(bench.read(DUET_CHIPLET_version) >> 16 == 1);
    CHECK((bench.read(DUET_CHIPLET_capabilities) & 3u) == 3);
    CHECK(bench.read(DUET_CHIPLET_status) == 0);
  }));
}

TEST_CASE("Bad register accesses get error responses and change nothing", "[chiplet][registers]") {
  ChipletBench bench(small_mixed_chiplet());
  REQUIRE(bench.run([&] {
    uint64_t wide = ~0ull;
    CHECK(bench.access(tlm::TLM_WRITE_COMMAND, DUET_CHIPLET_mode, &wide, 8) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.access(tlm::TLM_WRITE_COMMAND, DUET_CHIPLET_mode, &wide, 2) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.access(tlm::TLM_READ_COMMAND, DUET_CHIPLET_mode + 2, &wide, 4) ==
          tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(bench.access(tlm::TLM_READ_COMMAND, 0xffc, &wide, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bench.access(tlm::TLM_READ_COMMAND, 0x100000, &wide, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(bench.read(DUET_CHIPLET_mode) == both_modes_zero);
  }));
}

TEST_CASE("A doorbell runs descriptors, counts them and interrupts once", "[chiplet]") {
  ChipletBench bench(small_mixed_chiplet());
  const duet_descriptor descriptor = elementwise_descriptor(bench);
  bench.load({descriptor, descriptor, descriptor});
  REQUIRE(bench.run([&] {
    bench.start(both_modes_zero, 3);
    CHECK((bench.read(DUET_CHIPLET_status) & DUET_STATUS_BUSY) != 0);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_interrupt_status) == DUET_INTERRUPT_DOORBELL_DONE);
    CHECK(bench.read(DUET_CHIPLET_completed) == 3);
    CHECK(bench.read(DUET_CHIPLET_doorbells_completed) == 1);
    CHECK(bench.read(DUET_CHIPLET_count_descriptors) == 3);
    CHECK(bench.read(DUET_CHIPLET_count_bytes_read_low) == 3 * (2000 + DUET_DESCRIPTOR_BYTES));
    CHECK(bench.read(DUET_CHIPLET_count_bytes_written_low) == 3 * 2000);
    CHECK(bench.read(DUET_CHIPLET_status) == 0);
    bench.write(DUET_CHIPLET_interrupt_clear, DUET_INTERRUPT_DOORBELL_DONE);
    sc_core::wait(1, sc_core::SC_NS);
    CHECK_FALSE(bench.wait_for_interrupt(sc_core::sc_time(1, sc_core::SC_US)));
  }));
  CHECK(bench.warnings.empty());
  CHECK(bench.records.size() == 3);
}

TEST_CASE("An interrupt that is not enabled stays pending without the line", "[chiplet]") {
  ChipletBench bench(small_mixed_chiplet());
  bench.load({elementwise_descriptor(bench)});
  REQUIRE(bench.run([&] {
    bench.start(both_modes_zero, 1);
    bench.write(DUET_CHIPLET_interrupt_enable, 0);
    CHECK_FALSE(bench.wait_for_interrupt(sc_core::sc_time(100, sc_core::SC_US)));
    CHECK(bench.read(DUET_CHIPLET_interrupt_status) == DUET_INTERRUPT_DOORBELL_DONE);
    bench.write(DUET_CHIPLET_interrupt_enable, DUET_INTERRUPT_DOORBELL_DONE);
    CHECK(bench.wait_for_interrupt());
  }));
}

TEST_CASE("A mode switch costs what the description says and is counted", "[chiplet]") {
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.systolic->mode_switch_cycles = 700;
  ChipletBench bench(type);
  duet_descriptor ssm = elementwise_descriptor(bench);
  ssm.opcode = DUET_OP_SSM_PREFILL;
  ssm.shape = {};
  ssm.shape.m = 1;
  ssm.shape.k = 16;
  ssm.shape.n = 64;
  ssm.shape.states = 16;
  ssm.shape.head_dim = 64;
  bench.load({ssm, ssm});
  REQUIRE(bench.run([&] {
    bench.start(DUET_MODE(DUET_SYSTOLIC_SSM_PREFILL, 0), 2);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_count_mode_switches) == 1);
    CHECK((bench.read(DUET_CHIPLET_status) >> 4 & 3u) == DUET_SYSTOLIC_SSM_PREFILL);
  }));
  REQUIRE(bench.records.size() == 2);
  CHECK(bench.records[0].mode_switch_ps == 1'000'000);  // 700 cycles of 700 MHz
  CHECK(bench.records[1].mode_switch_ps == 0);
}

}  // namespace
