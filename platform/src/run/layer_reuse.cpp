// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/layer_reuse.hpp"

#include <algorithm>
#include <stdexcept>

namespace duet::platform {
namespace {

// Neighbours that have to be equal: the one whose results leave, the one whose operands come.
constexpr size_t needed_neighbours = 2;
// Further equal neighbours that make one counterpart better than another.
constexpr size_t welcome_neighbours = 2;

// Layers to simulate at least, also in multiples of those that the room for prefetched operands holds: before
// it is full, memory runs ahead of the arrays at a rate that does not last.
constexpr size_t least_layers = 14;
constexpr size_t least_rooms = 3;
// And so much time of the arrays: what dispatch and events make of single layers evens out.
constexpr double least_simulated_s = 6e-3;
// No layer stands for another one where memory is busy with operands that run ahead (weights, caches) for
// more than this of the arrays' time, so that they come late now and then, or where layers are so short that
// dispatch and events show, which differ each time. What waits for results is as late in each layer.
constexpr double late_operands_share = 0.6;
constexpr double short_layer_s = 200e-6;

bool is_held_up_by_memory(const workload::Program& program) {
  double compute_s = 0;
  double memory_s = 0;
  for (const workload::StagePlan& stage : program.stages) {
    compute_s += stage.compute_s;
    memory_s += stage.memory_s;
  }
  return memory_s > compute_s;
}

/// Bytes that are read from memory without waiting for results.
double bytes_ahead(const workload::Program& program) {
  constexpr unsigned bound = DUET_OPERAND_WAITS | DUET_OPERAND_MAILBOX | DUET_OPERAND_KEPT;
  double bytes = 0;
  for (const auto& queue : program.queues) {
    for (const duet_descriptor& descriptor : queue) {
      for (const duet_operand& operand : descriptor.inputs) {
        if (operand.used && (operand.flags & bound) == 0) bytes += static_cast<double>(operand.bytes);
      }
    }
  }
  return bytes;
}

/// How many layers of a phase that memory does not hold up are simulated at least.
size_t least_layers_of(const workload::Program& program, size_t layers) {
  double arrays_s = 0;
  double memory_s = 0;
  double memory_bytes = 0;
  for (const workload::StagePlan& stage : program.stages) {
    const bool on_arrays = stage.kind != workload::OperatorKind::cache_transfer;
    if (on_arrays) arrays_s += std::max(stage.compute_s, stage.noi_s);
    memory_s += stage.memory_s;
    memory_bytes += static_cast<double>(stage.memory_bytes);
  }
  const double ahead_s = memory_s * std::min(1.0, bytes_ahead(program) / memory_bytes);
  const bool is_short = arrays_s < short_layer_s * static_cast<double>(layers);
  if (is_short || ahead_s > late_operands_share * arrays_s) return layers;
  const auto long_enough = static_cast<size_t>(least_simulated_s / arrays_s * static_cast<double>(layers));
  return std::max({least_layers, long_enough, least_rooms * layers_in_room(program, layers)});
}

}  // namespace

core::ModelDescription truncate(const core::ModelDescription& model, std::uint64_t layers) {
  core::ModelDescription part = model;
  part.pattern = model.layers().substr(0, layers);
  part.pattern_repeat = 1;
  if (part.shared_blocks) {
    std::erase_if(part.shared_blocks->layers, [&](std::uint64_t position) { return position >= layers; });
    if (part.shared_blocks->layers.empty()) part.shared_blocks.reset();
  }
  return part;
}

LayerReuse::LayerReuse(const workload::Program& program, const core::ModelDescription& model)
    : model_(model), all_(layers_of(program)), least_layers_(least_layers_of(program, all_.size())) {
  if (is_held_up_by_memory(program)) paced_.emplace(all_, program, model);
}

/// Equal neighbours of layer `i` of the whole and layer `j` of `some`.
LayerReuse::Neighbours LayerReuse::equal_neighbours(size_t i, const Layers& some, size_t j) const {
  const size_t most = needed_neighbours + welcome_neighbours;
  Neighbours equal;
  while (equal.before < std::min({i, j, most}) &&
         all_[i - equal.before - 1].signature == some[j - equal.before - 1].signature)
    ++equal.before;
  while (equal.after < std::min({all_.size() - 1 - i, some.size() - 1 - j, most}) &&
         all_[i + equal.after + 1].signature == some[j + equal.after + 1].signature)
    ++equal.after;
  return equal;
}

/// The simulated layers that stand for layer `i` of the whole; empty if there are none.
std::vector<size_t> LayerReuse::sources_of(size_t i, const Layers& some) const {
  const size_t least_before = std::min(needed_neighbours, i);
  const size_t least_after = std::min(needed_neighbours, all_.size() - 1 - i);
  std::vector<size_t> sources;
  std::pair<size_t, size_t> best{0, 0};
  for (size_t j = 0; j < some.size(); ++j) {
    if (some[j].signature != all_[i].signature) continue;
    const Neighbours equal = equal_neighbours(i, some, j);
    if (equal.before < least_before || equal.after < least_after) continue;
    const std::pair score{std::min(equal.before, equal.after), equal.before + equal.after};
    if (score > best) sources.clear();
    if (score >= best) sources.push_back(j);
    best = std::max(best, score);
  }
  return sources;
}

bool LayerReuse::covered_by(const Layers& some) const {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (sources_of(i, some).empty()) return false;
  }
  return true;
}

