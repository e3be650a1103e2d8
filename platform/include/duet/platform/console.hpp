// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace duet::platform {

/// How the commands talk: set once from the options that all of them have.
struct Console {
  bool quiet = false;     ///< --quiet: results and errors only, no progress and no remarks
  bool no_color = false;  ///< --no-color; the environment's NO_COLOR does the same
};

Console& console();

/// Whether standard output or error is a terminal that may get progress and colour.
bool is_terminal(int file_descriptor);

/// Wraps the text in an ANSI colour (31 red, 33 yellow, 1 bold) if the file is a terminal and colour is
/// wanted.
std::string colored(std::string_view text, int ansi_code, int file_descriptor);

/// Prints "error: ", "warning: " or "note: " and the message to standard error, each line of it with the
/// prefix.
void print_error(std::string_view message);
void print_warning(std::string_view message);  ///< not when quiet
void print_note(std::string_view message);     ///< not when quiet

}  // namespace duet::platform
