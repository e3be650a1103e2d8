// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "duet/core/clock.hpp"
#include "duet/core/error.hpp"
#include "duet/platform/command.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/set_option.hpp"
#include "duet/tlm_interconnect/network_on_interposer.hpp"
#include "duet/tlm_interconnect/noi_traffic.hpp"
#include "noi_heat_map.hpp"

namespace {

using namespace duet;
using namespace duet::tlm_interconnect;

struct Options {
  std::string mesh = "4x4";
  std::string platform;
  std::string package;
  std::vector<std::string> overrides;
  std::string traffic = "uniform";
  std::string trace;
  std::optional<unsigned> vcs;
  std::optional<unsigned> buffer_flits;
  std::optional<unsigned> link_cycles;
  std::optional<std::string> pipeline;
  std::optional<std::string> routing;
  std::optional<std::string> level;
  unsigned packet_flits = 8;
  std::vector<double> loads{0.1};
  uint64_t seed = 1;
  uint64_t warmup_cycles = 10'000;
  std::optional<uint64_t> cycles;
  std::string json;
  std::string svg;
};

/// What is measured: a bare mesh or the network of a package.
struct Subject {
  core::NoiDescription noi;
  std::string name;
  std::vector<std::string> labels;
};

void set_mesh(core::NoiDescription& noi, const std::string& text) {
  unsigned columns = 0;
  unsigned rows = 0;
  char x = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%u%c%u%c", &columns, &x, &rows, &rest) != 3 || x != 'x' || columns < 1 ||
      columns > 64 || rows < 1 || rows > 64) {
    throw core::UserError(
        fmt::format("--mesh: found '{}', allowed: WIDTHxHEIGHT such as 4x4, each 1 to 64", text));
  }
  noi.columns = columns;
  noi.rows = rows;
}

void set_pipeline(core::NoiDescription& noi, const std::string& text) {
  unsigned stages[4] = {1, 1, 1, 1};
  char rest = 0;
  if (text == "rd0") {
    stages[0] = 0;
  } else if (text != "p4" && (std::sscanf(text.c_str(), "%u,%u,%u,%u%c", &stages[0], &stages[1], &stages[2],
                                          &stages[3], &rest) != 4 ||
                              stages[0] > 16 || stages[1] < 1 || stages[1] > 16 || stages[2] < 1 ||
                              stages[2] > 16 || stages[3] < 1 || stages[3] > 16)) {
    throw core::UserError(
        fmt::format("--pipeline: found '{}', allowed: p4 (four stages of a cycle), rd0 (no cycle for "
                    "routing), or the cycles of routing,VC allocation,switch allocation,traversal "
                    "such as 1,1,1,1",
                    text));
  }
  noi.routing_cycles = stages[0];
  noi.vc_allocation_cycles = stages[1];
  noi.switch_allocation_cycles = stages[2];
  noi.traversal_cycles = stages[3];
}

template <class Enum>
Enum named(const char* option, const std::string& text) {
  std::vector<std::string_view> names;
  for (const auto& [value, name] : core::EnumNames<Enum>::values) {
    if (name == text) return value;
    names.push_back(name);
  }
  throw core::UserError(fmt::format("{}: found '{}', allowed: {}", option, text, fmt::join(names, ", ")));
}

