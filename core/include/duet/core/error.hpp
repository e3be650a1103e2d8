// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace duet::core {

/// A mistake in what the user gave (YAML, command line, trace file), found before time 0.
/// The command line prints it and exits with code 2. `what()` is the complete message,
/// "file:line:column: path.of.key: found X, allowed Y".
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A mistake in a description, found by a check that sees only the struct. Who read the struct from a
/// file knows the place of `path` ("packages.prefill.nodes[3]") and adds it to the message.
class DescriptionError : public UserError {
 public:
  DescriptionError(std::string path, const std::string& message)
      : UserError(path + ": " + message), path_(std::move(path)), message_(message) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& message() const { return message_; }  ///< "found X, allowed Y"

 private:
  std::string path_;
  std::string message_;
};

}  // namespace duet::core
