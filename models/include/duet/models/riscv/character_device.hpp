// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>

namespace duet::models::riscv {

/// Where a UART's characters go to and come from.
class CharacterDevice {
 public:
  virtual ~CharacterDevice() = default;
  virtual void put(char character) = 0;
  /// A character that has arrived, without waiting.
  virtual std::optional<char> get() { return std::nullopt; }
  /// What a user must know to reach it, "/dev/pts/3"; empty when there is nothing to know.
  [[nodiscard]] virtual std::string where() const { return {}; }
};

/// Keeps what was written and hands out what is queued as input; for tests and reports.
class StringConsole : public CharacterDevice {
 public:
  void put(char character) override { output += character; }
  std::optional<char> get() override {
    if (input.empty()) return std::nullopt;
    const char next = input.front();
    input.erase(0, 1);
    return next;
  }
  std::string output;
  std::string input;
};

/// "none", "terminal" (standard output and input), "pty" (a new pseudo-terminal), or a file's path, which is
/// overwritten. Throws UserError when it cannot be opened.
std::unique_ptr<CharacterDevice> open_console(const std::string& kind);

}  // namespace duet::models::riscv
