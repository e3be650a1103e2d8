// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "mock_package.hpp"

using duet::test::MockPackage;
using duet::test::TestProgram;

namespace {

constexpr uint32_t arguments[DUET_ARGUMENTS] = {100, 8, 3, 0};
constexpr uint32_t gemm = DUET_MODE(DUET_SYSTOLIC_GEMM, 0);
constexpr uint32_t ssm = DUET_MODE(DUET_SYSTOLIC_SSM_PREFILL, 0);

TEST_CASE("The driver walks the dispatch table in order and writes MODE only when it changes", "[driver]") {
  MockPackage package(3);
  TestProgram program({}, {{0b111, gemm, 2, 0}, {0b010, gemm, 1, 0}, {0b101, ssm, 4, 1}},
                      {0x1000, 0x2000, 0x3000});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  REQUIRE(duet_driver_run(&package.driver, arguments) == DUET_OK);

  const std::vector<MockPackage::Doorbell> expected = {{0, 2, gemm}, {1, 2, gemm}, {2, 2, gemm},
                                                       {1, 1, gemm}, {0, 4, ssm},  {2, 4, ssm}};
  CHECK(package.doorbells == expected);
  CHECK(package.driver.doorbells == 6);
  CHECK(package.driver.mode_writes == 2);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(package.chiplet(i).queue_base == 0x1000u * (i + 1));
    CHECK(package.chiplet(i).arguments == std::array<uint32_t, 4>{100, 8, 3, 0});
    CHECK(package.chiplet(i).queued.empty());
  }
}

TEST_CASE("The driver writes the multicast groups of a program, members above 32 too", "[driver]") {
  MockPackage package(40);
  TestProgram program({{0b11}, {1ull << 39 | 1}}, {}, std::vector<uint64_t>(40, 0x40));
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  CHECK(package.groups[0] == 0b11);
  CHECK(package.groups[1] == (1ull << 39 | 1));
  CHECK(package.groups[2] == 0);
}

