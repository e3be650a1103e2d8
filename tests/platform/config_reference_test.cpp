// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

namespace {

std::string output_of(const std::string& arguments) {
  const duet::test::ProgramOutcome outcome = duet::test::run_program("duet-vp " + arguments);
  CHECK(outcome.exit_code == 0);
  return outcome.output;
}

}  // namespace

TEST_CASE("the generated reference and schemas are up to date (else run scripts/generate_reference.sh)") {
  const std::string source = DUET_SOURCE_DIR;
  for (const std::string page : {"platform", "model", "workload", "cli", "registers"}) {
    INFO("docs/reference/" << page << ".md");
    // Not CHECK(a == b): the difference of two long pages says nothing.
    const bool same = output_of("describe --reference " + page) ==
                      duet::test::read_text(source + "/docs/reference/" + page + ".md");
    CHECK(same);
  }
  for (const std::string kind : {"platform", "model", "workload"}) {
    INFO("configs/schema/" << kind << ".schema.json");
    const bool same = output_of("describe --schema " + kind) ==
                      duet::test::read_text(source + "/configs/schema/" + kind + ".schema.json");
    CHECK(same);
  }
}

TEST_CASE("describe prints a structure's keys with unit, range, default and meaning") {
  const std::string text = output_of("describe systolic_array");
  CHECK_THAT(text, Catch::Contains("platform.node_types.<name>.systolic"));
  CHECK_THAT(text, Catch::Contains("  rows: a whole number from 1 to 4096; default 64\n"));
  CHECK_THAT(text,
             Catch::Contains(
                 "  sram_bandwidth: a bandwidth such as '256 GB/s', at least 1 B/s; default 256 GB/s\n"));
}
