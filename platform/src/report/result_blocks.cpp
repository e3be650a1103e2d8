// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/report/result_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace duet::platform {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array engine_names{"systolic", "vector", "mover"};
constexpr double ps = 1e-12;

double ratio(double part, double whole) {
  return whole > 0 ? std::min(part / whole, 1.0) : 0;
}

double seconds_between(const PackageActivity& before, const PackageActivity& after) {
  return static_cast<double>(after.time_ps - before.time_ps) * ps;
}

struct KindSum {
  std::string name;
  uint64_t count = 0;
  double time_s = 0;
  double macs = 0;
  double bytes = 0;
  double compute_s = 0;
  double sram_s = 0;
  double noi_s = 0;
  double memory_s = 0;
  double link_s = 0;

  [[nodiscard]] const char* bound() const {
    const std::array<std::pair<double, const char*>, 5> bounds{
        {{compute_s, "compute"}, {sram_s, "sram"}, {noi_s, "noi"}, {memory_s, "memory"}, {link_s, "link"}}};
    return std::max_element(bounds.begin(), bounds.end(),
                            [](const auto& a, const auto& b) { return a.first < b.first; })
        ->second;
  }
};

// Of each stage: when its last chiplet was done, and the longest time that its arrays need with their SRAM.
struct StageTimes {
  uint64_t end_ps = 0;
  uint64_t arrays_ps = 0;
};

std::vector<StageTimes> stage_times(const ProgramRun& run, size_t stages) {
  std::vector<StageTimes> times(stages);
  for (const models::JobRecord& record : run.records) {
    if (record.layer >= stages) continue;
    StageTimes& stage = times[record.layer];
    stage.end_ps = std::max(stage.end_ps, record.end_ps);
    if (record.sram_stall_ps != 0) {
      stage.arrays_ps = std::max(stage.arrays_ps, record.compute_ps + record.sram_stall_ps);
    }
  }
  return times;
}

double memory_bytes_between(const PackageActivity& before, const PackageActivity& after) {
  double bytes = 0;
  for (size_t i = 0; i < after.memory_bytes.size(); ++i) {
    bytes += static_cast<double>(after.memory_bytes[i] - before.memory_bytes[i]);
  }
  return bytes;
}

double mean_busy(const std::vector<double>& before, const std::vector<double>& after, double elapsed_ps) {
  double sum = 0;
  for (size_t i = 0; i < after.size(); ++i) sum += ratio(after[i] - before[i], elapsed_ps);
  return after.empty() ? 0 : sum / static_cast<double>(after.size());
}

}  // namespace

PackageActivity activity_of(PackageModule& package) {
  PackageActivity activity;
  activity.time_ps = sc_core::sc_time_stamp().value();
  for (const auto& chiplet : package.chiplets()) {
    uint64_t busy_ps = 0;
    for (const auto kind : {DUET_ENGINE_SYSTOLIC, DUET_ENGINE_VECTOR}) {
      if (const models::Engine* engine = chiplet->engine(kind))
        busy_ps = std::max(busy_ps, engine->busy_ps());
    }
    activity.chiplet_busy_ps.push_back(static_cast<double>(busy_ps));
  }
  for (const auto& memory : package.memories()) {
    const memory::MemoryCounters counters = memory->counters();
    activity.memory_bytes.push_back(counters.bytes_read + counters.bytes_written);
  }
  const auto& network = package.noi().network();
  for (uint32_t link = 0; link < network.topology().links().size(); ++link) {
    activity.link_bytes.push_back(network.link_bytes(link));
    activity.link_busy_ps.push_back(network.link_busy_ps(link));
  }
  return activity;
}

Json layer_kinds_block(const ProgramRun& run, const workload::Program& program) {
  const std::vector<StageTimes> times = stage_times(run, program.stages.size());
  std::map<std::string, size_t> index;
  std::vector<KindSum> sums;
  uint64_t before_ps = run.start_ps;
  for (size_t i = 0; i < program.stages.size(); ++i) {
    const workload::StagePlan& stage = program.stages[i];
    const std::string name =
        fmt::format("{} {}", workload::kind_name(stage.layer_kind), workload::kind_name(stage.kind));
    const auto [found, added] = index.emplace(name, sums.size());
    if (added) sums.push_back({name});
    KindSum& sum = sums[found->second];
    ++sum.count;
    if (times[i].end_ps > before_ps) sum.time_s += static_cast<double>(times[i].end_ps - before_ps) * ps;
    before_ps = std::max(before_ps, times[i].end_ps);
    sum.macs += static_cast<double>(stage.macs);
    sum.bytes += static_cast<double>(stage.memory_bytes);
    sum.compute_s += stage.compute_s;
    sum.sram_s += static_cast<double>(times[i].arrays_ps) * ps;
    sum.noi_s += stage.noi_s;
    sum.memory_s += stage.memory_s;
    sum.link_s += stage.link_s;
  }
  Json block = Json::array();
  for (const KindSum& sum : sums) {
    block.push_back({{"kind", sum.name},
                     {"count", sum.count},
                     {"time_s", sum.time_s},
                     {"bound", sum.bound()},
                     {"macs", sum.macs},
                     {"bytes", sum.bytes},
                     {"flop_per_byte", sum.bytes > 0 ? Json(2 * sum.macs / sum.bytes) : Json()},
                     {"bounds",
                      {{"compute_s", sum.compute_s},
                       {"sram_s", sum.sram_s},
                       {"noi_s", sum.noi_s},
                       {"memory_s", sum.memory_s},
                       {"link_s", sum.link_s}}}});
  }
  return block;
}

