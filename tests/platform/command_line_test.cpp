// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace duet::test;

namespace {

ProgramOutcome duet_vp(const std::string& arguments) {
  return run_program("duet-vp " + arguments);
}

}  // namespace

TEST_CASE("mistyped commands, options, structures and kinds get the nearest match and exit code 2") {
  const std::array<std::array<std::string, 2>, 9> cases{
      {{"chek x.yaml", "did you mean 'check'?"},
       {"check --quite x.yaml", "did you mean '--quiet'?"},
       {"describe systolic_aray", "did you mean 'systolic_array'?"},
       {"run duet --modle x --workload chat", "did you mean '--model'?"},
       {"run duet --model mamba2-130 --workload chat", "did you mean 'mamba2-130m'?"},
       {"experiment figure5 ", "did you mean 'figure5"},
       {"report out.json --ouptut x.html", "did you mean '--output'?"},
       {"new platfrom", "did you mean 'platform'?"},
       {"check no_such_file.yaml", "found no such file"}}};
  for (const auto& [arguments, expected] : cases) {
    const ProgramOutcome outcome = duet_vp(arguments);
    INFO(arguments << "\n" << outcome.output);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.output, Catch::StartsWith("error: ") && Catch::Contains(expected));
  }
}

TEST_CASE("help has examples and exits with 0, no arguments show it and exit with 2") {
  std::istringstream commands(duet_vp("completion words --index 0 -- ''").output);
  std::vector<std::string> names{""};
  for (std::string name; commands >> name;) {
    if (!name.starts_with("-") && name != "version") names.push_back(name + " ");
  }
  CHECK(names.size() > 12);
  for (const std::string& name : names) {
    const ProgramOutcome outcome = duet_vp(name + "--help");
    INFO(name);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, Catch::Contains("Examples:\n  "));
    CHECK_THAT(outcome.output, Catch::Contains("--quiet") && Catch::Contains("--no-color"));
  }
  const ProgramOutcome bare = duet_vp("");
  CHECK(bare.exit_code == 2);
  CHECK_THAT(bare.output, Catch::Contains("Subcommands:"));
}

TEST_CASE("a file that 'new' wrote passes 'check', and is not overwritten") {
  const TemporaryFolder folder;
  for (const std::string kind : {"platform", "model", "workload"}) {
    const std::string file = folder.file(kind + ".yaml");
    REQUIRE(duet_vp("new " + kind + " " + file).exit_code == 0);
    const ProgramOutcome checked = duet_vp("check " + file);
    INFO(checked.output);
    CHECK(checked.exit_code == 0);
    CHECK_THAT(checked.output, Catch::Contains("valid " + kind));
    CHECK(duet_vp("new " + kind + " " + file).exit_code == 2);
  }
}

TEST_CASE("every shipped platform, model and workload passes 'check --quiet' without a word") {
  const ProgramOutcome outcome =
      duet_vp("check --quiet " DUET_SOURCE_DIR "/configs/platforms/*.yaml " DUET_SOURCE_DIR
              "/configs/models/*.yaml " DUET_SOURCE_DIR "/configs/workloads/*.yaml");
  CHECK(outcome.output.empty());
  CHECK(outcome.exit_code == 0);
}

TEST_CASE("'check' prints the tree, the rates, the area and the address map of a platform") {
  const ProgramOutcome outcome = duet_vp("check " DUET_SOURCE_DIR
                                         "/tests/platform/broken/base.yaml "
                                         "--set 'node_types.chiplet.systolic.count=192'");
  INFO(outcome.output);
  REQUIRE(outcome.exit_code == 0);
  // 2 chiplets * 192 arrays * 64 * 32 PEs * 700 MHz; two HBM3e stacks of 24 GiB and 1.024e12 B/s.
  CHECK_THAT(outcome.output, Catch::Contains("5.505e+14 MAC/s"));
  CHECK_THAT(outcome.output, Catch::Contains("memory: 48 GiB, 2.048 TB/s"));
  CHECK_THAT(outcome.output, Catch::Contains("      S S .\n      M M .\n"));
  CHECK_THAT(outcome.output, Catch::Contains("0x0100000000000000 - 0x01000005ffffffff  memory_x0_y1 24 GiB"));
}

TEST_CASE("several overrides may follow each other, the later one wins") {
  const ProgramOutcome outcome =
      duet_vp("check " DUET_SOURCE_DIR
              "/configs/workloads/chat.yaml "
              "--set prompt_tokens=7 --set prompt_tokens=8 --set 'batch_sizes=[3, 4]'");
  CHECK_THAT(outcome.output, Catch::Contains("prompts of 8 tokens") && Catch::Contains("batches of 3, 4\n"));
}

TEST_CASE("shell completion offers commands, options and values") {
  CHECK(duet_vp("completion words --index 0 -- chec").output == "check\n");
  CHECK(duet_vp("completion words --index 1 -- describe --sch").output == "--schema\n");
  CHECK(duet_vp("completion words --index 2 -- describe --schema mo").output == "model\n");
  CHECK(duet_vp("completion words --index 1 -- describe systolic").output == "systolic_array\n");
  CHECK(duet_vp("completion words --index 1 -- new w").output == "workload\n");
  CHECK(duet_vp("completion words --index 0 -- ''").output.find("completion\n") != std::string::npos);
}

TEST_CASE("bash completes through the script") {
  const ProgramOutcome outcome = run_program(
      "bash -c 'source <(duet-vp completion bash); COMP_WORDS=(duet-vp check --ki); COMP_CWORD=2; _duet_vp; "
      "echo "
      "\"${COMPREPLY[@]}\"'");
  CHECK(outcome.output == "--kind\n");
}

TEST_CASE("zsh completes through the script") {
  if (run_program("command -v zsh").exit_code != 0) {
    WARN("zsh is not installed: not checked (make test installs it)");
    return;
  }
  const TemporaryFolder folder;
  REQUIRE(run_program("duet-vp completion zsh > _duet-vp", folder.file(".")).exit_code == 0);
  const ProgramOutcome outcome = run_program(
      "zsh -fc 'compdef() { : }; compadd() { print -l ${(P)2} }; source ./_duet-vp; words=(duet-vp check "
      "--ki); "
      "CURRENT=3; _duet_vp'",
      folder.file("."));
  CHECK(outcome.output == "--kind\n");
}
