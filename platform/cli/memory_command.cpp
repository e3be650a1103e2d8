// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "duet/core/error.hpp"
#include "duet/core/trace/vcd_writer.hpp"
#include "duet/memory/command/command_trace.hpp"
#include "duet/memory/command/command_vcd.hpp"
#include "duet/memory/command/jedec_checker.hpp"
#include "duet/memory/trace_summary.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/console.hpp"
#include "duet/platform/report/trace_options.hpp"

namespace {

using namespace duet;
using nlohmann::ordered_json;

struct Options {
  std::string standard = "hbm3e_8000";
  std::string mapping = "default";
  std::string scheduler = "frfcfs";
  std::string row_policy = "open";
  uint32_t row_timeout = 200;
  std::string queue = "32,32";
  std::string refresh = "none";
  uint32_t postpone = 0;
  uint32_t starvation = 100'000;
  std::string trace, pattern;
  size_t count = 100'000;
  uint64_t seed = 1;
  std::string json, completions, commands;
  duet::platform::TraceOptions traces;
  bool check = false;
  bool list = false;
};

template <class Enum>
Enum parse_enum(std::string text, std::string_view option) {
  std::replace(text.begin(), text.end(), '-', '_');
  std::string allowed;
  for (const auto& [value, name] : core::EnumNames<Enum>::values) {
    if (name == text) return value;
    allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  }
  std::replace(allowed.begin(), allowed.end(), '_', '-');
  throw core::UserError(fmt::format("--{}: found '{}', allowed: {}", option, text, allowed));
}

uint32_t parse_entries(std::string_view text, std::string_view whole) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > 4096)
    throw core::UserError(fmt::format("--queue: found '{}', allowed: READS,WRITES, each 1 to 4096", whole));
  return value;
}

/// A mapping file: one YAML map from field to bits, each a number, a range "9-12" or an XOR "13^17".
std::string mapping_from_yaml(const std::string& path) {
  try {
    const YAML::Node root = YAML::LoadFile(path);
    const YAML::Node fields = root["mapping"] ? root["mapping"] : root;
    if (!fields.IsMap()) throw core::UserError(fmt::format("{}: found no map of bit fields", path));
    std::string text;
    for (const auto& field : fields) {
      std::string bits;
      if (field.second.IsSequence()) {
        for (const auto& bit : field.second) bits += (bits.empty() ? "" : ",") + bit.as<std::string>();
      } else {
        bits = field.second.as<std::string>();
      }
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", field.first.as<std::string>(), bits);
    }
    return text;
  } catch (const YAML::Exception& error) {
    throw core::UserError(
        fmt::format("{}:{}:{}: {}", path, error.mark.line + 1, error.mark.column + 1, error.msg));
  }
}

core::MemoryDescription description_of(const Options& options) {
  core::MemoryDescription memory;
  memory.standard = options.standard;
  memory.mapping = options.mapping.ends_with(".yaml") ? mapping_from_yaml(options.mapping) : options.mapping;
  memory.scheduler = parse_enum<core::SchedulerKind>(options.scheduler, "scheduler");
  memory.row_policy = parse_enum<core::RowPolicyKind>(options.row_policy, "row-policy");
  memory.row_timeout_clocks = options.row_timeout;
  memory.refresh = parse_enum<core::RefreshMode>(options.refresh, "refresh");
  memory.refresh_postpone = options.postpone;
  memory.starvation_clocks = options.starvation;
  const size_t comma = options.queue.find(',');
  memory.read_queue = parse_entries(std::string_view(options.queue).substr(0, comma), options.queue);
  memory.write_queue = comma == std::string::npos
                           ? memory.read_queue
                           : parse_entries(std::string_view(options.queue).substr(comma + 1), options.queue);
  return memory;
}

std::ofstream open_output(const std::string& path) {
  std::ofstream file(path);
  if (!file) throw core::UserError(fmt::format("{}: cannot be written", path));
  return file;
}

void check_addresses(const std::vector<memory::TraceRequest>& trace, const core::DramStandard& standard,
                     const Options& options) {
  const uint64_t capacity = standard.organisation.channel_bytes();
  for (size_t index = 0; index < trace.size(); ++index) {
    if (trace[index].address >= capacity)
      throw core::UserError(
          fmt::format("{}: request {}: found address {:#x}, allowed: below {:#x}, the channel of {}",
                      options.trace, index, trace[index].address, capacity, standard.name));
  }
}

ordered_json latency_json(const memory::LatencySummary& latency) {
  return {{"requests", latency.requests}, {"mean_ns", latency.mean_ns}, {"p50_ns", latency.p50_ns},
          {"p90_ns", latency.p90_ns},     {"p99_ns", latency.p99_ns},   {"max_ns", latency.max_ns}};
}

