// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace duet::platform {
namespace {

constexpr int red = 31;
constexpr int yellow = 33;
constexpr int cyan = 36;

void print_lines(std::string_view prefix, int color, std::string_view message) {
  const std::string head = colored(prefix, color, STDERR_FILENO);
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    fmt::print(stderr, "{} {}\n", head, line);
    message.remove_prefix(std::min(line.size() + 1, message.size()));
  }
}

}  // namespace

Console& console() {
  static Console settings;
  return settings;
}

bool is_terminal(int file_descriptor) {
  return isatty(file_descriptor) == 1;
}

std::string colored(std::string_view text, int ansi_code, int file_descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool wanted = !console().no_color && (no_color == nullptr || *no_color == '\0');
  if (!wanted || !is_terminal(file_descriptor)) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", ansi_code, text);
}

void print_error(std::string_view message) {
  print_lines("error:", red, message);
}

void print_warning(std::string_view message) {
  if (!console().quiet) print_lines("warning:", yellow, message);
}

void print_note(std::string_view message) {
  if (!console().quiet) print_lines("note:", cyan, message);
}

}  // namespace duet::platform
