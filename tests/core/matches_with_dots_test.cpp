// SPDX-License-Identifier: Apache-2.0
// The matcher that the tests of documents and messages rest on must be able to say no.
#include <catch2/catch.hpp>

#include "support/run_program.hpp"

using duet::test::matches_with_dots;

TEST_CASE("dots stand for any text, everything else for itself") {
  CHECK(matches_with_dots("abc\n", "abc\n"));
  CHECK(matches_with_dots("abc def\n", "a...f\n"));
  CHECK(matches_with_dots("one\ntwo\nthree\n", "...\ntwo\n...\n"));
  CHECK(matches_with_dots("one\ntwo\n", "one\n...\n"));
  CHECK_FALSE(matches_with_dots("abc\n", "abd\n"));
  CHECK_FALSE(matches_with_dots("abc\nmore\n", "abc\n"));
  CHECK_FALSE(matches_with_dots("more\nabc\n", "abc\n"));
  CHECK_FALSE(matches_with_dots("one\nthree\ntwo\n", "...\ntwo\n...\nthree\n"));
  CHECK_FALSE(matches_with_dots("text\n", ""));
}
