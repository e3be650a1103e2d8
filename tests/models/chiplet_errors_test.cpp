// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "chiplet_bench.hpp"

using namespace duet;
using namespace duet::test;

namespace {

/// Runs the descriptor and checks what every guest mistake gives: ERROR, an interrupt, one warning that
/// names the chiplet, a halted queue; and that the simulation goes on and the chiplet works again after a
/// reset.
void check_error(ChipletBench& bench, const duet_descriptor& descriptor, uint32_t mode, duet_error expected) {
  bench.load({descriptor});
  REQUIRE(bench.run([&] {
    bench.start(mode, 1);
    REQUIRE(bench.wait_for_interrupt());
    CHECK((bench.read(DUET_CHIPLET_interrupt_status) & DUET_INTERRUPT_ERROR) != 0);
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << expected);
    CHECK(bench.read(DUET_CHIPLET_error_info) == 0);
    CHECK((bench.read(DUET_CHIPLET_status) & DUET_STATUS_HALTED) != 0);
    bench.write(DUET_CHIPLET_interrupt_clear, 3);
    bench.write(DUET_CHIPLET_error, bench.read(DUET_CHIPLET_error));
    CHECK(bench.read(DUET_CHIPLET_error) == 0);
    sc_core::wait(10, sc_core::SC_US);
  }));
  REQUIRE(bench.warnings.size() == 1);
  CHECK(bench.warnings[0].find("chiplet") == 0);
  CHECK(bench.warnings[0].find("descriptor 0") != std::string::npos);

  bench.load({elementwise_descriptor(bench)});
  REQUIRE(bench.run([&] {
    bench.write(DUET_CHIPLET_reset, 1);
    bench.start(0, 1);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 0);
    CHECK(bench.read(DUET_CHIPLET_completed) == 1);
  }));
}

TEST_CASE("A damaged descriptor is an error of the guest", "[chiplet][errors]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor descriptor = elementwise_descriptor(bench);
  SECTION("magic") {
    descriptor.magic = 0x1234;
  }
  SECTION("opcode none") {
    descriptor.opcode = DUET_OP_NONE;
  }
  SECTION("opcode unknown") {
    descriptor.opcode = DUET_OP_COUNT;
  }
  SECTION("engine unknown") {
    descriptor.engine = 9;
  }
  SECTION("no steps") {
    descriptor.steps = 0;
  }
  SECTION("too many steps") {
    descriptor.steps = 1025;
  }
  SECTION("event counter that does not exist") {
    descriptor.waits[0] = {64, 0, 1};
  }
  SECTION("partial sums for no group") {
    descriptor.outputs[0].flags = DUET_OPERAND_RESIDENT | DUET_OPERAND_SUMMED;
  }
  SECTION("partial sums for a group without members") {
    descriptor.outputs[0].flags = DUET_OPERAND_RESIDENT | DUET_OPERAND_SUMMED;
    descriptor.outputs[0].group = 0;
  }
  SECTION("partial sums that cannot be cut into equal pieces") {
    descriptor.outputs[0].flags = DUET_OPERAND_RESIDENT | DUET_OPERAND_SUMMED;
    descriptor.outputs[0].group = 0;
    descriptor.outputs[0].group_members = 3;
  }
  check_error(bench, descriptor, 0, DUET_ERROR_BAD_DESCRIPTOR);
}

TEST_CASE("An engine that the chiplet does not have is a bad descriptor", "[chiplet][errors]") {
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.vector.reset();
  ChipletBench bench(type);
  duet_descriptor descriptor = elementwise_descriptor(bench);
  descriptor.engine = DUET_ENGINE_VECTOR;
  check_error(bench, descriptor, 0, DUET_ERROR_BAD_DESCRIPTOR);
}

TEST_CASE("A GEMM in SSM mode, and SSM in GEMM mode, are wrong modes", "[chiplet][errors]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor descriptor = elementwise_descriptor(bench);
  descriptor.shape = {};
  descriptor.shape.m = descriptor.shape.k = descriptor.shape.n = 16;
  SECTION("GEMM") {
    descriptor.opcode = DUET_OP_GEMM;
    check_error(bench, descriptor, DUET_MODE(DUET_SYSTOLIC_SSM_PREFILL, 0), DUET_ERROR_WRONG_MODE);
  }
  SECTION("SSM") {
    descriptor.opcode = DUET_OP_SSM_PREFILL;
    descriptor.shape.states = 16;
    check_error(bench, descriptor, DUET_MODE(DUET_SYSTOLIC_GEMM, 0), DUET_ERROR_WRONG_MODE);
  }
  SECTION("the mode of the other kind of array does not matter") {
    descriptor.opcode = DUET_OP_GEMV;
    descriptor.engine = DUET_ENGINE_VECTOR;
    check_error(bench, descriptor, DUET_MODE(0, DUET_VECTOR_SSM_DECODE), DUET_ERROR_WRONG_MODE);
  }
}