TEST_CASE("The driver runs ahead of the chiplets, but never more than their doorbells hold", "[driver]") {
  MockPackage package(2);
  TestProgram program({}, std::vector<duet_dispatch>(50, duet_dispatch{0b11, gemm, 1, 0}), {0, 0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  REQUIRE(duet_driver_run(&package.driver, arguments) == DUET_OK);
  CHECK(package.doorbells.size() == 100);
  CHECK(package.chiplet(0).most_queued == DUET_DOORBELLS_AHEAD);
  CHECK(package.chiplet(1).doorbells_completed == 50);
}

TEST_CASE("A chiplet above 31 is served through the second pending register", "[driver]") {
  MockPackage package(64);
  TestProgram program({}, std::vector<duet_dispatch>(20, duet_dispatch{1ull << 63, gemm, 1, 0}),
                      std::vector<uint64_t>(64, 0));
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  CHECK(duet_driver_run(&package.driver, arguments) == DUET_OK);
  CHECK(package.chiplet(63).doorbells_completed == 20);
}

TEST_CASE("A program can run again, with other arguments", "[driver]") {
  MockPackage package(1);
  TestProgram program({}, {{1, ssm, 1, 0}}, {0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  constexpr uint32_t later[DUET_ARGUMENTS] = {101, 8, 4, 0};
  CHECK(duet_driver_run(&package.driver, arguments) == DUET_OK);
  CHECK(duet_driver_run(&package.driver, later) == DUET_OK);
  CHECK(package.chiplet(0).resets == 2);
  CHECK(package.chiplet(0).arguments[0] == 101);
  CHECK(package.driver.mode_writes == 1);
}

TEST_CASE("The driver reports which chiplet failed, why and at which descriptor", "[driver]") {
  MockPackage package(2);
  package.fail_at_doorbell = 1;
  TestProgram program({}, std::vector<duet_dispatch>(3, duet_dispatch{0b11, gemm, 1, 0}), {0, 0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  CHECK(duet_driver_run(&package.driver, arguments) == DUET_CHIPLET_ERROR);
  CHECK(package.driver.failed_chiplet == 1);
  CHECK(package.driver.failed_error == 1u << DUET_ERROR_BAD_DESCRIPTOR);
  CHECK(package.driver.failed_descriptor == 7);
}

TEST_CASE("A silent chiplet is a time-out, not an endless loop", "[driver]") {
  MockPackage package(1);
  package.hangs = true;
  TestProgram program({}, {{1, gemm, 1, 0}}, {0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  CHECK(duet_driver_run(&package.driver, arguments) == DUET_TIMED_OUT);
}

TEST_CASE("An interrupt line that is stuck is a time-out too", "[driver]") {
  MockPackage package(1);
  package.stuck = true;
  TestProgram program({}, {{1, gemm, 1, 0}}, {0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  CHECK(duet_driver_run(&package.driver, arguments) == DUET_TIMED_OUT);
  CHECK(package.now_ns > package.driver.timeout_ns);
  CHECK(package.now_ns < 2 * package.driver.timeout_ns);
}

TEST_CASE("A failure that may pass restarts its chiplet alone, until the run's restarts are used up",
          "[driver]") {
  MockPackage package(2);
  package.fail_at_doorbell = 1;
  package.error_bit = GENERATE(DUET_ERROR_BUS, DUET_ERROR_UNCORRECTABLE_DATA, DUET_ERROR_TIMEOUT);
  TestProgram program({}, std::vector<duet_dispatch>(3, duet_dispatch{0b11, gemm, 1, 0}), {0, 0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  SECTION("one is allowed") {
    package.driver.max_restarts = 1;
    CHECK(duet_driver_run(&package.driver, arguments) == DUET_OK);
    CHECK(package.chiplet(0).restarts == 0);
    CHECK(package.chiplet(1).restarts == 1);
    CHECK(package.chiplet(0).doorbells_completed == 3);
    CHECK(package.chiplet(1).doorbells_completed == 3);
    CHECK(package.driver.restarts == 1);
  }
  SECTION("none is allowed") {
    CHECK(duet_driver_run(&package.driver, arguments) == DUET_CHIPLET_ERROR);
    CHECK(package.driver.failed_error == 1u << package.error_bit);
  }
}

TEST_CASE("Of chiplets that stand still, the one that has done least is restarted", "[driver]") {
  MockPackage package(3);
  TestProgram program({}, std::vector<duet_dispatch>(4, duet_dispatch{0b111, gemm, 1, 0}), {0, 0, 0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
  package.hang_after_doorbell = 5;  // chiplet 2 takes it
  package.driver.max_restarts = 1;
  CHECK(duet_driver_run(&package.driver, arguments) == DUET_OK);
  CHECK(package.chiplet(2).restarts == 1);
  CHECK(package.driver.failed_chiplet == 2);
  CHECK(package.driver.failed_error == 0);
  for (uint32_t i = 0; i < 3; ++i) CHECK(package.chiplet(i).doorbells_completed == 4);
}

TEST_CASE("A program that fails runs again after all chiplets have stopped", "[driver]") {
  MockPackage package(2);
  TestProgram program({}, std::vector<duet_dispatch>(3, duet_dispatch{0b11, gemm, 1, 0}), {0, 0});
  REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
  package.fail_at_doorbell = 1;
  package.chiplet(0).reads_until_quiet = 5;
  SECTION("twice is enough") {
    package.driver.max_attempts = 2;
    CHECK(duet_driver_execute(&package.driver, program.get(), arguments) == DUET_OK);
    CHECK(package.driver.attempts == 2);
    CHECK(package.chiplet(0).reads_until_quiet == 0);
    CHECK(package.chiplet(0).resets == 3);  // each run's, and the stop between them
  }
  SECTION("once is not") {
    CHECK(duet_driver_execute(&package.driver, program.get(), arguments) == DUET_CHIPLET_ERROR);
    CHECK(package.driver.attempts == 1);
  }
}

TEST_CASE("Unknown devices, damaged programs and bus errors are told apart", "[driver]") {
  MockPackage package(2);
  TestProgram program({}, {{1, gemm, 1, 0}}, {0, 0});
  SECTION("identity") {
    package.chiplet(1).identity = 0;
    CHECK(duet_driver_init(&package.driver) == DUET_BAD_DEVICE);
  }
  SECTION("major version") {
    package.chiplet(0).version = 0x00020000;
    CHECK(duet_driver_init(&package.driver) == DUET_BAD_DEVICE);
  }
  SECTION("a newer minor version is fine") {
    package.chiplet(0).version = 0x00010009;
    CHECK(duet_driver_init(&package.driver) == DUET_OK);
  }
  SECTION("more chiplets than the driver has state for") {
    package.driver.chiplets = DUET_MAX_CHIPLETS + 1;
    CHECK(duet_driver_init(&package.driver) == DUET_BAD_DEVICE);
  }
  SECTION("magic") {
    REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
    program.get()->magic = 0;
    CHECK(duet_driver_load(&package.driver, program.get()) == DUET_BAD_PROGRAM);
    CHECK(duet_driver_run(&package.driver, arguments) == DUET_BAD_PROGRAM);
  }
  SECTION("a program for more chiplets than there are") {
    REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
    program.get()->chiplets = 3;
    CHECK(duet_driver_load(&package.driver, program.get()) == DUET_BAD_PROGRAM);
  }
  SECTION("bus error at any access stops the run with its status") {
    REQUIRE(duet_driver_init(&package.driver) == DUET_OK);
    REQUIRE(duet_driver_load(&package.driver, program.get()) == DUET_OK);
    package.failing_address =
        GENERATE(uint64_t{DUET_CHIPLET_reset}, uint64_t{DUET_CHIPLET_argument0},
                 uint64_t{DUET_CHIPLET_doorbell}, uint64_t{DUET_CHIPLET_interrupt_status},
                 MockPackage::package_base + DUET_PACKAGE_interrupt_pending_low);
    CHECK(duet_driver_run(&package.driver, arguments) == DUET_BUS_ERROR);
  }
}

}  // namespace
