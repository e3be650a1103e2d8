// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <exception>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"

namespace {

constexpr int exit_internal_error = 1;
constexpr int exit_user_error = 2;

}  // namespace

// libsystemc.so refers to sc_main, although this program creates its simulations itself.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 0;
}

int main(int argc, char** argv) {
  CLI::App app{"DUET virtual platform: hybrid Mamba-Transformer inference on chiplet packages", "duet-vp"};
  app.require_subcommand(1);
  for (const auto& setup : duet::platform::registered_commands()) setup(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_user_error;
  } catch (const duet::core::UserError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return exit_user_error;
  } catch (const std::exception& error) {
    fmt::print(stderr, "internal error: {}\n", error.what());
    return exit_internal_error;
  }
  return 0;
}
