// SPDX-License-Identifier: Apache-2.0
// Operations that the mapper leaves to others (it sums and gathers in the network): firmware may use them.
#include <catch2/catch.hpp>

#include "chiplet_bench.hpp"

using namespace duet;
using namespace duet::test;

namespace {

struct Outcome {
  uint64_t written = 0;
  models::JobRecord record;
};

Outcome outcome_of(uint8_t opcode, uint8_t engine) {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor descriptor = elementwise_descriptor(bench);
  descriptor.opcode = opcode;
  descriptor.engine = engine;
  bench.load({descriptor});
  const bool ended = bench.run([&] {
    bench.start(0, 1);
    CHECK(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_completed) == 1);
    CHECK(bench.read(DUET_CHIPLET_error) == 0);
  });
  CHECK(ended);
  REQUIRE(bench.records.size() == 1);
  return {bench.chiplet().data_initiator.bytes_written(), bench.records.front()};
}

}  // namespace

TEST_CASE("a reduction takes the function units' time, a collective none of the arrays'", "[chiplet]") {
  const Outcome elementwise = outcome_of(DUET_OP_ELEMENTWISE, DUET_ENGINE_SYSTOLIC);
  const Outcome reduction = outcome_of(DUET_OP_REDUCE, DUET_ENGINE_SYSTOLIC);
  const Outcome collective = outcome_of(DUET_OP_COLLECTIVE, DUET_ENGINE_MOVE);
  CHECK(reduction.record.compute_ps == elementwise.record.compute_ps);
  CHECK(reduction.record.compute_ps > 0);
  CHECK(collective.record.compute_ps == 0);
  CHECK(collective.record.end_ps > 0);
  CHECK(reduction.written == elementwise.written);
  CHECK(collective.written == elementwise.written);
  CHECK(collective.written >= 2000);
}
