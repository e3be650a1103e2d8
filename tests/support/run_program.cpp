// SPDX-License-Identifier: Apache-2.0
#include "support/run_program.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace duet::test {

ProgramOutcome run_program(const std::string& command, const std::string& folder) {
  const std::string line = "cd '" + folder +
                           "' && PATH='" DUET_BINARY_DIR "':$PATH && export PATH && { timeout 60 " + command +
                           "; } 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  ProgramOutcome outcome;
  std::array<char, 4096> buffer{};
  for (size_t count = 0; (count = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.output.append(buffer.data(), count);
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

bool matches_with_dots(const std::string& text, const std::string& pattern) {
  size_t at = 0;
  size_t start = 0;
  for (size_t dots = 0; dots != std::string::npos; start = dots + 3) {
    dots = pattern.find("...", start);
    std::string piece = pattern.substr(start, dots == std::string::npos ? dots : dots - start);
    const bool own_line = start == 3 || (start > 3 && pattern[start - 4] == '\n');
    if (start > 0 && own_line && piece.starts_with("\n")) piece.erase(0, 1);
    const bool last = dots == std::string::npos;
    if (last && piece.empty()) return start > 0 || text.empty();
    const size_t found = last && text.size() >= at + piece.size() && text.ends_with(piece)
                             ? text.size() - piece.size()
                             : text.find(piece, at);
    if (found == std::string::npos || (start == 0 && found != 0)) return false;
    at = found + piece.size();
    if (last) return at == text.size();
  }
  return false;
}

}  // namespace duet::test
