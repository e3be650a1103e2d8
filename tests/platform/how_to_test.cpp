// SPDX-License-Identifier: Apache-2.0
// The how-to pages are run: blocks whose first line names a file ("# file: NAME", in C in a comment) become
// files, and each command of a "console" block must print the lines that follow it ("..." stands for any
// text). $DUET is the source folder.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

namespace {

struct Block {
  std::string language;
  std::string text;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> blocks;
  std::istringstream lines(duet::test::read_text(page));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), ""});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

void run_console(const std::string& folder, const std::string& text) {
  std::istringstream lines(text);
  std::vector<std::pair<std::string, std::string>> commands;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("$ ")) {
      commands.emplace_back(line.substr(2), "");
    } else {
      REQUIRE_FALSE(commands.empty());
      commands.back().second += line + "\n";
    }
  }
  for (const auto& [command, expected] : commands) {
    const std::string output = duet::test::run_program(command, folder).output;
    INFO("$ " << command << "\nin the page:\n" << expected << "printed:\n" << output);
    CHECK(duet::test::matches_with_dots(output, expected));
  }
}

void run_page(const std::string& name) {
  const duet::test::TemporaryFolder folder;
  ::setenv("DUET", DUET_SOURCE_DIR, 1);
  std::filesystem::create_directory_symlink(DUET_SOURCE_DIR "/configs", folder.file("configs"));
  for (const Block& block : blocks_of(DUET_SOURCE_DIR "/docs/" + name)) {
    for (const std::string mark : {"# file: ", "/* file: "}) {
      if (block.text.starts_with(mark))
        std::ofstream(folder.file(
            block.text.substr(mark.size(), block.text.find_first_of(" \n", mark.size()) - mark.size())))
            << block.text;
    }
    if (block.language == "console") run_console(folder.file("."), block.text);
  }
}

}  // namespace

TEST_CASE("what the tutorial shows is true") {
  run_page("tutorial.md");
}

TEST_CASE("what docs/how-to/yaml.md shows is true") {
  run_page("how-to/yaml.md");
}

TEST_CASE("what docs/how-to/firmware.md shows is true") {
  run_page("how-to/firmware.md");
}

TEST_CASE("what docs/how-to/compose-a-platform.md shows is true") {
  run_page("how-to/compose-a-platform.md");
}

TEST_CASE("what the how-tos of reports, traces and modules show is true") {
  run_page("how-to/report.md");
  run_page("how-to/traces.md");
  run_page("how-to/own-module.md");
}

TEST_CASE("what docs/how-to/values.md shows is true") {
  run_page("how-to/values.md");
}

TEST_CASE("the program in docs/how-to/library.md is the one that is built and run") {
  const std::string page = duet::test::read_text(DUET_SOURCE_DIR "/docs/how-to/library.md");
  const std::string program = duet::test::read_text(DUET_SOURCE_DIR "/tests/external/own_platform.cpp");
  CHECK(page.find("```cpp\n" + program + "```") != std::string::npos);
}

TEST_CASE("the documentation builds as a site that needs no network") {
  if (std::system("command -v mkdocs >/dev/null") != 0) {
    WARN("mkdocs is not installed: not checked (make test installs it)");
    return;
  }
  const duet::test::TemporaryFolder folder;
  const auto outcome = duet::test::run_program("mkdocs build --strict --quiet --config-file '" DUET_SOURCE_DIR
                                               "/mkdocs.yml' --site-dir '" +
                                               folder.file("site") + "'");
  INFO(outcome.output);
  REQUIRE(outcome.exit_code == 0);
  size_t pages = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.file("site"))) {
    if (entry.path().extension() != ".html") continue;
    ++pages;
    const std::string page = duet::test::read_text(entry.path().string());
    INFO(entry.path());
    for (const char* fetched : {"src=\"http", "<link rel=\"stylesheet\" href=\"http"})
      CHECK(page.find(fetched) == std::string::npos);
  }
  CHECK(pages > 25);
}