bool LayerReuse::covered_by(const workload::Program& simulated) const {
  const Layers some = layers_of(simulated);
  return paced_ ? paced_->covered_by(some) : covered_by(some);
}

std::uint64_t LayerReuse::layers_to_simulate(std::uint64_t least) const {
  if (paced_) return paced_->layers_to_simulate(least);
  const std::vector<size_t> begin = pattern_positions(all_, model_);
  const size_t positions = begin.size() - 1;
  for (size_t layers = std::max<size_t>(least, 2 * needed_neighbours); layers < positions; ++layers) {
    if (begin[layers] < least_layers_) continue;
    // A part is the first layers, the second half of them cut as the end of the whole as far as they are
    // alike, and the head.
    const size_t head = begin[layers];
    size_t tail = 0;
    while (tail < head / 2 && all_[head - 1 - tail].kinds == all_[all_.size() - 2 - tail].kinds) ++tail;
    Layers some(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(head - tail));
    some.insert(some.end(), all_.end() - 1 - static_cast<std::ptrdiff_t>(tail), all_.end());
    if (covered_by(some)) return layers;
  }
  return positions;
}

std::vector<StageTime> LayerReuse::extrapolate(const workload::Program& simulated,
                                               const std::vector<StageTime>& times) const {
  const Layers some = layers_of(simulated);
  std::vector<StageTime> result(all_.back().first_stage + all_.back().stages);
  uint64_t now_ps = 0;
  for (size_t i = 0; i < all_.size(); ++i) {
    const std::vector<size_t> sources = sources_of(i, some);
    if (sources.empty()) throw std::logic_error("a layer has no simulated counterpart");
    for (size_t s = 0; s < all_[i].stages; ++s) {
      StageTime& time = result[all_[i].first_stage + s];
      uint64_t time_ps = 0;
      for (const size_t source : sources) {
        const StageTime& measured = times[some[source].first_stage + s];
        time_ps += measured.time_ps;
        time.beside = measured.beside;
        time.sram_stall_ps = std::max(time.sram_stall_ps, measured.sram_stall_ps);
        time.mode_switch_ps = std::max(time.mode_switch_ps, measured.mode_switch_ps);
      }
      time.time_ps = time_ps / sources.size();
      now_ps += time.time_ps;
      time.end_ps = now_ps;
    }
  }
  return result;
}

}  // namespace duet::platform
