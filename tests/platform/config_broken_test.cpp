// SPDX-License-Identifier: Apache-2.0
// One broken file, or override, per kind of mistake; broken/messages.txt says which message each gets.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/run_program.hpp"

using namespace duet::test;

namespace {

const std::string folder = DUET_SOURCE_DIR "/tests/platform/broken";

struct Case {
  std::string arguments;  // of `duet-vp check`
  std::string message;    // "..." stands for any text
};

// "file [--set 'path=value']" in one line, the message indented in the next.
std::vector<Case> read_cases() {
  std::ifstream stream(folder + "/messages.txt");
  std::vector<Case> cases;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("    ")) {
      cases.back().message += (cases.back().message.empty() ? "" : "\n") + line.substr(4);
    } else {
      cases.push_back({line, ""});
    }
  }
  return cases;
}

ProgramOutcome check(const std::string& arguments) {
  return run_program("duet-vp check " + arguments, folder);
}

std::string with_prefix(const std::string& message) {
  std::string text = "error: ";
  for (const char c : message) text += c == '\n' ? std::string("\nerror: ") : std::string(1, c);
  return text + "\n";
}

}  // namespace

TEST_CASE("each kind of mistake gets its message and exit code 2") {
  for (const Case& broken : read_cases()) {
    const ProgramOutcome outcome = check(broken.arguments);
    INFO(broken.arguments << "\nexpected:\n" << with_prefix(broken.message) << "found:\n" << outcome.output);
    CHECK(outcome.exit_code == 2);
    CHECK(matches_with_dots(outcome.output, with_prefix(broken.message)));
  }
}

TEST_CASE("the table has every broken file and at least 60 of them") {
  const std::vector<Case> cases = read_cases();
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    // The valid file that the others build on, and the far end of the include cycle.
    if (entry.path().extension() != ".yaml" || name == "base.yaml" || name == "include_cycle_back.yaml")
      continue;
    ++files;
    INFO(name << " is not in messages.txt");
    CHECK(std::any_of(cases.begin(), cases.end(),
                      [&](const Case& broken) { return broken.arguments == name; }));
  }
  CHECK(files >= 60);
}

TEST_CASE("the file that the broken ones build on is valid") {
  CHECK(check("base.yaml").exit_code == 0);
}
