// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/core/error.hpp"
#include "duet/core/trace/name_selection.hpp"

using duet::core::NameSelection;
using duet::core::UserError;

TEST_CASE("ranges of indices select a corner of an array") {
  const NameSelection corner("array.pe[0..3][0..3]");
  CHECK(corner.matches("array.pe[0][3]"));
  CHECK(corner.matches("array.pe[3][0].h"));
  CHECK_FALSE(corner.matches("array.pe[4][0].h"));
  CHECK_FALSE(corner.matches("array.pe[0][10].h"));
  CHECK_FALSE(corner.matches("other.array.pe[0][0]"));
  const NameSelection list("array.pe[0,2,8..11]");
  CHECK(list.matches("array.pe[2]"));
  CHECK(list.matches("array.pe[10]"));
  CHECK_FALSE(list.matches("array.pe[1]"));
}

TEST_CASE("stars select within a level and across levels") {
  CHECK(NameSelection("prefill.chiplet[*].mode").matches("prefill.chiplet[12].mode"));
  CHECK_FALSE(NameSelection("prefill.*").matches("decode.chiplet[12].mode"));
  CHECK(NameSelection("*.chiplet[3].mode").matches("decode.chiplet[3].mode"));
  CHECK_FALSE(NameSelection("prefill.*.mode").matches("prefill.chiplet[0].array[1].mode"));
  CHECK(NameSelection("prefill.**.mode").matches("prefill.chiplet[0].array[1].mode"));
  CHECK(NameSelection("**.mode").matches("prefill.chiplet[0].array[1].mode"));
  CHECK(NameSelection("chiplet[?]").matches("chiplet[7]"));
  CHECK(NameSelection("noi.link[3->4]").matches("noi.link[3->4].busy"));
  CHECK_FALSE(NameSelection("noi.link[3->4]").matches("noi.link[4->3].busy"));
}

TEST_CASE("a name selects what is below it but no longer name") {
  const NameSelection noi("prefill.noi");
  CHECK(noi.matches("prefill.noi"));
  CHECK(noi.matches("prefill.noi.link[0->1].busy"));
  CHECK(noi.matches("prefill.noi[2].busy"));
  CHECK_FALSE(noi.matches("prefill.noise.level"));
  CHECK_FALSE(noi.matches("prefill"));
}

TEST_CASE("several patterns are alternatives") {
  const NameSelection two("driver, array.pe[0,1].acc");
  CHECK(two.matches("driver.doorbell"));
  CHECK(two.matches("array.pe[1].acc"));
  CHECK_FALSE(two.matches("array.pe[2].acc"));
}

TEST_CASE("a scope is skipped only if nothing below it can match") {
  const NameSelection corner("chiplet[3].array[0].pe[0..1].h");
  CHECK(corner.may_match_below("chiplet[3]"));
  CHECK(corner.may_match_below("chiplet[3].array[0]"));
  CHECK(corner.may_match_below("chiplet[3].array[0].pe[1]"));
  CHECK_FALSE(corner.may_match_below("chiplet[4]"));
  CHECK_FALSE(corner.may_match_below("chiplet[3].array[0].pe[2]"));
  CHECK_FALSE(corner.may_match_below("chiplet"));
  CHECK(NameSelection("**.mode").may_match_below("anything.at.all"));
  CHECK(NameSelection("chiplet[3]").may_match_below("chiplet[3].array[0].pe[5]"));
}

TEST_CASE("a malformed pattern says what is wrong and what is allowed") {
  CHECK_THROWS_WITH(NameSelection("array.pe[0..3"), Catch::Contains("'[' without ']'"));
  CHECK_THROWS_WITH(NameSelection("pe[3..0]"),
                    Catch::Contains("3..0 is empty") && Catch::Contains("allowed"));
  CHECK_THROWS_WITH(NameSelection("pe[0..x]"), Catch::Contains("'[0..x]' is no range"));
  CHECK_THROWS_AS(NameSelection("a,,b"), UserError);
  CHECK_THROWS_AS(NameSelection(""), UserError);
}
