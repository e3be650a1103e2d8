// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <exception>
#include <string>
#include <systemc>
#include <vector>

#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/command_line.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/guest_failure.hpp"
#include "duet/platform/interrupt.hpp"
#include "duet/platform/run/run_observer.hpp"

namespace {

using namespace duet::platform;

constexpr int exit_internal_error = 1;
constexpr int exit_user_error = 2;

constexpr const char* examples =
    "Examples:\n"
    "  duet-vp run configs/platforms/duet.yaml --model nemotron-h-56b --workload arxiv --batch 8\n"
    "  duet-vp check configs/platforms/duet.yaml\n"
    "  duet-vp describe systolic_array\n"
    "  duet-vp COMMAND --help";

// Every command understands the same options about talking.
void add_common_options(CLI::App& command) {
  if (!command.get_option_no_throw("--quiet"))
    command.add_flag("--quiet", console().quiet, "no progress and no remarks")->group("Common");
  if (!command.get_option_no_throw("--no-color"))
    command.add_flag("--no-color", console().no_color, "no colour (as the environment's NO_COLOR)")
        ->group("Common");
  for (CLI::App* nested : command.get_subcommands([](const CLI::App*) { return true; }))
    add_common_options(*nested);
}

int parse_and_run(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    if (argc == 1) {
      fmt::print("{}", app.help());
    } else {
      const std::vector<std::string> words(argv + 1, argv + argc);
      print_error(command_line_mistake(app, words, error.what()));
      fmt::print(stderr, "see '{} --help'\n", command_path(command_of(app, words)));
    }
    return exit_user_error;
  }
  return 0;
}

// Standard output is for results.
void show_report(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  if (report.get_severity() != sc_core::SC_WARNING)
    return sc_core::sc_report_handler::default_handler(report, actions);
  print_warning(fmt::format("{} {}", report.get_msg_type(), report.get_msg()));
}

}  // namespace

// libsystemc.so refers to sc_main, although this program creates its simulations itself.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 0;
}

int main(int argc, char** argv) {
  CLI::App app{"DUET virtual platform: hybrid Mamba-Transformer inference on chiplet packages", "duet-vp"};
  app.require_subcommand(1);
  sc_core::sc_report_handler::set_handler(show_report);
  app.set_version_flag("--version", "duet-vp " DUET_VERSION);
  app.footer(examples);
  for (const auto& setup : registered_commands()) setup(app);
  add_common_options(app);
  try {
    return parse_and_run(app, argc, argv);
  } catch (const Interrupted& error) {
    print_warning(error.what());
    return exit_interrupted;
  } catch (const duet::core::UserError& error) {
    print_error(error.what());
    return exit_user_error;
  } catch (const duet::platform::GuestFailure& error) {
    print_error(error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    print_error(fmt::format("internal: {}", error.what()));
    return exit_internal_error;
  }
}
