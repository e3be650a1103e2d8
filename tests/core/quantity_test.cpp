// SPDX-License-Identifier: Apache-2.0
#include "duet/core/quantity.hpp"

#include <catch2/catch.hpp>

#include "duet/core/clock.hpp"
#include "duet/core/error.hpp"

using namespace duet::core;

TEST_CASE("a quantity is held in the unit of the structs") {
  CHECK(parse_quantity("256 GB/s", Unit::bytes_per_second) == 256e9);
  CHECK(parse_quantity("1 MiB", Unit::bytes) == 1048576);
  CHECK(parse_quantity("24 GB", Unit::bytes) == 24e9);
  CHECK(parse_quantity("500 ns", Unit::picoseconds) == 500e3);
  CHECK(parse_quantity("700MHz", Unit::hertz) == 700e6);
  CHECK(parse_quantity("95 %", Unit::ratio) == Approx(0.95));
}

TEST_CASE("a missing or wrong unit is an error that says what is allowed") {
  CHECK_THROWS_WITH(parse_quantity("256", Unit::bytes_per_second),
                    Catch::Contains("found '256' (no unit)") && Catch::Contains("256 GB/s"));
  CHECK_THROWS_WITH(parse_quantity("256 MHz", Unit::bytes), Catch::Contains("unit 'MHz'"));
  CHECK_THROWS_AS(parse_quantity("fast", Unit::hertz), UserError);
}

TEST_CASE("formatting reads well and parses back") {
  CHECK(format_quantity(256e9, Unit::bytes_per_second) == "256 GB/s");
  CHECK(format_quantity(1.17, Unit::picojoules_per_bit) == "1.17 pJ/bit");
  CHECK(parse_quantity(format_quantity(123456, Unit::picoseconds), Unit::picoseconds) == 123456);
}

TEST_CASE("clock edges do not accumulate rounding") {
  const Clock clock{700e6};
  CHECK(clock.edge_ps(7) == 10000);
  CHECK(clock.edge_ps(7'000'000) == 10'000'000'000);
  CHECK(clock.cycle_at_or_after(clock.edge_ps(12345)) == 12345);
  CHECK(clock.cycle_at_or_after(clock.edge_ps(12345) + 1) == 12346);
}
