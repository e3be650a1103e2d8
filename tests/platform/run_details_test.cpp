// SPDX-License-Identifier: Apache-2.0
// The parts of the charts over time, against figures worked out by hand.
#include <catch2/catch.hpp>

#include "../../platform/src/run/busy_intervals.hpp"
#include "../../platform/src/run/package_activity.hpp"
#include "../../platform/src/run/remaining_time.hpp"

using namespace duet::platform;

TEST_CASE("work booked at once counts in the intervals that it fills", "[run]") {
  // 30 units in the first interval, which holds 10: it is full for three.
  CHECK(ratios_over_time({0, 30, 30, 30, 35}, 10) == std::vector<double>{1, 1, 1, 0.5});
  // Booked when it ended: it was under way before.
  CHECK(ratios_over_time({0, 0, 5, 25}, 10) == std::vector<double>{0.5, 1, 1});
  CHECK(ratios_over_time({5}, 10).empty());
}

TEST_CASE("busy intervals stay few and cover what was added", "[run]") {
  BusyIntervals few(10);
  for (uint64_t i = 0; i < 1000; ++i) few.add(i * 10'000, i * 10'000 + (i % 100 == 99 ? 100 : 9'000));
  const auto& intervals = few.intervals();
  REQUIRE(intervals.size() <= 10);
  uint64_t count = 0;
  uint64_t end_ps = 0;
  for (const auto& interval : intervals) {
    CHECK(interval.begin_ps >= end_ps);
    end_ps = interval.end_ps;
    count += interval.count;
  }
  CHECK(count == 1000);
  CHECK(intervals.front().begin_ps == 0);
  CHECK(end_ps == 999 * 10'000 + 100);

  BusyIntervals apart(10);
  apart.add(50, 60);
  apart.add(0, 10);
  apart.add(5, 20);
  REQUIRE(apart.intervals().size() == 2);
  CHECK(apart.intervals()[0].end_ps == 20);
  CHECK(apart.intervals()[0].count == 2);
}

TEST_CASE("the remaining time is that of the present phase and of those after it", "[run]") {
  RemainingTime remaining({0, 1, 0, 1});
  remaining.begin(0);
  CHECK_FALSE(remaining.seconds(0, 1));
  // A quarter took 2 s: 6 s of this phase, and as nothing else is known, 8 s for each of three.
  CHECK(*remaining.seconds(0.25, 2) == Approx(6 + 24));
  remaining.end(8);
  remaining.begin(8);
  CHECK(*remaining.seconds(0.5, 9) == Approx(1 + 8 + 2));
  remaining.end(10);
  remaining.begin(10);
  CHECK(*remaining.seconds(0, 10) == Approx(8 + 2));  // as the last of its kind
  remaining.end(18);
  remaining.begin(18);
  CHECK(*remaining.seconds(0.5, 19) == Approx(1));
}
