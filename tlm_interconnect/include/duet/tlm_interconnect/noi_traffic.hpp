// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/noi_description.hpp"
#include "duet/tlm_interconnect/network_model.hpp"

namespace duet::tlm_interconnect {

/// Where packets go. Dally and Towles, Principles and Practices of Interconnection Networks, section 3.2.
class TrafficPattern {
 public:
  /// "uniform", "transpose" (y * W + x sends to x * H + y), "neighbour" (one to the east and one to the
  /// south, both with wrap), or "hotspot:NODE:WEIGHT" (NODE is WEIGHT times as likely as any other). Uniform
  /// and hotspot include the sender itself. Throws core::UserError.
  TrafficPattern(std::string_view text, unsigned columns, unsigned rows);
  /// Destination of a packet from `source`; `random` is uniform in [0, 1).
  [[nodiscard]] NodeId destination(NodeId source, double random) const;

 private:
  enum class Kind : uint8_t { uniform, transpose, neighbour, hotspot };
  Kind kind_ = Kind::uniform;
  unsigned columns_;
  unsigned rows_;
  NodeId hotspot_ = 0;
  double weight_ = 1;
};

/// A packet of a trace.
struct TracePacket {
  uint64_t cycle = 0;
  NodeId source = 0;
  NodeId destination = 0;
  uint64_t bytes = 0;
};

/// Reads lines "cycle,source,destination,bytes" ('#' starts a comment), sorted by cycle afterwards.
/// Throws core::UserError with the line.
std::vector<TracePacket> read_trace(std::istream& in, NodeId nodes, std::string_view name);

/// How to measure one point of a latency-load curve.
struct TrafficRun {
  double load = 0.1;  ///< flits per node and cycle
  unsigned packet_flits = 8;
  uint64_t warmup_cycles = 10'000;
  uint64_t measured_cycles = 30'000;
  uint64_t drain_cycles = 50'000;  ///< after that, measured packets that are still inside mean instability
  double unstable_latency_cycles = 500;  ///< as BookSim's latency_thres
  uint64_t seed = 1;
};

struct LoadPoint {
  double load = 0;
  double packet_latency_cycles = 0;  ///< mean, source queue included
  double accepted_flits_per_node_cycle = 0;
  bool stable = true;
  uint64_t packets = 0;
  uint64_t flit_hops = 0;                ///< over links, warm-up and drain included
  std::vector<double> link_utilisation;  ///< by link, in the measured time
};

/// Feeds a fresh network with Bernoulli packets, every node alike, and measures those that are created
/// after the warm-up. Same seed, same result.
LoadPoint measure(NetworkModel& network, const core::NoiDescription& description,
                  const TrafficPattern& pattern, const TrafficRun& run);
/// The same for a trace: `load` is what it offers on average.
LoadPoint measure(NetworkModel& network, const core::NoiDescription& description,
                  const std::vector<TracePacket>& trace);

}  // namespace duet::tlm_interconnect