Subject subject_of(const Options& options) {
  Subject subject;
  if (options.platform.empty()) {
    set_mesh(subject.noi, options.mesh);
    subject.name = options.mesh;
    // One port each way and a link of one cycle, as in other simulators.
    subject.noi.level = core::NoiLevel::flit;
    subject.noi.local_ports = 1;
    subject.noi.link.wire_length = 0;
    subject.noi.link.phy_latency = static_cast<uint64_t>(1e12 / subject.noi.router_clock);
  } else {
    const core::PlatformDescription platform =
        platform::load_platform(platform::ConfigDocument::from_file(options.platform, options.overrides));
    auto package = platform.packages.begin();
    if (!options.package.empty()) package = platform.packages.find(options.package);
    if (package == platform.packages.end()) {
      std::vector<std::string> names;
      for (const auto& [name, description] : platform.packages) names.push_back(name);
      throw core::UserError(
          fmt::format("--package: found '{}', allowed: {}", options.package, fmt::join(names, ", ")));
    }
    subject.noi = package->second.noi;
    subject.name = fmt::format("{} of {}", package->first, options.platform);
    subject.labels.resize(size_t{subject.noi.columns} * subject.noi.rows);
    for (const core::PlacementDescription& placement : package->second.nodes) {
      for (int y = placement.y.first; y <= placement.y.last; ++y) {
        for (int x = placement.x.first; x <= placement.x.last; ++x) {
          subject.labels[static_cast<size_t>(y) * subject.noi.columns + static_cast<size_t>(x)] =
              placement.type;
        }
      }
    }
  }
  core::NoiDescription& noi = subject.noi;
  if (options.level) noi.level = named<core::NoiLevel>("--level", *options.level);
  if (options.routing) noi.routing = named<core::NoiRouting>("--routing", *options.routing);
  if (options.vcs) noi.vcs = *options.vcs;
  if (options.buffer_flits) noi.buffer_flits = *options.buffer_flits;
  if (options.pipeline) set_pipeline(noi, *options.pipeline);
  if (options.link_cycles) {
    noi.link.phy_latency = static_cast<uint64_t>(*options.link_cycles * 1e12 / noi.router_clock);
    noi.link.wire_length = 0;
  }
  // What the generator calls a packet is one packet of the network, whatever its length.
  if (options.trace.empty())
    noi.max_packet_bytes = std::max(noi.max_packet_bytes, options.packet_flits * noi.flit_bytes);
  return subject;
}

/// So many cycles that the mean latency is known to some tenths of a percent at low loads too.
uint64_t enough_cycles(double load, unsigned packet_flits, unsigned nodes) {
  constexpr double packets = 20'000;
  constexpr double least = 30'000;
  constexpr double most = 2'000'000;
  return static_cast<uint64_t>(std::clamp(packets * packet_flits / (load * nodes), least, most));
}

std::vector<LoadPoint> points_of(const Options& options, const core::NoiDescription& noi) {
  std::vector<LoadPoint> points;
  if (!options.trace.empty()) {
    std::ifstream file(options.trace);
    if (!file) throw core::UserError(fmt::format("--trace: cannot read '{}'", options.trace));
    const auto trace = read_trace(file, noi.columns * noi.rows, options.trace);
    points.push_back(measure(*make_network(noi), noi, trace));
    return points;
  }
  const TrafficPattern pattern(options.traffic, noi.columns, noi.rows);
  for (const double load : options.loads) {
    if (!(load > 0 && load <= 1)) {
      throw core::UserError(
          fmt::format("--load: found {}, allowed: more than 0, at most 1 flit per node and cycle", load));
    }
    TrafficRun run;
    run.load = load;
    run.packet_flits = options.packet_flits;
    run.warmup_cycles = options.warmup_cycles;
    run.measured_cycles =
        options.cycles.value_or(enough_cycles(load, options.packet_flits, noi.columns * noi.rows));
    run.seed = options.seed;
    points.push_back(measure(*make_network(noi), noi, pattern, run));
  }
  return points;
}

nlohmann::ordered_json json_of(const Options& options, const Subject& subject,
                               const std::vector<LoadPoint>& points) {
  const core::NoiDescription& noi = subject.noi;
  const NoiTopology topology(noi);
  nlohmann::ordered_json json;
  json["network"] = subject.name;
  json["columns"] = noi.columns;
  json["rows"] = noi.rows;
  json["level"] = core::enum_name(noi.level);
  json["routing"] = core::enum_name(noi.routing);
  json["traffic"] = options.trace.empty() ? options.traffic : options.trace;
  json["vcs"] = noi.vcs;
  json["buffer_flits"] = noi.buffer_flits;
  json["packet_flits"] = options.packet_flits;
  json["pipeline_cycles"] = {noi.routing_cycles, noi.vc_allocation_cycles, noi.switch_allocation_cycles,
                             noi.traversal_cycles};
  json["seed"] = options.seed;
  json["points"] = nlohmann::ordered_json::array();
  for (const LoadPoint& point : points) {
    nlohmann::ordered_json entry;
    entry["load"] = point.load;
    entry["packet_latency_cycles"] = point.packet_latency_cycles;
    entry["accepted_flits_per_node_cycle"] = point.accepted_flits_per_node_cycle;
    entry["stable"] = point.stable;
    entry["packets"] = point.packets;
    entry["links"] = nlohmann::ordered_json::array();
    for (size_t link = 0; link < point.link_utilisation.size(); ++link) {
      entry["links"].push_back({{"from", topology.links()[link].from},
                                {"to", topology.links()[link].to},
                                {"utilisation", point.link_utilisation[link]}});
    }
    json["points"].push_back(entry);
  }
  return json;
}

