// SPDX-License-Identifier: Apache-2.0
// The how-to pages are run: YAML blocks that begin with "# file: NAME" become files, and each command of a
// "console" block must print the lines that follow it ("..." stands for any text).
#include <catch2/catch.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

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

std::string output_of(const std::string& folder, const std::string& command) {
  const std::string line =
      "cd '" + folder + "' && PATH='" DUET_BINARY_DIR "':$PATH timeout 60 " + command + " 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer{};
  for (size_t count = 0; (count = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    output.append(buffer.data(), count);
  pclose(pipe);
  return output;
}

// Pieces between dots must occur in order; the first at the start, the last at the end.
bool matches(const std::string& text, const std::string& pattern) {
  size_t at = 0;
  size_t start = 0;
  for (size_t dots = 0; dots != std::string::npos; start = dots + 3) {
    dots = pattern.find("...", start);
    std::string piece = pattern.substr(start, dots == std::string::npos ? dots : dots - start);
    // Dots on lines of their own take their line breaks with them.
    if (start > 0 && piece.starts_with("\n")) piece.erase(0, 1);
    const size_t found = text.find(piece, at);
    if (found == std::string::npos || (start == 0 && found != 0)) return false;
    at = found + piece.size();
    if (dots == std::string::npos) return piece.empty() || at == text.size();
  }
  return true;
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
    const std::string output = output_of(folder, command);
    INFO("$ " << command << "\nin the page:\n" << expected << "printed:\n" << output);
    CHECK(matches(output, expected));
  }
}

void run_page(const std::string& name) {
  const duet::test::TemporaryFolder folder;
  std::filesystem::create_directory_symlink(DUET_SOURCE_DIR "/configs", folder.file("configs"));
  for (const Block& block : blocks_of(DUET_SOURCE_DIR "/docs/how-to/" + name)) {
    const std::string mark = "# file: ";
    if (block.language == "yaml" && block.text.starts_with(mark))
      std::ofstream(folder.file(block.text.substr(mark.size(), block.text.find('\n') - mark.size())))
          << block.text;
    if (block.language == "console") run_console(folder.file("."), block.text);
  }
}

}  // namespace

TEST_CASE("what docs/how-to/yaml.md shows is true") {
  run_page("yaml.md");
}

TEST_CASE("what docs/how-to/compose-a-platform.md shows is true") {
  run_page("compose-a-platform.md");
}
