// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

namespace duet::platform {

/// A subcommand of duet-vp registers itself where it is written, in a file of its own in cli/:
///
///     const duet::platform::CommandRegistration registration{[](CLI::App& app) {
///       CLI::App* command = app.add_subcommand("array", "runs one kernel on one array");
///       ... options ...
///       command->callback([=] { ...; });   // throws core::UserError for a user's mistake
///     }};
using CommandSetup = std::function<void(CLI::App&)>;

inline std::vector<CommandSetup>& registered_commands() {
  static std::vector<CommandSetup> commands;
  return commands;
}

struct CommandRegistration {
  explicit CommandRegistration(CommandSetup setup) { registered_commands().push_back(std::move(setup)); }
};

}  // namespace duet::platform
