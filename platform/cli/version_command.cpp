// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <systemc>

#include "duet/platform/command.hpp"

namespace {

const duet::platform::CommandRegistration registration{[](CLI::App& app) {
  app.add_subcommand("version", "prints the versions of duet-vp and SystemC")->callback([] {
    fmt::print("duet-vp {}\n{}\n", DUET_VERSION, sc_core::sc_version());
  });
}};

}  // namespace
