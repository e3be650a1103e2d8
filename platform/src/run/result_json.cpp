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

Json phase_json(const PhaseResult& phase) {
  return {{"package", phase.package},
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
          {"layer_kinds", kinds_json(phase.layer_kinds, phase)},
          {"stage_kinds", kinds_json(phase.stage_kinds, phase)},
          {"floorplan", floorplan_json(phase.floorplan)}};
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
  json["memory"] = memory_json(point.memory);
  if (!point.fits) return json;
  json["ttft_s"] = point.ttft_s;
  json["tbt_s"] = point.tbt_s;
  json["throughput_tokens_per_s"] = point.throughput_tokens_per_s();
  json["context_tokens"] = point.contexts;
  json["wall_time_s"] = point.wall_s;
  json["prefill"] = phase_json(*point.prefill);
  json["decode"] = phase_json(*point.decode);
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
  json["notes"] = {
      "Time to first token: start of the prefill to the first token of the whole batch; the rest of the "
      "hand-over after it is hand_over_tail_s.",
      "Throughput is batch / TBT of the decode package."};
  json["points"] = Json::array();
  for (const PointResult& point : result.points) json["points"].push_back(point_json(point));
  json["summary"] = Json::object();
  for (const auto& [name, value] : summarise(result)) json["summary"][name] = value;
  return json;
}

}  // namespace duet::platform
