// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "duet/platform/run/result_output.hpp"

namespace duet::platform {
namespace {

using Json = nlohmann::ordered_json;

Json bounds_json(const ResourceTimes& bounds) {
  Json json;
  for (size_t i = 0; i < resource_names.size(); ++i)
    json[std::string(resource_names[i]) + "_s"] = bounds.seconds[i];
  return json;
}

Json kinds_json(const std::vector<KindResult>& kinds, const PhaseResult& phase) {
  Json list = Json::array();
  for (const KindResult& kind : kinds) {
    list.push_back({{"kind", kind.kind},
                    {"count", kind.count},
                    {"time_s", kind.time_s},
                    {"bound", name_of(kind.bounds.bound())},
                    {"macs", kind.macs},
                    {"bytes", kind.bytes},
                    {"flop_per_byte", kind.flop_per_byte()},
                    {"roofline_s", std::max(kind.macs / phase.peak_macs_per_s,
                                            kind.bytes / phase.memory_bandwidth_bytes_per_s)},
                    {"sram_stall_s", kind.sram_stall_s},
                    {"bounds", bounds_json(kind.bounds)}});
  }
  return list;
}

Json floorplan_json(const Floorplan& plan) {
  Json nodes = Json::array();
  for (const FloorplanNode& node : plan.nodes) {
    nodes.push_back({{"x", node.x},
                     {"y", node.y},
                     {"kind", node.kind},
                     {"name", node.name},
                     {"utilisation", node.utilisation}});
  }
  Json links = Json::array();
  for (const FloorplanLink& link : plan.links) {
    links.push_back(
        {{"from", link.from}, {"to", link.to}, {"bytes", link.bytes}, {"utilisation", link.utilisation}});
  }
  return {{"columns", plan.columns}, {"rows", plan.rows}, {"nodes", nodes}, {"links", links}};
}

Json driver_json(const PhaseResult& phase) {
  return {{"kind", phase.driver_kind},
          {"time_s", phase.driver_s},
          {"bus_time_s", phase.driver_access_s},
          {"instructions", phase.driver_instructions},
          {"restarts", phase.restarts}};
}

Json energy_json(const PhaseResult& phase) {
  const core::EnergyBreakdown& energy = phase.energy;
  Json parts = Json::array();
  const std::pair<const char*, double> list[] = {{"arrays", energy.arrays}, {"SFU", energy.sfu},
                                                 {"SRAM", energy.sram},     {"links", energy.links},
                                                 {"DRAM", energy.dram},     {"leakage", energy.leakage}};
  for (const auto& [name, joules] : list) parts.push_back({{"name", name}, {"energy_j", joules}});
  return {{"total_j", energy.total()}, {"average_power_w", phase.average_power_w}, {"parts", parts}};
}

Json timeline_json(const std::vector<TimelineEvent>& timeline) {
  constexpr double ps = 1e-12;
  Json list = Json::array();
  for (const TimelineEvent& event : timeline) {
    list.push_back({{"track", event.track},
                    {"name", event.name},
                    {"start_s", static_cast<double>(event.begin_ps) * ps},
                    {"duration_s", static_cast<double>(event.end_ps - event.begin_ps) * ps},
                    {"category", event.category}});
  }
  return list;
}

Json over_time_json(const UtilisationOverTime& utilisation) {
  Json series = Json::array();
  for (const auto& [name, values] : utilisation.series)
    series.push_back({{"name", name}, {"values", values}});
  return {{"interval_s", utilisation.interval_s}, {"series", series}};
}

void add_details(const PhaseResult& phase, Json& json) {
  if (!phase.timeline.empty()) json["timeline"] = timeline_json(phase.timeline);
  if (phase.protocol_violations) json["protocol_violations"] = *phase.protocol_violations;
  for (const auto& [name, counters] : phase.modules) {
    for (const NodeModuleCounter& counter : counters) json["modules"][name][counter.name] = counter.value;
  }
  if (phase.timeline_dropped > 0) json["timeline_dropped"] = phase.timeline_dropped;
  if (!phase.utilisation_over_time.series.empty())
    json["utilisation_over_time"] = over_time_json(phase.utilisation_over_time);
}

Json phase_json(const PhaseResult& phase) {
  Json json{{"package", phase.package},
            {"bound", name_of(phase.bounds.bound())},
            {"time_s", phase.time_s},
            {"completion_s", phase.completion_s},
            {"hand_over_tail_s", phase.hand_over_tail_s()},
            {"roofline_s", phase.roofline_s},
            {"bounds", bounds_json(phase.bounds)},
            {"memory_bandwidth_utilisation", phase.memory_bandwidth_utilisation()},
            {"compute_utilisation", phase.compute_utilisation()},
            {"peak_macs_per_s", phase.peak_macs_per_s},
            {"memory_bandwidth_bytes_per_s", phase.memory_bandwidth_bytes_per_s},
            {"macs", phase.macs},
            {"macs_per_s", phase.macs_per_s()},
            {"flop_per_s", 2 * phase.macs_per_s()},
            {"memory_bytes", phase.memory_bytes},
            {"memory_bytes_read", phase.memory_bytes_read},
            {"inter_package_bytes", phase.remote_bytes},
            {"driver_share", phase.driver_share()},
            {"driver", driver_json(phase)},
            {"descriptors", phase.descriptors},
            {"doorbells", phase.doorbells},
            {"interrupts", phase.interrupts},
            {"mode_switches", phase.mode_switches},
            {"mode_switch_s", phase.mode_switch_s},
            {"utilisation",
             {{"arrays", phase.array_utilisation},
              {"links", phase.link_utilisation},
              {"links_max", phase.link_utilisation_max},
              {"memory", phase.memory_bandwidth_utilisation()},
              {"inter_package_link", phase.remote_link_utilisation}}},
            {"layers", phase.layers},
            {"simulated_layers", phase.simulated_layers},
            {"delta_cycles", phase.delta_cycles},
            {"transactions", phase.transactions},
            {"wall_time_s", phase.wall_s},
            {"energy", energy_json(phase)},
            {"layer_kinds", kinds_json(phase.layer_kinds, phase)},
            {"stage_kinds", kinds_json(phase.stage_kinds, phase)},
            {"floorplan", floorplan_json(phase.floorplan)}};
  add_details(phase, json);
  return json;
}

// The parts of the chiplet from the published 7 nm components; the overhead is 40 % on top of them.
Json area_json(const std::vector<PackageArea>& areas) {
  const core::AreaTable table;
  Json packages = Json::array();
  for (const PackageArea& area : areas) {
    if (area.chiplets == 0) continue;
    const core::ChipletArea& chiplet = area.hydra;
    const double whole = chiplet.overhead_added(table);
    Json parts = Json::array();
    for (const auto& [name, mm2] :
         {std::pair("arrays", chiplet.arrays), std::pair("SRAM", chiplet.sram), std::pair("SFU", chiplet.sfu),
          std::pair("D2D PHYs", chiplet.d2d_phy), std::pair("bumps", chiplet.bumps),
          std::pair("overhead", whole - chiplet.components())}) {
      parts.push_back({{"name", name}, {"area_mm2", mm2}});
    }
    packages.push_back({{"name", area.package},
                        {"chiplet_mm2", whole},
                        {"chiplet_overhead_share_mm2", chiplet.overhead_share(table)},
                        {"chiplet_limit_mm2", area.chiplet_limit_mm2},
                        {"parts", parts},
                        {"interposer_mm2", area.interposer_mm2},
                        {"interposer_limit_mm2", area.interposer_limit_mm2}});
  }
  return {{"packages", packages}};
}

Json memory_json(const std::vector<MemoryNeed>& needs) {
  Json list = Json::array();
  for (const MemoryNeed& need : needs) {
    list.push_back({{"package", need.package},
                    {"weight_bytes", need.weight_bytes},
                    {"cache_bytes", need.cache_bytes},
                    {"activation_bytes", need.activation_bytes},
                    {"sum_bytes", need.sum()},
                    {"capacity_bytes", need.capacity_bytes}});
  }
  return list;
}

Json point_json(const PointResult& point) {
  Json json{{"batch", point.batch}, {"fits", point.fits}};
  if (!point.fits) json["reason"] = point.reason;
  if (point.partial) json["partial"] = true;
  json["memory"] = memory_json(point.memory);
  if (!point.fits) return json;
  if (point.prefill) json["ttft_s"] = point.ttft_s;
  if (!point.partial) {
    json["tbt_s"] = point.tbt_s;
    json["throughput_tokens_per_s"] = point.throughput_tokens_per_s();
  }
  json["context_tokens"] = point.contexts;
  json["wall_time_s"] = point.wall_s;
  if (point.prefill) json["prefill"] = phase_json(*point.prefill);
  if (point.decode) json["decode"] = phase_json(*point.decode);
  return json;
}

}  // namespace

Json result_json(const RunResult& result) {
  Json json{{"kind", "run"},
            {"title", fmt::format("{} on {}, {}", result.model, result.platform, result.workload)},
            {"platform", result.platform},
            {"model", result.model},
            {"workload", result.workload},
            {"levels", result.levels},
            {"reuse_layers", result.reuse_layers},
            {"wall_time_s", result.wall_s},
            {"prompt_tokens", result.prompt_tokens},
            {"output_tokens", result.output_tokens}};
  if (result.partial) json["partial"] = true;
  json["notes"] = {
      "Time to first token: start of the prefill to the first token of the whole batch; the rest of the "
      "hand-over after it is hand_over_tail_s.",
      "Throughput is batch / TBT of the decode package."};
  if (!result.warnings.empty()) json["warnings"] = result.warnings;
  json["points"] = Json::array();
  for (const PointResult& point : result.points) json["points"].push_back(point_json(point));
  json["summary"] = Json::object();
  for (const auto& [name, value] : summarise(result)) json["summary"][name] = value;
  json["area"] = area_json(result.area);
  return json;
}

}  // namespace duet::platform