ordered_json summary_json(const memory::TraceSummary& summary, const Options& options) {
  ordered_json json;
  json["standard"] = options.standard;
  json["mapping"] = options.mapping;
  json["scheduler"] = options.scheduler;
  json["refresh"] = options.refresh;
  json["queue"] = options.queue;
  json["level"] = "command";
  json["requests"] = summary.requests;
  json["sim_time_ns"] = summary.sim_time_ns;
  json["bandwidth_GBps"] = summary.bandwidth_gbps;
  json["peak_GBps"] = summary.peak_gbps;
  json["pct_of_peak"] = 100 * summary.bandwidth_gbps / summary.peak_gbps;
  json["mean_latency_ns"] = summary.read_from_acceptance.mean_ns;
  json["mean_latency_from_offer_ns"] = summary.read_from_offer.mean_ns;
  json["max_latency_ns"] = summary.read_from_acceptance.max_ns;
  json["read_latency"] = {{"from_offer", latency_json(summary.read_from_offer)},
                          {"from_acceptance", latency_json(summary.read_from_acceptance)}};
  json["write_latency"] = {{"from_offer", latency_json(summary.write_from_offer)},
                           {"from_acceptance", latency_json(summary.write_from_acceptance)}};
  json["row_hit_rate"] = summary.row_hit_rate;
  json["bank_utilisation"] = summary.bank_utilisation;
  for (size_t kind = 0; kind < memory::energy_names.size(); ++kind)
    json["energy_pJ"][memory::energy_names[kind]] = summary.energy_pj[kind];
  const memory::MemoryCounters& c = summary.counters;
  json["commands"] = {{"ACT", c.activates},
                      {"RD", c.read_bursts},
                      {"WR", c.write_bursts},
                      {"REFab", c.refreshes_all_bank},
                      {"REFpb", c.refreshes_per_bank}};
  return json;
}

void print_latency(const char* name, const memory::LatencySummary& latency) {
  if (latency.requests == 0) return;
  fmt::print("  {:<28} mean {:10.2f} ns   p50 {:10.2f}   p90 {:10.2f}   p99 {:10.2f}   max {:10.2f}\n", name,
             latency.mean_ns, latency.p50_ns, latency.p90_ns, latency.p99_ns, latency.max_ns);
}

void print_summary(const memory::TraceSummary& summary, const Options& options) {
  fmt::print("{} ({}), mapping {}, {}, queue {}, refresh {}; one channel at level command\n",
             options.standard, core::dram_standard(options.standard).text, options.mapping, options.scheduler,
             options.queue, options.refresh);
  fmt::print("  simulated time               {:.3f} ns, {} requests\n", summary.sim_time_ns,
             summary.requests);
  fmt::print("  bandwidth                    {:.4f} GB/s, {:.2f} % of the peak of {:.4f} GB/s\n",
             summary.bandwidth_gbps, 100 * summary.bandwidth_gbps / summary.peak_gbps, summary.peak_gbps);
  print_latency("read latency from offer", summary.read_from_offer);
  print_latency("read latency from acceptance", summary.read_from_acceptance);
  print_latency("write latency from offer", summary.write_from_offer);
  print_latency("write lat. from acceptance", summary.write_from_acceptance);
  fmt::print("  row hit rate                 {:.2f} %\n", 100 * summary.row_hit_rate);
  double busiest = 0, sum = 0;
  for (const double share : summary.bank_utilisation) {
    busiest = std::max(busiest, share);
    sum += share;
  }
  fmt::print("  bank utilisation             mean {:.3f} %, busiest {:.3f} % of {} banks\n",
             100 * sum / static_cast<double>(summary.bank_utilisation.size()), 100 * busiest,
             summary.bank_utilisation.size());
  fmt::print("  energy (pJ)                 ");
  for (size_t kind = 0; kind < memory::energy_names.size(); ++kind)
    fmt::print(" {} {:.4g}", memory::energy_names[kind], summary.energy_pj[kind]);
  fmt::print("\n");
}

void write_completions(const std::string& path, const std::vector<memory::TraceOutcome>& outcomes,
                       uint32_t tck_ps) {
  std::ofstream file = open_output(path);
  const auto ns = [&](memory::Cycle clock) {
    const uint64_t ps = clock * tck_ps;
    return fmt::format("{}.{:03}", ps / 1000, ps % 1000);
  };
  for (size_t index = 0; index < outcomes.size(); ++index) {
    const memory::TraceOutcome& outcome = outcomes[index];
    file << fmt::format("{} {} {} {}\n", index, ns(outcome.offered), ns(outcome.accepted), ns(outcome.done));
  }
}

void list_standards() {
  for (const core::DramStandard* standard : core::dram_standards())
    fmt::print("{:<12} {}\n{:<12} default mapping (mapB): {}\n", standard->name, standard->text, "",
               standard->default_mapping);
}

