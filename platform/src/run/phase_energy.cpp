// SPDX-License-Identifier: Apache-2.0
#include "phase_energy.hpp"

#include "duet/core/memory_description.hpp"

namespace duet::platform {
namespace {

constexpr double milliwatt = 1e-3;

void add_built_in(const core::NodeTypeDescription& type, core::Activity& activity) {
  activity.clock_hz = type.clock_hz;
  activity.sram_capacity_bytes += static_cast<double>(type.sram_bytes());
  if (const auto& array = type.systolic)
    activity.systolic_pes += static_cast<double>(array->count) * array->rows * array->columns;
  if (const auto& array = type.vector)
    activity.vector_lanes += static_cast<double>(array->count) * array->rows * array->columns * array->lanes;
}

}  // namespace

core::Activity phase_activity(const core::PackageLayout& package, const workload::Program& program,
                              const ArrayActivity& arrays, const PhaseResult& phase, const ProgramRun& run,
                              double growth) {
  core::Activity activity;
  activity.seconds = phase.completion_s;
  activity.systolic_pe_cycles = arrays.systolic_pe_cycles;
  activity.vector_lane_cycles = arrays.vector_lane_cycles;
  activity.tensor_core_macs = arrays.tensor_core_macs;
  activity.sram_bytes = arrays.sram_bytes;
  for (const workload::StagePlan& stage : program.stages)
    activity.functions += static_cast<double>(stage.functions);
  for (const core::NodeInstance& node : package.compute) add_built_in(*node.type, activity);
  for (const FloorplanLink& link : phase.floorplan.links)
    activity.d2d_bytes_hops += static_cast<double>(link.bytes) * growth;
  activity.package_link_bytes = phase.remote_bytes;
  // All memory nodes of a package are of one standard in every shipped platform; the first one speaks for
  // all.
  const core::MemoryDescription& memory = *package.memory.front().type->memory;
  const core::DramEnergy& dram = core::standard_of(memory).energy;
  activity.dram_command_pj = run.memory.command_energy_pj(dram) * growth;
  for (const core::NodeInstance& node : package.memory) {
    activity.dram_background_w += milliwatt * dram.background_mw * core::pseudo_channels(*node.type->memory);
  }
  return activity;
}

}  // namespace duet::platform
