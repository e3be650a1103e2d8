// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace duet::platform {

/// What is wrong with the command line, better than the parser says it: the word that was not
/// expected, what is allowed there, and the nearest match. `words` are the arguments after the program.
std::string command_line_mistake(CLI::App& app, const std::vector<std::string>& words,
                                 const std::string& parser_message);

/// The subcommand that the words lead to, and the app itself if none.
CLI::App& command_of(CLI::App& app, const std::vector<std::string>& words);

/// "duet-vp completion bash".
std::string command_path(const CLI::App& command);

/// Long option names of a command: "--batch".
std::vector<std::string> option_names(const CLI::App& command);

/// Names of the commands that the user may see.
std::vector<std::string> command_names(const CLI::App& app);

/// What a shell may offer as word `index` of the command line: commands, options, or values.
std::vector<std::string> completions(CLI::App& app, const std::vector<std::string>& words, size_t index);

}  // namespace duet::platform