TEST_CASE("A kernel that the arrays do not have is a bad descriptor", "[chiplet][errors]") {
  core::NodeTypeDescription type = small_mixed_chiplet();
  type.systolic->kernels = core::ArrayKernels::matrix;
  type.vector->kernels = core::ArrayKernels::ssm;
  ChipletBench bench(type);
  duet_descriptor descriptor = elementwise_descriptor(bench);
  descriptor.shape = {};
  descriptor.shape.m = descriptor.shape.k = descriptor.shape.n = descriptor.shape.states = 16;
  SECTION("products on SSM units") {
    descriptor.opcode = DUET_OP_GEMV;
    descriptor.engine = DUET_ENGINE_VECTOR;
    check_error(bench, descriptor, DUET_MODE(0, DUET_VECTOR_GEMV), DUET_ERROR_BAD_DESCRIPTOR);
  }
  SECTION("attention on SSM units") {
    descriptor.opcode = DUET_OP_ATTENTION;
    descriptor.engine = DUET_ENGINE_VECTOR;
    descriptor.shape.heads = descriptor.shape.kv_heads = descriptor.shape.head_dim = 1;
    check_error(bench, descriptor, DUET_MODE(0, DUET_VECTOR_GEMV), DUET_ERROR_BAD_DESCRIPTOR);
  }
  SECTION("SSM on a matrix engine") {
    descriptor.opcode = DUET_OP_SSM_PREFILL;
    check_error(bench, descriptor, DUET_MODE(DUET_SYSTOLIC_SSM_PREFILL, 0), DUET_ERROR_BAD_DESCRIPTOR);
  }
}

TEST_CASE("An operand outside the memory is a bus error", "[chiplet][errors]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor descriptor = elementwise_descriptor(bench);
  descriptor.steps = 1;
  SECTION("read beyond the stack") {
    descriptor.inputs[0].address = bench.memory_address(1ull << 39);
  }
  SECTION("read where nothing is mapped") {
    descriptor.inputs[0].address = 0x1234;
  }
  SECTION("write beyond the stack") {
    descriptor.outputs[0].address = bench.memory_address(1ull << 39);
  }
  check_error(bench, descriptor, 0, DUET_ERROR_BUS);
}

TEST_CASE("A queue outside the memory is a bus error", "[chiplet][errors]") {
  ChipletBench bench(small_mixed_chiplet());
  REQUIRE(bench.run([&] {
    bench.start(0, 0);
    bench.write(DUET_CHIPLET_queue_base_high, 0x7fffffff);
    bench.write(DUET_CHIPLET_doorbell, 1);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_BUS);
  }));
  CHECK(bench.warnings.size() == 1);
}

TEST_CASE("Doorbells beyond DOORBELL_SPACE are an error, not lost work", "[chiplet][errors]") {
  ChipletBench bench(small_mixed_chiplet());
  duet_descriptor waiting = elementwise_descriptor(bench);
  waiting.inputs[0].flags = DUET_OPERAND_WAITS;
  waiting.waits[0] = {1, 0, 1};  // nobody raises the counter
  bench.load(std::vector<duet_descriptor>(64, waiting));
  REQUIRE(bench.run([&] {
    bench.start(0, 1);
    uint32_t rung = 1;
    while (bench.read(DUET_CHIPLET_doorbell_space) != 0) {
      bench.write(DUET_CHIPLET_doorbell, 1);
      ++rung;
      REQUIRE(rung < 1000);
    }
    CHECK(rung >= 8);  // what the driver runs ahead
    CHECK(bench.read(DUET_CHIPLET_error) == 0);
    bench.write(DUET_CHIPLET_doorbell, 1);
    REQUIRE(bench.wait_for_interrupt());
    CHECK(bench.read(DUET_CHIPLET_error) == 1u << DUET_ERROR_DOORBELL_OVERFLOW);
  }));
}

}  // namespace
