// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace duet::platform {

/// `--set path=value`, which may stand several times; each takes one word.
inline CLI::Option* add_set_option(CLI::App& command, std::vector<std::string>& overrides) {
  return command
      .add_option("--set", overrides,
                  "path=value overrides a key: 'packages.prefill.noi.columns=5', "
                  "'packages.prefill.nodes[2].x=1..3'; may stand several times")
      ->take_all()
      ->allow_extra_args(false);
}

}  // namespace duet::platform
