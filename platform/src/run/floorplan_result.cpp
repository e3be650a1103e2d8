// SPDX-License-Identifier: Apache-2.0
#include "floorplan_result.hpp"

#include <map>

namespace duet::platform {
namespace {

double array_busy_ps(const models::Chiplet& chiplet) {
  double busiest = 0;
  for (const duet_engine kind : {DUET_ENGINE_SYSTOLIC, DUET_ENGINE_VECTOR}) {
    const models::Engine* engine = chiplet.engine(kind);
    if (engine != nullptr) busiest = std::max(busiest, static_cast<double>(engine->busy_ps()));
  }
  return busiest;
}

std::string memory_kind(const core::NodeInstance& node) {
  const std::string& standard = node.type->memory->standard;
  return standard.starts_with("hbm") ? "hbm" : "memory_phy";
}

}  // namespace

Floorplan measure_floorplan(PackageModule& package, const ProgramRun& run) {
  const core::PackageLayout& layout = package.layout();
  const auto time_ps = static_cast<double>(run.end_ps - run.start_ps);
  Floorplan plan;
  plan.columns = static_cast<unsigned>(layout.description->noi.columns);
  plan.rows = static_cast<unsigned>(layout.description->noi.rows);
  std::map<unsigned, size_t> index;
  for (const core::NodeInstance& node : layout.nodes) {
    FloorplanNode result{node.x, node.y, "link_port", node.name, 0};
    if (node.kind == core::NodeKind::compute) {
      result.kind = "compute";
      result.utilisation = array_busy_ps(*package.chiplets()[node.ordinal]) / time_ps;
    } else if (node.kind == core::NodeKind::memory) {
      const memory::MemoryNode& memory = *package.memories()[node.ordinal];
      const memory::MemoryCounters counters = memory.counters();
      result.kind = memory_kind(node);
      result.utilisation = static_cast<double>(counters.bytes_read + counters.bytes_written) /
                           (memory.peak_bytes_per_second() * time_ps * 1e-12);
    }
    index[node.node] = plan.nodes.size();
    plan.nodes.push_back(std::move(result));
  }
  for (const auto& [name, module] : package.modules()) {
    index[module.node] = plan.nodes.size();
    plan.nodes.push_back({module.x, module.y, "module", name, 0});
  }
  const auto& network = package.noi().network();
  const auto& links = network.topology().links();
  for (size_t i = 0; i < links.size(); ++i) {
    const auto from = index.find(links[i].from);
    const auto to = index.find(links[i].to);
    if (from == index.end() || to == index.end()) continue;
    const auto id = static_cast<tlm_interconnect::LinkId>(i);
    plan.links.push_back(
        {from->second, to->second, network.link_bytes(id), network.link_busy_ps(id) / time_ps});
  }
  return plan;
}

}  // namespace duet::platform
