// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>

namespace duet::core {

/// A mistake in what the user gave (YAML, command line, trace file), found before time 0.
/// The command line prints it and exits with code 2. `what()` is the complete message,
/// "file:line:column: path.of.key: found X, allowed Y". A check that sees only a struct and not its
/// file throws "path.of.key: found X, allowed Y", and who read the file adds the place of the path.
class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace duet::core
