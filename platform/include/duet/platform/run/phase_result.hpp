// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duet/core/energy_model.hpp"
#include "duet/platform/module/node_module.hpp"
#include "duet/platform/run/resource_times.hpp"

namespace duet::platform {

/// What one stage (one pass over the arrays, or a move beside them) took and was predicted to take.
struct StageResult {
  std::string name;
  std::string layer_kind;
  std::string kind;
  std::string split;  ///< the mapper's choice
  std::uint64_t layer = 0;
  bool beside = false;    ///< a move that runs beside the arrays; takes no time of its own
  bool simulated = true;  ///< false: the time is that of identical layers
  double time_s = 0;      ///< its last completion after that of the stage before it
  double predicted_s = 0;
  ResourceTimes bounds;
  double macs = 0;
  double bytes = 0;         ///< from and to memory
  double sram_stall_s = 0;  ///< measured, on the chiplet that stalled longest
  double mode_switch_s = 0;
};

/// Stages or layers of one kind together.
struct KindResult {
  std::string kind;
  std::uint64_t count = 0;
  double time_s = 0;
  ResourceTimes bounds;
  double macs = 0;
  double bytes = 0;
  double sram_stall_s = 0;

  [[nodiscard]] double flop_per_byte() const { return bytes > 0 ? 2 * macs / bytes : 0; }
};

struct FloorplanNode {
  int x = 0;
  int y = 0;
  std::string kind;  ///< compute, memory_phy, hbm, link_port
  std::string name;
  double utilisation = 0;
};

struct FloorplanLink {
  std::size_t from = 0;  ///< indices of nodes
  std::size_t to = 0;
  std::uint64_t bytes = 0;
  double utilisation = 0;
};

struct Floorplan {
  unsigned columns = 0;
  unsigned rows = 0;
  std::vector<FloorplanNode> nodes;
  std::vector<FloorplanLink> links;
};

/// Something that lasted: a descriptor on an engine, a load of a link or a memory node, a hand-over.
struct TimelineEvent {
  std::string track;  ///< "chiplet_x1_y0.systolic", "noi.link[3->4]", "driver"
  std::string name;
  std::string category;   ///< what it is coloured by
  uint64_t begin_ps = 0;  ///< from the begin of the phase
  uint64_t end_ps = 0;
};

/// Means over equal intervals, as ratios.
struct UtilisationOverTime {
  double interval_s = 0;
  std::vector<std::pair<std::string, std::vector<double>>> series;
};

/// What was measured of one phase on its package. Utilisations are ratios over `completion_s`. With
/// reused layers, times, bytes and multiply-accumulates are those of the whole model, the utilisations of
/// links and nodes those of the simulated layers.
struct PhaseResult {
  std::string package;
  double time_s = 0;        ///< prefill: until the first token; decode: one step
  double completion_s = 0;  ///< until the driver knows that everything is done, caches handed over
  double roofline_s = 0;    ///< the larger of MACs / peak and bytes / bandwidth
  ResourceTimes bounds;

  double macs = 0;
  double memory_bytes = 0;  ///< read and written at the memory controllers
  double memory_bytes_read = 0;
  double remote_bytes = 0;  ///< to the other package
  double peak_macs_per_s = 0;
  double memory_bandwidth_bytes_per_s = 0;

  double array_utilisation = 0;  ///< share of time in which the arrays of a chiplet work, mean
  double link_utilisation = 0;   ///< mean over the D2D links of the package
  double link_utilisation_max = 0;
  double remote_link_utilisation = 0;

  std::string driver_kind;     ///< native, riscv, external
  double driver_s = 0;         ///< the driver's processor was at work, not waiting for an interrupt
  double driver_access_s = 0;  ///< of that, on its bus
  std::uint64_t driver_instructions = 0;             ///< riscv
  std::uint64_t restarts = 0;                        ///< of single chiplets that reported an error or hung
  std::optional<std::uint64_t> protocol_violations;  ///< with `check`: seen on all sockets
  std::uint64_t descriptors = 0;
  std::uint64_t doorbells = 0;
  std::uint64_t interrupts = 0;
  std::uint64_t mode_switches = 0;
  double mode_switch_s = 0;  ///< on the chiplet with most of them

  core::EnergyBreakdown energy;  ///< over completion_s
  double average_power_w = 0;

  std::vector<StageResult> stages;
  std::vector<KindResult> layer_kinds;
  std::vector<KindResult> stage_kinds;
  Floorplan floorplan;
  std::vector<TimelineEvent> timeline;  ///< of the simulated layers; only with RunObserver::timeline_events
  std::uint64_t timeline_dropped = 0;   ///< events beyond the limit
  UtilisationOverTime utilisation_over_time;  ///< likewise

  std::map<std::string, std::vector<NodeModuleCounter>> modules;  ///< the user's own, by name

  std::uint64_t layers = 0;            ///< of the model
  std::uint64_t simulated_layers = 0;  ///< fewer with reused layers
  bool stands_for_whole = true;        ///< false: the simulated layers turned out to be too few
  std::uint64_t delta_cycles = 0;
  std::uint64_t transactions = 0;
  double wall_s = 0;

  [[nodiscard]] double macs_per_s() const { return macs / time_s; }
  [[nodiscard]] double compute_utilisation() const { return macs_per_s() / peak_macs_per_s; }
  [[nodiscard]] double memory_bandwidth_utilisation() const {
    return memory_bytes / (memory_bandwidth_bytes_per_s * completion_s);
  }
  [[nodiscard]] double hand_over_tail_s() const { return completion_s - time_s; }
  [[nodiscard]] double driver_share() const {
    return std::min(1.0, driver_s / completion_s);  // a slow driver still works before and after the phase
  }
};

}  // namespace duet::platform