void run(const Options& options) {
  if (options.list) return list_standards();
  const core::MemoryDescription description = description_of(options);
  const core::DramStandard& standard = core::standard_of(description);
  if (options.trace.empty() == options.pattern.empty())
    throw core::UserError("memory: exactly one of --trace FILE and --pattern NAME is needed");
  std::vector<memory::TraceRequest> trace;
  if (!options.trace.empty()) {
    std::ifstream file(options.trace);
    if (!file) throw core::UserError(fmt::format("--trace: '{}' cannot be read", options.trace));
    trace = memory::read_trace(file, options.trace);
  } else {
    trace = memory::synthetic_trace(options.pattern, options.count, description, options.seed);
  }
  check_addresses(trace, standard, options);

  memory::ChannelController controller(description);
  memory::JedecChecker checker(standard, description.refresh != core::RefreshMode::none);
  if (options.check) controller.observe(checker);
  std::ofstream command_file;
  std::optional<memory::CommandTextTrace> command_trace;
  if (!options.commands.empty()) {
    command_file = open_output(options.commands);
    controller.observe(command_trace.emplace(command_file, standard));
  }
  std::optional<core::VcdWriter> vcd_writer;
  std::optional<memory::CommandVcd> command_vcd;
  if (!options.traces.vcd.empty()) {
    vcd_writer.emplace(options.traces.vcd_options());
    controller.observe(command_vcd.emplace(*vcd_writer, "channel", standard));
  }

  const std::vector<memory::TraceOutcome> outcomes = run_trace(controller, trace, standard.timing.tck_ps);
  const memory::TraceSummary summary = summarise(controller, trace, outcomes, standard);
  if (vcd_writer) {
    vcd_writer->close();
    if (const std::string warning = vcd_writer->warning(); !warning.empty())
      duet::platform::print_warning(warning);
    if (const std::string why = options.traces.finish_vcd(); !why.empty()) duet::platform::print_warning(why);
  }
  if (!options.completions.empty()) write_completions(options.completions, outcomes, standard.timing.tck_ps);
  ordered_json json = summary_json(summary, options);
  if (options.check) json["violations"] = checker.counts();
  if (options.json != "-") {
    print_summary(summary, options);
    if (options.check) fmt::print("  broken timing rules          {}\n", checker.report());
  }
  if (options.json == "-") {
    fmt::print("{}\n", json.dump(2));
  } else if (!options.json.empty()) {
    open_output(options.json) << json.dump(2) << "\n";
  }
}

const duet::platform::CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("memory", "runs a trace or a pattern on one DRAM channel, command by command");
  auto o = std::make_shared<Options>();
  command->add_option("--standard", o->standard,
                      "hbm3e_8000, gddr7_32000, hbm3_6400, gddr7_28000, hbm2_2000, gddr6_14000, ddr4_2400");
  command->add_option(
      "--mapping", o->mapping,
      "default, mapA, mapB, bit fields 'column=5,9-12 bank_group=7^17,8^18 ...', or a .yaml file of them");
  command->add_option("--scheduler", o->scheduler, "fcfs or frfcfs");
  command->add_option("--row-policy", o->row_policy, "open, closed or timeout");
  command->add_option("--row-timeout", o->row_timeout, "clocks of the timeout policy");
  command->add_option("--queue", o->queue, "entries of the read and the write queue: READS,WRITES");
  command->add_option("--refresh", o->refresh, "none, all-bank or per-bank");
  command->add_option("--postpone", o->postpone, "refreshes that may be postponed")->check(CLI::Range(0, 8));
  command->add_option("--starvation", o->starvation,
                      "clocks after which a request goes before younger row hits");
  command->add_option("--trace", o->trace, "lines '<ns> <R|W> <hexaddr>', one DRAM burst each");
  command->add_option("--pattern", o->pattern,
                      "instead of --trace: sequential, strided, random, conflict or mixed");
  command->add_option("--count", o->count, "requests of the pattern");
  command->add_option("--seed", o->seed, "seed of the pattern");
  command->add_option("--json", o->json, "writes the figures as JSON to this file, '-' for standard output");
  command->add_option("--completions", o->completions,
                      "writes a line a request: index offer_ns accept_ns done_ns");
  command->add_option("--commands", o->commands, "writes every DRAM command as text");
  duet::platform::add_vcd_options(*command, o->traces);
  command->add_flag("--check", o->check, "checks every command against the timing table");
  command->add_flag("--list", o->list, "lists the standards");
  command->footer(
      "Examples:\n"
      "  duet-vp memory --standard hbm2_2000 --mapping mapB --refresh per-bank --pattern sequential --json "
      "-\n"
      "  duet-vp memory --standard gddr7_32000 --pattern random --count 20000 --vcd random.vcd --check");
  command->callback([o] { run(*o); });
}};

}  // namespace
