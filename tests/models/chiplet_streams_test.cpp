// SPDX-License-Identifier: Apache-2.0
// Operands that stream through an SRAM that is much smaller than a step.
#include <catch2/catch.hpp>

#include "chiplet_bench.hpp"

using namespace duet;
using namespace duet::test;

TEST_CASE("A tiny operand beside one many times the SRAM does not hold the descriptor up", "[chiplet]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor descriptor = elementwise_descriptor(bench);
  const uint64_t large = 256 << 20;
  const uint64_t tiny = GENERATE(4, 5, 64, 1000);
  descriptor.inputs[0].bytes = large;
  descriptor.inputs[1] = descriptor.inputs[0];
  descriptor.inputs[1].address += large;
  descriptor.inputs[1].bytes = tiny;
  bench.load({descriptor});
  const bool ended = bench.run(
      [&] {
        bench.start(0, 1);
        CHECK(bench.wait_for_interrupt({50, sc_core::SC_MS}));
        CHECK(bench.read(DUET_CHIPLET_completed) == 1);
        CHECK(bench.read(DUET_CHIPLET_error) == 0);
      },
      {100, sc_core::SC_MS});
  CHECK(ended);
  CHECK(bench.chiplet().data_initiator.bytes_read() == large + tiny + DUET_DESCRIPTOR_BYTES);
}