Json timeline_block(const ProgramRun& run, const workload::Program& program,
                    const core::PackageLayout& layout, size_t limit) {
  Json block = Json::array();
  for (const models::JobRecord& record : run.records) {
    if (block.size() == limit) break;
    if (record.chiplet >= layout.compute.size() || record.engine >= engine_names.size()) continue;
    const bool known = record.layer < program.stages.size();
    block.push_back(
        {{"track", fmt::format("{}.{}", layout.compute[record.chiplet].name, engine_names[record.engine])},
         {"name", known ? program.stages[record.layer].name : fmt::format("layer {}", record.layer)},
         {"start_s", static_cast<double>(record.start_ps - run.start_ps) * ps},
         {"duration_s", static_cast<double>(record.end_ps - record.start_ps) * ps},
         {"category", known ? workload::kind_name(program.stages[record.layer].kind) : "other"}});
  }
  return block;
}

size_t timeline_dropped(const ProgramRun& run, size_t limit) {
  return run.records.size() > limit ? run.records.size() - limit : 0;
}

Json floorplan_block(PackageModule& package, const PackageActivity& before, const PackageActivity& after) {
  const core::PackageLayout& layout = package.layout();
  const double elapsed_s = seconds_between(before, after);
  const auto& topology = package.noi().network().topology();
  Json nodes = Json::array();
  std::vector<int> index_of(topology.nodes(), -1);
  for (const core::NodeInstance& node : layout.nodes) {
    index_of[node.node] = static_cast<int>(nodes.size());
    Json entry = {{"x", node.x}, {"y", node.y}, {"name", node.name}};
    if (node.kind == core::NodeKind::compute) {
      entry["kind"] = "compute";
      entry["utilisation"] =
          ratio((after.chiplet_busy_ps[node.ordinal] - before.chiplet_busy_ps[node.ordinal]) * ps, elapsed_s);
    } else if (node.kind == core::NodeKind::memory) {
      entry["kind"] = "memory";
      const auto bytes =
          static_cast<double>(after.memory_bytes[node.ordinal] - before.memory_bytes[node.ordinal]);
      entry["utilisation"] =
          ratio(bytes, package.memories()[node.ordinal]->peak_bytes_per_second() * elapsed_s);
    } else {
      entry["kind"] = "link_port";
    }
    nodes.push_back(std::move(entry));
  }
  Json links = Json::array();
  for (uint32_t link = 0; link < topology.links().size(); ++link) {
    const auto& ends = topology.links()[link];
    if (index_of[ends.from] < 0 || index_of[ends.to] < 0) continue;
    links.push_back(
        {{"from", index_of[ends.from]},
         {"to", index_of[ends.to]},
         {"bytes", after.link_bytes[link] - before.link_bytes[link]},
         {"utilisation", ratio((after.link_busy_ps[link] - before.link_busy_ps[link]) * ps, elapsed_s)}});
  }
  return {{"columns", topology.columns()}, {"rows", topology.rows()}, {"nodes", nodes}, {"links", links}};
}

Json utilisation_block(PackageModule& package, const PackageActivity& before, const PackageActivity& after) {
  const double elapsed_s = seconds_between(before, after);
  const double peak = package.layout().peak_memory_bytes_per_second();
  return {{"arrays", mean_busy(before.chiplet_busy_ps, after.chiplet_busy_ps, elapsed_s / ps)},
          {"links", mean_busy(before.link_busy_ps, after.link_busy_ps, elapsed_s / ps)},
          {"memory", ratio(memory_bytes_between(before, after), peak * elapsed_s)}};
}

Json utilisation_over_time_block(PackageModule& package, const std::vector<PackageActivity>& moments) {
  if (moments.size() < 2) return {};
  Json series = Json::array();
  for (const char* name : {"arrays", "links", "memory"})
    series.push_back({{"name", name}, {"values", Json::array()}});
  for (size_t i = 1; i < moments.size(); ++i) {
    const Json means = utilisation_block(package, moments[i - 1], moments[i]);
    for (Json& line : series) line["values"].push_back(means[line["name"].get<std::string>()]);
  }
  return {{"interval_s", seconds_between(moments[0], moments[1])}, {"series", series}};
}

}  // namespace duet::platform
