// SPDX-License-Identifier: Apache-2.0
#include "duet/models/riscv/character_device.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "duet/core/error.hpp"

namespace duet::models::riscv {
namespace {

class NoConsole : public CharacterDevice {
 public:
  void put(char /*character*/) override {}
};

/// A pair of file descriptors, which may be the same.
class DescriptorConsole : public CharacterDevice {
 public:
  DescriptorConsole(int input, int output, bool owned, std::string where)
      : input_(input), output_(output), owned_(owned), where_(std::move(where)) {}
  ~DescriptorConsole() override {
    if (owned_) close(output_);
    if (owned_ && input_ >= 0 && input_ != output_) close(input_);
  }
  DescriptorConsole(const DescriptorConsole&) = delete;
  DescriptorConsole& operator=(const DescriptorConsole&) = delete;

  void put(char character) override {
    // A pseudo-terminal that nobody reads fills up; its characters are lost, as on a wire.
    [[maybe_unused]] const ssize_t written = ::write(output_, &character, 1);
  }
  std::optional<char> get() override {
    pollfd waiting{input_, POLLIN, 0};
    char character = 0;
    if (input_ < 0 || poll(&waiting, 1, 0) <= 0 || (waiting.revents & POLLIN) == 0) return std::nullopt;
    if (::read(input_, &character, 1) == 1) return character;
    input_ = input_ == output_ ? input_ : -1;  // end of file
    return std::nullopt;
  }
  [[nodiscard]] std::string where() const override { return where_; }

 private:
  int input_;
  int output_;
  bool owned_;
  std::string where_;
};

std::unique_ptr<CharacterDevice> open_pseudo_terminal() {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
    throw core::UserError(fmt::format("console: cannot open a pseudo-terminal: {}", std::strerror(errno)));
  }
  char name[128] = "";
  if (ptsname_r(master, name, sizeof name) != 0) name[0] = '\0';
  termios settings{};
  if (tcgetattr(master, &settings) == 0) {
    cfmakeraw(&settings);
    tcsetattr(master, TCSANOW, &settings);
  }
  return std::make_unique<DescriptorConsole>(master, master, true, name);
}

}  // namespace

std::unique_ptr<CharacterDevice> open_console(const std::string& kind) {
  if (kind == "none") return std::make_unique<NoConsole>();
  if (kind == "terminal") return std::make_unique<DescriptorConsole>(STDIN_FILENO, STDOUT_FILENO, false, "");
  if (kind == "pty") return open_pseudo_terminal();
  const int file = open(kind.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) {
    throw core::UserError(
        fmt::format("console: found '{}' ({}), allowed terminal, none, pty, or a file's path", kind,
                    std::strerror(errno)));
  }
  return std::make_unique<DescriptorConsole>(-1, file, true, kind);
}

}  // namespace duet::models::riscv
