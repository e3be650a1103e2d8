// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "duet/platform/run/result_output.hpp"

namespace duet::platform {
namespace {

std::string time_text(double seconds) {
  if (seconds >= 1) return fmt::format("{:.3f} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.3f} ms", seconds * 1e3);
  return fmt::format("{:.2f} us", seconds * 1e6);
}

std::string bytes_text(double bytes) {
  if (bytes >= 1e12) return fmt::format("{:.2f} TB", bytes * 1e-12);
  if (bytes >= 1e9) return fmt::format("{:.2f} GB", bytes * 1e-9);
  return fmt::format("{:.2f} MB", bytes * 1e-6);
}

std::string percent(double ratio) {
  return fmt::format("{:.1f} %", ratio * 100);
}

std::string points_text(const RunResult& result) {
  std::string text = fmt::format("{:>6} {:>12} {:>12} {:>12} {:>10} {:>10} {:>10} {:>10}\n", "batch", "TTFT",
                                 "TBT", "tokens/s", "prefill by", "MAC util.", "decode by", "mem util.");
  for (const PointResult& point : result.points) {
    if (!point.fits) {
      text += fmt::format("{:>6} does not fit: {}\n", point.batch, point.reason);
      continue;
    }
    if (point.partial) {
      text += fmt::format("{:>6} {:>12} interrupted\n", point.batch,
                          point.prefill ? time_text(point.ttft_s) : "");
      continue;
    }
    text += fmt::format("{:>6} {:>12} {:>12} {:>12.1f} {:>10} {:>10} {:>10} {:>10}\n", point.batch,
                        time_text(point.ttft_s), time_text(point.tbt_s), point.throughput_tokens_per_s(),
                        name_of(point.prefill->bounds.bound()), percent(point.prefill->compute_utilisation()),
                        name_of(point.decode->bounds.bound()),
                        percent(point.decode->memory_bandwidth_utilisation()));
  }
  const auto summary = summarise(result);
  const auto value = [&](std::string_view name) {
    return std::ranges::find(summary, name, &std::pair<std::string, double>::first)->second;
  };
  if (result.points.size() > 1 && summary.size() > 1) {
    text +=
        fmt::format("  mean {:>12} {:>12} {:>12.1f}\nmedian {:>12} {:>12}\n", time_text(value("mean_ttft_s")),
                    time_text(value("mean_tbt_s")), value("mean_throughput_tokens_per_s"),
                    time_text(value("median_ttft_s")), time_text(value("median_tbt_s")));
  }
  return text;
}

double roofline_s(const KindResult& kind, const PhaseResult& phase) {
  return std::max(kind.macs / phase.peak_macs_per_s, kind.bytes / phase.memory_bandwidth_bytes_per_s);
}

std::string kinds_text(std::string_view title, const std::vector<KindResult>& kinds,
                       const PhaseResult& phase) {
  std::string text =
      fmt::format("  {:<14} {:>5} {:>9} {:>6} {:<8} {:>9} {:>9} {:>9} {:>9} {:>9}\n", title, "count", "ms",
                  "share", "bound", "compute", "SRAM", "NoI", "memory", "roofline");
  for (const KindResult& kind : kinds) {
    text += fmt::format(
        "  {:<14} {:>5} {:>9.3f} {:>4.0f} % {:<8} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f}\n", kind.kind,
        kind.count, kind.time_s * 1e3, kind.time_s / phase.time_s * 100, name_of(kind.bounds.bound()),
        kind.bounds[Resource::compute] * 1e3, kind.bounds[Resource::sram] * 1e3,
        kind.bounds[Resource::noi] * 1e3, kind.bounds[Resource::memory] * 1e3, roofline_s(kind, phase) * 1e3);
  }
  return text;
}

/// Says why single lines may be below their roofline, if some are. The phase never is.
std::string below_roofline_text(const PhaseResult& phase) {
  const auto below = [&](const KindResult& kind) { return kind.time_s < roofline_s(kind, phase); };
  if (std::ranges::none_of(phase.layer_kinds, below) && std::ranges::none_of(phase.stage_kinds, below))
    return {};
  return "  (below its roofline: what was fetched or moved while the arrays worked on other layers)\n";
}

std::string phase_text(std::string_view name, const PhaseResult& phase) {
  std::string text = fmt::format("\n{} on package '{}': {}, held by {}\n  roofline {} ({} of the time)\n",
                                 name, phase.package, time_text(phase.time_s), name_of(phase.bounds.bound()),
                                 time_text(phase.roofline_s), percent(phase.roofline_s / phase.time_s));
  text += kinds_text("layers", phase.layer_kinds, phase);
  text += kinds_text("kernels", phase.stage_kinds, phase);
  text += below_roofline_text(phase);
  text +=
      fmt::format("  arrays     {} of {:.3g} MAC/s ({:.3g} MAC/s = {:.3g} FLOP/s); at work {} of the time\n",
                  percent(phase.compute_utilisation()), phase.peak_macs_per_s, phase.macs_per_s(),
                  2 * phase.macs_per_s(), percent(phase.array_utilisation));
  text += fmt::format("  memory     {} of {}/s; {} moved, {} of them read\n",
                      percent(phase.memory_bandwidth_utilisation()),
                      bytes_text(phase.memory_bandwidth_bytes_per_s), bytes_text(phase.memory_bytes),
                      bytes_text(phase.memory_bytes_read));
  text += fmt::format("  D2D links  {} busy on average, {} the busiest\n", percent(phase.link_utilisation),
                      percent(phase.link_utilisation_max));
  if (phase.remote_bytes > 0) {
    text += fmt::format("  hand-over  {} to the other package, link {} busy; done {} after the first token\n",
                        bytes_text(phase.remote_bytes), percent(phase.remote_link_utilisation),
                        time_text(phase.hand_over_tail_s()));
  }
  text += fmt::format(
      "  driver     {}, at work {} = {} of the time\n"
      "             {} descriptors, {} doorbells, {} interrupts\n",
      phase.driver_kind, time_text(phase.driver_s), percent(phase.driver_share()), phase.descriptors,
      phase.doorbells, phase.interrupts);
  if (phase.driver_instructions != 0) {
    text += fmt::format("             {} instructions, {} of that time on the bus\n",
                        phase.driver_instructions, time_text(phase.driver_access_s));
  }
  if (phase.protocol_violations)
    text += fmt::format("  protocol   {} violations on all sockets\n", *phase.protocol_violations);
  if (phase.restarts != 0) text += fmt::format("             {} restarts of chiplets\n", phase.restarts);
  const core::EnergyBreakdown& energy = phase.energy;
  text += fmt::format(
      "  energy     {:.4g} J, {:.4g} W on average\n"
      "             arrays {}, SFU {}, SRAM {}, links {}, DRAM {}, leakage {}\n",
      energy.total(), phase.average_power_w, percent(energy.arrays / energy.total()),
      percent(energy.sfu / energy.total()), percent(energy.sram / energy.total()),
      percent(energy.links / energy.total()), percent(energy.dram / energy.total()),
      percent(energy.leakage / energy.total()));
  text += fmt::format("  modes      {} switches, {} on the chiplet with most\n", phase.mode_switches,
                      time_text(phase.mode_switch_s));
  for (const auto& [module, counters] : phase.modules) {
    text += fmt::format("  module     {}:", module);
    for (const NodeModuleCounter& counter : counters)
      text += fmt::format(" {} {:.6g}", counter.name, counter.value);
    text += '\n';
  }
  return text;
}

std::string memory_text(const PointResult& point) {
  std::string text = "\nMemory\n";
  for (const MemoryNeed& need : point.memory) {
    text += fmt::format(
        "  {:<10} weights {} + caches {} + activations {} = {} of {}\n", need.package,
        bytes_text(static_cast<double>(need.weight_bytes)), bytes_text(static_cast<double>(need.cache_bytes)),
        bytes_text(static_cast<double>(need.activation_bytes)), bytes_text(static_cast<double>(need.sum())),
        bytes_text(static_cast<double>(need.capacity_bytes)));
  }
  return text;
}

std::string area_text(const RunResult& result) {
  std::string text;
  for (const PackageArea& area : result.area) {
    if (area.chiplets == 0) continue;
    text += text.empty() ? "\nArea, 7 nm\n" : "";
    text += fmt::format(
        "  {:<10} chiplet {:.1f} mm2 (overhead x 1.4), {:.1f} mm2 (/ 0.6) of {:.0f}; interposer {:.0f} of "
        "{:.0f}\n",
        area.package, area.hydra.overhead_added({}), area.hydra.overhead_share({}), area.chiplet_limit_mm2,
        area.interposer_mm2, area.interposer_limit_mm2);
  }
  return text;
}

std::string layers_text(std::string_view name, const PhaseResult& phase) {
  if (phase.simulated_layers == phase.layers)
    return fmt::format("{}: all {} layers simulated", name, phase.layers);
  return fmt::format("{}: {} of {} layers simulated, the others reused", name, phase.simulated_layers,
                     phase.layers);
}

std::string cost_text(const RunResult& result) {
  uint64_t deltas = 0;
  uint64_t transactions = 0;
  double simulating_s = 0;
  std::string prefill_layers;
  std::string decode_layers;
  for (const PointResult& point : result.points) {
    if (point.prefill) prefill_layers = layers_text("prefill", *point.prefill);
    if (point.decode) decode_layers = (point.prefill ? "; " : "") + layers_text("decode", *point.decode);
    for (const auto* phase :
         {point.prefill ? &*point.prefill : nullptr, point.decode ? &*point.decode : nullptr}) {
      if (phase == nullptr) continue;
      deltas += phase->delta_cycles;
      transactions += phase->transactions;
      simulating_s += phase->wall_s;
    }
  }
  std::string levels;
  for (const auto& [part, level] : result.levels)
    levels += fmt::format("{}{} {}", levels.empty() ? "" : ", ", part, level);
  return fmt::format(
      "\n{:.2f} s of wall time, {:.2f} M delta cycles/s, {:.2f} M transactions/s\n{}{}\nlevels: {}\n",
      result.wall_s, static_cast<double>(deltas) / simulating_s * 1e-6,
      static_cast<double>(transactions) / simulating_s * 1e-6, prefill_layers, decode_layers, levels);
}

}  // namespace

std::string result_text(const RunResult& result) {
  std::string text =
      fmt::format("{} on {}, {}: {} prompt and {} output tokens\n\n", result.model, result.platform,
                  result.workload, result.prompt_tokens, result.output_tokens);
  text += points_text(result);
  const auto shown = std::ranges::find_if(result.points.rbegin(), result.points.rend(), is_whole);
  if (shown == result.points.rend()) return text;
  if (result.points.size() > 1) text += fmt::format("\nBatch {}:\n", shown->batch);
  text += phase_text("Prefill", *shown->prefill);
  text += phase_text(fmt::format("Decode step at context {}", shown->contexts[shown->contexts.size() / 2]),
                     *shown->decode);
  text += memory_text(*shown);
  text += area_text(result);
  return text + cost_text(result);
}

}  // namespace duet::platform