void write(const std::string& file, const std::string& text) {
  if (file == "-") {
    fmt::print("{}", text);
    return;
  }
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw core::UserError(fmt::format("cannot write '{}'", file));
}

void run(const Options& options) {
  const Subject subject = subject_of(options);
  const std::vector<LoadPoint> points = points_of(options, subject.noi);
  if (options.json != "-" && options.svg != "-") {
    fmt::print("{} at {} level, {}\n", subject.name, core::enum_name(subject.noi.level),
               options.trace.empty() ? options.traffic : options.trace);
    fmt::print("{:>8} {:>22} {:>30} {:>20} {:>7}\n", "load", "latency (cycles)",
               "accepted (flits/node/cycle)", "busiest link", "stable");
    for (const LoadPoint& point : points) {
      double busiest = 0;
      for (const double utilisation : point.link_utilisation) busiest = std::max(busiest, utilisation);
      fmt::print("{:>8.4f} {:>22.2f} {:>30.4f} {:>18.1f} % {:>7}\n", point.load, point.packet_latency_cycles,
                 point.accepted_flits_per_node_cycle, 100 * busiest, point.stable ? "yes" : "no");
    }
  }
  if (!options.json.empty()) write(options.json, json_of(options, subject, points).dump(2) + "\n");
  if (!options.svg.empty()) {
    const LoadPoint& last = points.back();
    write(options.svg, platform::noi_heat_map(NoiTopology(subject.noi), last.link_utilisation, subject.labels,
                                              fmt::format("{}, {} level, load {:g}", subject.name,
                                                          core::enum_name(subject.noi.level), last.load)));
  }
}

const platform::CommandRegistration registration{[](CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("noi", "measures a network-on-interposer: latency, throughput, link loads");
  auto options = std::make_shared<Options>();
  auto* mesh =
      command->add_option("--mesh", options->mesh, "WIDTHxHEIGHT of a bare mesh")->capture_default_str();
  command->add_option("--platform", options->platform, "network of a package of this platform file")
      ->excludes(mesh);
  command->add_option("--package", options->package, "package of the platform; without it, the first");
  platform::add_set_option(*command, options->overrides);
  auto* traffic =
      command
          ->add_option("--traffic", options->traffic, "uniform, transpose, neighbour or hotspot:NODE:WEIGHT")
          ->capture_default_str();
  command->add_option("--trace", options->trace, "file of lines cycle,source,destination,bytes")
      ->excludes(traffic);
  command->add_option("--vcs", options->vcs, "virtual channels of an input")->check(CLI::Range(1, 32));
  command->add_option("--buffer-flits", options->buffer_flits, "buffer of a virtual channel")
      ->check(CLI::Range(1, 1024));
  command->add_option("--packet-flits", options->packet_flits, "length of a packet")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--link-cycles", options->link_cycles, "router cycles that a link takes")
      ->check(CLI::Range(1, 1000));
  command->add_option("--pipeline", options->pipeline,
                      "p4, rd0, or the cycles of the four stages such as 1,1,1,1");
  command->add_option("--routing", options->routing, "xy, yx, o1turn, west_first or table");
  command->add_option("--load", options->loads, "offered flits per node and cycle")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--seed", options->seed, "of the traffic")->capture_default_str();
  command->add_option("--level", options->level,
                      "flit or packet; without it, flit on a mesh and the platform's own");
  command->add_option("--warmup", options->warmup_cycles, "cycles before the measurement")
      ->capture_default_str();
  command->add_option("--cycles", options->cycles,
                      "cycles of the measurement; without it, enough for 20000 packets (30000 to 2000000)");
  command->add_option("--json", options->json, "writes the curve to this file, - for standard output");
  command->add_option("--svg", options->svg, "writes a heat map of the last load to this file");
  command->footer(
      "Examples:\n"
      "  duet-vp noi --mesh 4x4 --traffic uniform --load 0.1,0.2,0.3 --json -\n"
      "  duet-vp noi --mesh 6x4 --traffic hotspot:5:5 --level packet --load 0.2 --svg heat.svg");
  command->callback([options] { run(*options); });
}};

}  // namespace
