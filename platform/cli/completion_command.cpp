// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duet/platform/command.hpp"
#include "duet/platform/command_line.hpp"
#include "duet/platform/value_completions.hpp"
#include "shipped_configs.hpp"

namespace {

using namespace duet::platform;

// Both scripts ask the program itself, so that they never fall behind its options.
constexpr const char* bash_script =
    R"(# bash completion of duet-vp: source this file, or put it into /etc/bash_completion.d
_duet_vp() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" completion words --index $((COMP_CWORD - 1)) -- "${COMP_WORDS[@]:1}" 2>/dev/null))
}
complete -o bashdefault -o default -F _duet_vp duet-vp
)";

constexpr const char* zsh_script = R"(#compdef duet-vp
# zsh completion of duet-vp: put this file as _duet-vp into a folder of $fpath, or source it after compinit
_duet_vp() {
  local -a candidates
  candidates=("${(@f)$("${words[1]}" completion words --index $((CURRENT - 2)) -- "${(@)words[2,-1]}" 2>/dev/null)}")
  if [[ -n "${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _duet_vp duet-vp
)";

std::vector<std::string> shipped(std::string_view folder) {
  return shipped_configs().names(folder);
}

struct Words {
  std::vector<std::string> words;
  size_t index = 0;
};

const CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command = app.add_subcommand("completion", "prints the completion script of a shell");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  source <(duet-vp completion bash)\n"
      "  duet-vp completion zsh > ~/.zsh/completion/_duet-vp");
  command->add_subcommand("bash", "script for bash")->callback([] { fmt::print("{}", bash_script); });
  command->add_subcommand("zsh", "script for zsh")->callback([] { fmt::print("{}", zsh_script); });

  value_completions()["*.--model"] = [] { return shipped("models"); };
  value_completions()["*.--workload"] = [] { return shipped("workloads"); };
  CLI::App* candidates = command->add_subcommand("words", "candidates for one word; what the scripts call");
  candidates->group("");
  auto words = std::make_shared<Words>();
  candidates->add_option("--index", words->index, "which word, from 0 after the program's name");
  candidates->add_option("words", words->words, "words of the command line");
  candidates->callback([words, &app] {
    for (const std::string& candidate : completions(app, words->words, words->index))
      fmt::print("{}\n", candidate);
  });
}};

}  // namespace
