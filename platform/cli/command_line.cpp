// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "duet/platform/config/nearest_match.hpp"
#include "duet/platform/value_completions.hpp"

namespace duet::platform {
namespace {

bool is_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

const CLI::Option* find_option(const CLI::App& command, const std::string& word) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->check_name(word.substr(0, word.find('=')))) return option;
  }
  return nullptr;
}

bool takes_value(const CLI::Option& option) {
  return option.get_type_size_max() > 0 && option.get_expected_max() > 0;
}

// CLI::IsMember shows its values as "TEXT:{a,b}".
std::vector<std::string> member_values(const std::string& type) {
  std::vector<std::string> values;
  const size_t open = type.find('{');
  const size_t close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return values;
  size_t start = open + 1;
  while (start < close) {
    const size_t end = std::min(type.find(',', start), close);
    values.push_back(type.substr(start, end - start));
    start = end + 1;
  }
  return values;
}

std::vector<std::string> option_values(const CLI::App& command, const CLI::Option& option) {
  std::vector<std::string> names = option.get_lnames();
  for (std::string& name : names) name.insert(0, "--");
  names.push_back(option.get_name());
  for (const std::string& name : names) {
    for (const std::string& scope : {command.get_name(), std::string("*")}) {
      const auto found = value_completions().find(scope + "." + name);
      if (found != value_completions().end()) return found->second();
    }
  }
  return member_values(option.get_type_name());
}

const CLI::Option* positional(const CLI::App& command, size_t index) {
  std::vector<const CLI::Option*> found;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) found.push_back(option);
  }
  if (found.empty()) return nullptr;
  return found[std::min(index, found.size() - 1)];
}

size_t positionals_before(const CLI::App& command, const std::vector<std::string>& words, size_t index) {
  size_t count = 0;
  bool seen_command = command.get_parent() == nullptr;
  for (size_t i = 0; i < std::min(index, words.size()); ++i) {
    if (!seen_command) {
      seen_command = words[i] == command.get_name();
    } else if (is_option(words[i])) {
      const CLI::Option* option = find_option(command, words[i]);
      if (option && takes_value(*option) && words[i].find('=') == std::string::npos) ++i;
    } else {
      ++count;
    }
  }
  return count;
}

// The first word that no command and no option explains, or "".
std::string unexpected_option(CLI::App& app, const CLI::App& command, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") break;
    const bool negative_number =
        is_option(word) && word.find_first_not_of("-.0123456789eE") == std::string::npos;
    if (is_option(word) && !negative_number && !find_option(command, word) && !find_option(app, word))
      return word;
  }
  return "";
}

// The first word that is neither option nor command, or "".
std::string word_after_commands(CLI::App& app, const std::vector<std::string>& words) {
  CLI::App* command = &app;
  for (const std::string& word : words) {
    if (is_option(word)) continue;
    const auto nested = command->get_subcommands([&](const CLI::App* at) { return at->check_name(word); });
    if (nested.empty()) return word;
    command = nested.front();
  }
  return "";
}

}  // namespace

std::string command_path(const CLI::App& command) {
  std::string path = command.get_name();
  for (const CLI::App* parent = command.get_parent(); parent; parent = parent->get_parent())
    path = parent->get_name() + " " + path;
  return path;
}

CLI::App& command_of(CLI::App& app, const std::vector<std::string>& words) {
  CLI::App* command = &app;
  for (const std::string& word : words) {
    if (is_option(word)) continue;
    const auto nested = command->get_subcommands([&](const CLI::App* at) { return at->check_name(word); });
    if (nested.empty()) break;
    command = nested.front();
  }
  return *command;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_group().empty()) names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string command_line_mistake(CLI::App& app, const std::vector<std::string>& words,
                                 const std::string& parser_message) {
  const CLI::App& command = command_of(app, words);
  const std::string option = unexpected_option(app, command, words);
  if (!option.empty()) {
    const std::vector<std::string> known = option_names(command);
    return fmt::format("found option '{}', allowed {}{}", option, fmt::join(known, ", "),
                       nearest_hint(option.substr(0, option.find('=')), known));
  }
  const std::vector<std::string> commands = command_names(command);
  const std::string word = word_after_commands(app, words);
  if (!commands.empty() && !word.empty())
    return fmt::format("found command '{}', allowed {}{}", word, fmt::join(commands, ", "),
                       nearest_hint(word, commands));
  return parser_message;
}

std::vector<std::string> completions(CLI::App& app, const std::vector<std::string>& words, size_t index) {
  const std::vector<std::string> before(
      words.begin(), words.begin() + static_cast<std::ptrdiff_t>(std::min(index, words.size())));
  const std::string current = index < words.size() ? words[index] : "";
  const CLI::App& command = command_of(app, before);
  const CLI::Option* previous = before.empty() ? nullptr : find_option(command, before.back());

  std::vector<std::string> candidates;
  if (previous && is_option(before.back()) && takes_value(*previous)) {
    candidates = option_values(command, *previous);
  } else if (is_option(current) || current == "-") {
    candidates = option_names(command);
  } else if (!command_names(command).empty()) {
    candidates = command_names(command);
  } else if (const CLI::Option* option = positional(command, positionals_before(command, words, index))) {
    candidates = option_values(command, *option);
  }
  std::erase_if(candidates, [&](const std::string& candidate) { return !candidate.starts_with(current); });
  return candidates;
}

}  // namespace duet::platform
