// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace duet::test {

struct ProgramOutcome {
  std::string output;  ///< standard output and standard error
  int exit_code = -1;  ///< -1 if a signal ended it; 124 after 60 s
};

/// Runs a command line in the shell, with the built programs first in PATH, in `folder`.
ProgramOutcome run_program(const std::string& command, const std::string& folder = ".");

/// Whether `text` is `pattern`, in which "..." stands for any text; on lines of their own the dots take
/// their line break with them.
bool matches_with_dots(const std::string& text, const std::string& pattern);

}  // namespace duet::test
