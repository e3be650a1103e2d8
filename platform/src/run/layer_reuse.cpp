// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/layer_reuse.hpp"

#include <algorithm>
#include <stdexcept>

namespace duet::platform {
namespace {

// Operands are prefetched and results leave while other layers compute, so neighbours matter: a layer is
// stood for by one with as many equal neighbours on both sides as possible. Where memory holds the layers up,
// the time that one of them saves is lost in another, and more neighbours are needed.
constexpr size_t most_neighbours = 6;
constexpr size_t neighbours_if_memory_bound = 4;
constexpr size_t neighbours_otherwise = 2;

/// A layer of the graph (embedding and head included): its stages, and what makes two layers the same.
struct Layer {
  size_t first_stage = 0;
  size_t stages = 0;
  std::string kinds;      ///< of its stages
  std::string signature;  ///< how they are cut, too
};
using Layers = std::vector<Layer>;

Layers layers_of(const workload::Program& program) {
  Layers layers;
  for (size_t i = 0; i < program.stages.size(); ++i) {
    const workload::StagePlan& stage = program.stages[i];
    if (layers.empty() || program.stages[i - 1].layer != stage.layer) layers.push_back({i, 0, {}, {}});
    Layer& layer = layers.back();
    ++layer.stages;
    const std::string kind = std::string(workload::kind_name(stage.layer_kind)) + "/" +
                             std::string(workload::kind_name(stage.kind)) + "/";
    layer.kinds += kind;
    layer.signature += kind + std::to_string(stage.macs) + "/" + stage.split + "; ";
  }
  return layers;
}

size_t needed_neighbours(const workload::Program& program) {
  double compute_s = 0;
  double memory_s = 0;
  for (const workload::StagePlan& stage : program.stages) {
    compute_s += stage.compute_s;
    memory_s += stage.memory_s;
  }
  return memory_s > compute_s ? neighbours_if_memory_bound : neighbours_otherwise;
}

struct Neighbours {
  size_t before = 0;
  size_t after = 0;
};

/// Equal neighbours of layer `i` of `all` and layer `j` of `some`.
Neighbours equal_neighbours(const Layers& all, size_t i, const Layers& some, size_t j) {
  Neighbours equal;
  while (equal.before < std::min({i, j, most_neighbours}) &&
         all[i - equal.before - 1].signature == some[j - equal.before - 1].signature)
    ++equal.before;
  while (equal.after < std::min({all.size() - 1 - i, some.size() - 1 - j, most_neighbours}) &&
         all[i + equal.after + 1].signature == some[j + equal.after + 1].signature)
    ++equal.after;
  return equal;
}

/// The simulated layers that stand for layer `i` of `all`; empty if there are none.
std::vector<size_t> sources_of(const Layers& all, size_t i, const Layers& some, size_t least) {
  std::vector<size_t> sources;
  std::pair<size_t, size_t> best{0, 0};
  for (size_t j = 0; j < some.size(); ++j) {
    if (some[j].signature != all[i].signature) continue;
    const Neighbours equal = equal_neighbours(all, i, some, j);
    if (equal.before < std::min(least, i) || equal.after < std::min(least, all.size() - 1 - i)) continue;
    const std::pair score{std::min(equal.before, equal.after), equal.before + equal.after};
    if (score > best) sources.clear();
    if (score >= best) sources.push_back(j);
    best = std::max(best, score);
  }
  return sources;
}

/// Where among the layers of the graph each position of the model's pattern begins, and where the head does.
/// A shared block makes further layers of its position.
std::vector<size_t> pattern_positions(const core::ModelDescription& model, size_t graph_layers) {
  const size_t positions = model.layers().size();
  std::vector<uint64_t> shared;
  if (model.shared_blocks) shared = model.shared_blocks->layers;
  const size_t further = graph_layers - 2 - positions;  // all but embedding, head and the pattern's own
  std::vector<size_t> begin{1};
  for (size_t position = 0; position < positions; ++position) {
    const bool has_block = std::ranges::find(shared, position) != shared.end();
    begin.push_back(begin.back() + 1 + (has_block ? further / shared.size() : 0));
  }
  return begin;
}

bool covers(const Layers& all, const Layers& some, size_t least) {
  for (size_t i = 0; i < all.size(); ++i) {
    if (sources_of(all, i, some, least).empty()) return false;
  }
  return true;
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

std::uint64_t layers_to_simulate(const workload::Program& program, const core::ModelDescription& model,
                                 std::uint64_t least) {
  const Layers all = layers_of(program);
  const std::vector<size_t> begin = pattern_positions(model, all.size());
  const size_t positions = begin.size() - 1;
  const size_t neighbours = needed_neighbours(program);
  for (size_t layers = std::max<size_t>(least, 4 * neighbours); layers < positions; ++layers) {
    // A part is the first layers, the second half of them cut as the end of the whole as far as they are
    // alike, and the head.
    const size_t head = begin[layers];
    size_t tail = 0;
    while (tail < head / 2 && all[head - 1 - tail].kinds == all[all.size() - 2 - tail].kinds) ++tail;
    Layers some(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(head - tail));
    some.insert(some.end(), all.end() - 1 - static_cast<std::ptrdiff_t>(tail), all.end());
    if (covers(all, some, neighbours)) return layers;
  }
  return positions;
}

bool covers(const workload::Program& program, const workload::Program& simulated) {
  return covers(layers_of(program), layers_of(simulated), needed_neighbours(program));
}

std::vector<StageTime> extrapolate(const workload::Program& program, const workload::Program& simulated,
                                   const std::vector<StageTime>& times) {
  const Layers all = layers_of(program);
  const Layers some = layers_of(simulated);
  const size_t least = needed_neighbours(program);
  std::vector<StageTime> result(program.stages.size());
  uint64_t now_ps = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const std::vector<size_t> sources = sources_of(all, i, some, least);
    if (sources.empty()) throw std::logic_error("a layer has no simulated counterpart");
    for (size_t s = 0; s < all[i].stages; ++s) {
      StageTime& time = result[all[i].first_stage + s];
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
