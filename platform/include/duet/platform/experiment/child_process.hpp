// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace duet::platform {

/// A program that runs beside this one and whose output is kept. It is killed when this object or
/// this process ends.
class ChildProcess {
 public:
  /// Throws core::UserError when the program cannot be started.
  explicit ChildProcess(const std::vector<std::string>& command);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// True once the program has ended; never waits.
  bool finished();
  void kill();

  [[nodiscard]] int exit_code() const { return exit_code_; }  ///< -signal when a signal ended it
  [[nodiscard]] std::string output() const;                   ///< standard output, after the end
  [[nodiscard]] std::string error_output() const;             ///< standard error, after the end
  [[nodiscard]] double seconds() const;                       ///< since the start, or from start to end

 private:
  int pid_ = -1;
  int output_ = -1;
  int error_output_ = -1;
  int exit_code_ = -1;
  bool finished_ = false;
  std::chrono::steady_clock::time_point start_, end_;
};

}  // namespace duet::platform
