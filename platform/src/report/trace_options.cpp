// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/report/trace_options.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "duet/core/error.hpp"
#include "duet/core/quantity.hpp"
#include "duet/core/trace/name_selection.hpp"

namespace duet::platform {
namespace {

constexpr uint64_t open_end = ~uint64_t{0};

// The two ends of "10 us..20 us"; an end that is left out is empty.
std::pair<std::string, std::string> window_ends(const std::string& window) {
  if (window.empty()) return {};
  const size_t dots = window.find("..");
  if (dots == std::string::npos) {
    throw core::UserError(
        fmt::format("--trace-window: found '{}', allowed: two times such as '10 us..20 us'", window));
  }
  return {window.substr(0, dots), window.substr(dots + 2)};
}

uint64_t parse(const char* option, const std::string& text, core::Unit unit) {
  try {
    const double value = core::parse_quantity(text, unit);
    if (value < 0) throw core::UserError(fmt::format("found '{}', allowed: 0 or more", text));
    return static_cast<uint64_t>(value);
  } catch (const core::UserError& error) {
    throw core::UserError(fmt::format("{}: {}", option, error.what()));
  }
}

}  // namespace

uint64_t TraceOptions::begin_ps() const {
  const std::string begin = window_ends(window).first;
  return begin.empty() ? 0 : parse("--trace-window", begin, core::Unit::picoseconds);
}

uint64_t TraceOptions::end_ps() const {
  const std::string end = window_ends(window).second;
  return end.empty() ? open_end : parse("--trace-window", end, core::Unit::picoseconds);
}

uint64_t TraceOptions::max_bytes() const {
  return parse("--trace-limit", limit, core::Unit::bytes);
}

void TraceOptions::check() const {
  (void)core::NameSelection(select);
  (void)begin_ps();
  (void)end_ps();
  (void)max_bytes();
}

core::VcdOptions TraceOptions::vcd_options() const {
  const std::string path = vcd.ends_with(".fst") ? vcd.substr(0, vcd.size() - 4) + ".vcd" : vcd;
  return {path, core::NameSelection(select), begin_ps(), end_ps(), max_bytes()};
}

std::string TraceOptions::finish_vcd() const {
  return vcd.ends_with(".fst") ? convert_to_fst(vcd_options().path, vcd) : std::string();
}

void add_vcd_options(CLI::App& command, TraceOptions& options) {
  const char* group = "Traces";
  command
      .add_option("--vcd", options.vcd,
                  "signals as VCD with a GTKWave savefile; NAME.fst goes through vcd2fst")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option(
          "--trace-select", options.select,
          "what is traced: names with '*', '**' and index ranges, 'prefill.chiplet_x1_y0,**.link[0..3]'")
      ->type_name("PATTERN")
      ->capture_default_str()
      ->group(group);
  command.add_option("--trace-window", options.window, "when: '10 us..20 us'")
      ->type_name("FROM..TO")
      ->group(group);
  command.add_option("--trace-limit", options.limit, "largest size of each trace")
      ->type_name("SIZE")
      ->capture_default_str()
      ->group(group);
}

void add_trace_options(CLI::App& command, TraceOptions& options) {
  const char* group = "Traces";
  command
      .add_option("--timeline", options.timeline, "timeline for Perfetto and speedscope (Chrome-trace JSON)")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--transactions", options.transactions, "log of all transactions as CSV")
      ->type_name("FILE")
      ->group(group);
  add_vcd_options(command, options);
}

std::string convert_to_fst(const std::string& vcd_path, const std::string& fst_path) {
  std::string program = "vcd2fst";
  std::string from = vcd_path;
  std::string to = fst_path;
  char* arguments[] = {program.data(), from.data(), to.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
  pid_t child = 0;
  const int error = posix_spawnp(&child, program.c_str(), &quiet, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&quiet);
  int status = -1;
  if (error == 0) waitpid(child, &status, 0);
  if (error != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fmt::format("'{}' stays VCD: vcd2fst {} (Debian: apt-get install gtkwave)", vcd_path,
                       error != 0 ? "is not installed" : "failed");
  }
  std::remove(vcd_path.c_str());
  return {};
}

}  // namespace duet::platform
