// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "duet/core/error.hpp"

namespace duet::platform {

namespace {

constexpr int exit_not_started = 127;

std::string read_all(int descriptor) {
  std::string text;
  char buffer[65536];
  off_t offset = 0;
  while (true) {
    const ssize_t count = ::pread(descriptor, buffer, sizeof buffer, offset);
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    offset += count;
  }
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command)
    : start_(std::chrono::steady_clock::now()) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  // Output goes to memory, not to a pipe, so that nobody has to read while it runs.
  output_ = ::memfd_create("output", MFD_CLOEXEC);
  error_output_ = ::memfd_create("error_output", MFD_CLOEXEC);
  const int parent = ::getpid();
  pid_ = output_ < 0 || error_output_ < 0 ? -1 : ::fork();
  if (pid_ < 0) throw core::UserError(fmt::format("{}: cannot be started", command.front()));
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_not_started);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output_, STDOUT_FILENO);
  ::dup2(error_output_, STDERR_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(exit_not_started);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      error_output_(std::exchange(other.error_output_, -1)),
      exit_code_(other.exit_code_),
      finished_(other.finished_),
      start_(other.start_),
      end_(other.end_) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !finished_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) ::close(output_);
  if (error_output_ >= 0) ::close(error_output_);
}

bool ChildProcess::finished() {
  if (finished_) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  finished_ = true;
  end_ = std::chrono::steady_clock::now();
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return true;
}

void ChildProcess::kill() {
  if (!finished_) ::kill(pid_, SIGKILL);
}

std::string ChildProcess::output() const {
  return read_all(output_);
}

std::string ChildProcess::error_output() const {
  return read_all(error_output_);
}

double ChildProcess::seconds() const {
  const auto end = finished_ ? end_ : std::chrono::steady_clock::now();
  return std::chrono::duration<double>(end - start_).count();
}

}  // namespace duet::platform
