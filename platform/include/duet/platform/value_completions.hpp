// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace duet::platform {

/// What a shell may offer as values of options, by "command.option": "describe.name". "*.--model" stands for
/// every command. A command adds its own where it registers itself; options checked by CLI::IsMember
/// need none.
using ValueCompletion = std::function<std::vector<std::string>()>;

inline std::map<std::string, ValueCompletion>& value_completions() {
  static std::map<std::string, ValueCompletion> completions;
  return completions;
}

}  // namespace duet::platform
