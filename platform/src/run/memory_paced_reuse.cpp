// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/memory_paced_reuse.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace duet::platform {
namespace {

// The pace begins behind the embedding, the layers whose operands fill the room for what is ahead, and so
// many more.
constexpr size_t behind_room = 2;
// The pace is taken over so many layers at least.
constexpr size_t least_paced = 9;
// A part of the model is worth while when it is this much shorter.
constexpr size_t least_gain = 8;
// Kinds of layers have paces of their own, so no more of the memory time may belong to other kinds than in
// the rest.
constexpr double most_unlike = 0.02;
// What a part may be off: the paces of bytes and of layers may not differ by more.
constexpr double same_pace = 0.005;
// Layers of a kind that differ by more still live on what was prefetched at the beginning.
constexpr double most_spread = 0.04;
// Refresh and turns between reads and writes cost less than this; who is slower waits for something else.
constexpr double slowest_pace = 1 / 0.9;

bool has(const std::vector<GraphLayer>& layers, size_t first, size_t end, const std::string& signature) {
  return std::any_of(layers.begin() + static_cast<std::ptrdiff_t>(first),
                     layers.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](const GraphLayer& layer) { return layer.signature == signature; });
}

}  // namespace

double MemoryPacedReuse::memory_s(size_t first_layer, size_t end_layer) const {
  double sum = 0;
  for (size_t i = first_layer; i < end_layer; ++i) {
    for (size_t s = 0; s < all_[i].stages; ++s) sum += program_.stages[all_[i].first_stage + s].memory_s;
  }
  return sum;
}

/// How differently the layers from `first_paced_` to `end_layer` and those from there to the head share their
/// memory time among kinds of layers: 0 = alike, 1 = nothing in common.
double MemoryPacedReuse::unlikeness(size_t end_layer) const {
  const size_t head = all_.size() - 1;
  const double paced_s = memory_s(first_paced_, end_layer);
  const double rest_s = memory_s(end_layer, head);
  std::map<std::string, double> difference;
  for (size_t i = first_paced_; i < head; ++i) {
    const double share = memory_s(i, i + 1) / (i < end_layer ? paced_s : -rest_s);
    difference[all_[i].signature] += share;
  }
  double sum = 0;
  for (const auto& [signature, share] : difference) sum += std::abs(share) / 2;
  return sum;
}

MemoryPacedReuse::MemoryPacedReuse(const std::vector<GraphLayer>& all, const workload::Program& program,
                                   const core::ModelDescription& model)
    : all_(all),
      program_(program),
      model_(model),
      first_paced_(behind_room + std::max<size_t>(1, layers_in_room(program, all.size()))) {}

std::uint64_t MemoryPacedReuse::layers_to_simulate(std::uint64_t least) const {
  const std::vector<size_t> begin = pattern_positions(all_, model_);
  const size_t positions = begin.size() - 1;
  const size_t head = all_.size() - 1;
  for (size_t layers = std::max<size_t>(least, 1); layers <= positions / least_gain; ++layers) {
    const size_t end = begin[layers];
    if (end < first_paced_ + least_paced) continue;
    bool all_kinds = true;
    for (size_t i = end; i < head; ++i)
      all_kinds = all_kinds && has(all_, first_paced_, end, all_[i].signature);
    if (all_kinds && unlikeness(end) < most_unlike) return layers;
  }
  return positions;
}

bool MemoryPacedReuse::covered_by(const std::vector<GraphLayer>& some) const {
  const size_t end = some.size() - 1;
  if (end < first_paced_ + least_paced || some.back().signature != all_.back().signature) return false;
  for (size_t i = 0; i < end; ++i) {
    if (some[i].signature != all_[i].signature) return false;
  }
  for (size_t i = end; i + 1 < all_.size(); ++i) {
    if (!has(some, first_paced_, end, all_[i].signature)) return false;
  }
  return true;
}

