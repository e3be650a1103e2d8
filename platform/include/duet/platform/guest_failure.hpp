// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>

namespace duet::platform {

/// The driver or its firmware could not do its work. The command line prints it and exits with that code.
class GuestFailure : public std::runtime_error {
 public:
  explicit GuestFailure(const std::string& what, int exit_code = 3)
      : std::runtime_error(what), exit_code_(exit_code) {}
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

}  // namespace duet::platform