bool MemoryPacedReuse::Pace::lasts() const {
  return bytes < slowest_pace && std::abs(layers / bytes - 1) < same_pace && spread < most_spread;
}

/// By how much the paced layers of a kind differ at most, relative to the shortest.
double MemoryPacedReuse::spread(const std::vector<GraphLayer>& some,
                                const std::vector<StageTime>& times) const {
  std::map<std::string, std::pair<uint64_t, uint64_t>> shortest_and_longest;
  for (size_t i = first_paced_; i + 1 < some.size(); ++i) {
    uint64_t layer_ps = 0;
    for (size_t s = 0; s < some[i].stages; ++s) {
      const StageTime& time = times[some[i].first_stage + s];
      layer_ps += time.beside ? 0 : time.time_ps;
    }
    auto& [shortest, longest] =
        shortest_and_longest.try_emplace(some[i].signature, layer_ps, layer_ps).first->second;
    shortest = std::min(shortest, layer_ps);
    longest = std::max(longest, layer_ps);
  }
  double most = 0;
  for (const auto& [signature, times_ps] : shortest_and_longest)
    most = std::max(most, static_cast<double>(times_ps.second) / static_cast<double>(times_ps.first) - 1);
  return most;
}

MemoryPacedReuse::Pace MemoryPacedReuse::pace(const workload::Program& simulated,
                                              const std::vector<StageTime>& times,
                                              const std::function<double(double share)>& arrived_ps) const {
  const std::vector<GraphLayer> some = layers_of(simulated);
  const size_t end = some.size() - 1;
  double first_bytes = 0;
  double end_bytes = 0;
  double all_bytes = 0;
  double layers_ps = 0;
  for (size_t stage = 0; stage < simulated.stages.size(); ++stage) {
    all_bytes += static_cast<double>(simulated.stages[stage].memory_bytes);
    if (stage < some[first_paced_].first_stage) first_bytes = all_bytes;
    if (stage >= some[end].first_stage) continue;
    end_bytes = all_bytes;
    if (stage >= some[first_paced_].first_stage) layers_ps += static_cast<double>(times[stage].time_ps);
  }
  const double peak_ps = memory_s(first_paced_, end) * 1e12;
  const double bytes_ps = arrived_ps(end_bytes / all_bytes) - arrived_ps(first_bytes / all_bytes);
  return {bytes_ps / peak_ps, layers_ps / peak_ps, spread(some, times)};
}

std::vector<StageTime> MemoryPacedReuse::extrapolate(const workload::Program& simulated,
                                                     const std::vector<StageTime>& times,
                                                     const Pace& pace) const {
  const std::vector<GraphLayer> some = layers_of(simulated);
  const size_t end = some.size() - 1;
  const size_t head = all_.size() - 1;
  std::vector<StageTime> result(program_.stages.size());
  uint64_t now_ps = 0;
  for (size_t i = 0; i < all_.size(); ++i) {
    // The layers before `end` stand for themselves and the head for the head.
    size_t source = i < end ? i : end;
    const bool left_out = i >= end && i < head;
    if (left_out) {
      source = first_paced_;
      while (some[source].signature != all_[i].signature) ++source;
    }
    // What moves beside the arrays takes the memory too: the layer's other stages wait for it.
    double others_s = 0;
    for (size_t s = 0; s < all_[i].stages; ++s) {
      if (!times[some[source].first_stage + s].beside)
        others_s += program_.stages[all_[i].first_stage + s].memory_s;
    }
    const double layer_ps = pace.slower() * memory_s(i, i + 1) * 1e12;
    for (size_t s = 0; s < all_[i].stages; ++s) {
      const size_t stage = all_[i].first_stage + s;
      StageTime& time = result[stage];
      time = times[some[source].first_stage + s];
      if (left_out && !time.beside)
        time.time_ps = static_cast<uint64_t>(layer_ps * program_.stages[stage].memory_s / others_s);
      now_ps += time.time_ps;
      time.end_ps = now_ps;
    }
  }
  return result;
}

}  // namespace duet::platform
