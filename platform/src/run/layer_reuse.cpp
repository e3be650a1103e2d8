// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/layer_reuse.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace duet::platform {
namespace {

constexpr size_t warm_up_layers = 2;

/// A layer of the graph: its stages, and what makes two layers the same.
struct Layer {
  size_t first_stage = 0;
  size_t stages = 0;
  std::string signature;
};

std::vector<Layer> layers_of(const workload::Program& program) {
  std::vector<Layer> layers;
  for (size_t i = 0; i < program.stages.size(); ++i) {
    const workload::StagePlan& stage = program.stages[i];
    if (layers.empty() || program.stages[i - 1].layer != stage.layer) layers.push_back({i, 0, {}});
    Layer& layer = layers.back();
    ++layer.stages;
    layer.signature += std::string(workload::kind_name(stage.layer_kind)) + "/" +
                       std::string(workload::kind_name(stage.kind)) + "/" + std::to_string(stage.macs) + "/" +
                       stage.split + "; ";
  }
  return layers;
}

// Layers that are measured as they stand: the embedding and the warm-up at the begin, the head at the end.
bool is_steady(size_t index, size_t count) {
  return index > warm_up_layers && index + 1 < count;
}

std::string key_of(const std::vector<Layer>& layers, size_t index) {
  return layers[index - 1].signature + "> " + layers[index].signature;
}

/// Where each kind of layer after its kind of neighbour was measured; the last layer stands before the head.
std::map<std::string, std::vector<size_t>> steady_layers(const std::vector<Layer>& layers) {
  std::map<std::string, std::vector<size_t>> steady;
  for (size_t i = 1; i < layers.size(); ++i) {
    if (is_steady(i, layers.size() - 1)) steady[key_of(layers, i)].push_back(i);
  }
  return steady;
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

std::uint64_t layers_to_simulate(const core::ModelDescription& model, const workload::Program& program) {
  const std::vector<Layer> layers = layers_of(program);
  const std::uint64_t all = model.layers().size();
  // The last of the needed layers is followed by one more, so that its neighbour is not the head.
  size_t needed = 0;
  std::map<std::string, bool> seen;
  for (size_t i = 1; i + 1 < layers.size(); ++i) {
    bool& known = seen[key_of(layers, i)];
    if (known || !is_steady(i, layers.size())) continue;
    known = true;
    needed = i + 1;
  }
  // Layers of the graph that come of a character of the pattern: one, and two more of a shared block.
  std::uint64_t characters = 0;
  const std::uint64_t graph_layers_after_embedding = layers.size() - 2;
  if (graph_layers_after_embedding == all) {
    characters = needed;
  } else {
    const std::uint64_t extra = (graph_layers_after_embedding - all) / model.shared_blocks->layers.size();
    for (std::uint64_t counted = 0; characters < all && counted < needed; ++characters) {
      counted += 1 + (std::ranges::count(model.shared_blocks->layers, characters) != 0 ? extra : 0);
    }
  }
  return std::min(all, characters);
}

bool covers(const workload::Program& program, const workload::Program& simulated) {
  const std::vector<Layer> all = layers_of(program);
  const std::vector<Layer> some = layers_of(simulated);
  if (some.size() < 2 || all.back().stages != some.back().stages) return false;
  const auto steady = steady_layers(some);
  for (size_t i = 0; i + 1 < all.size(); ++i) {
    if (is_steady(i, all.size()) && steady.contains(key_of(all, i))) continue;
    // Only what stands at the same place in both can be taken as measured.
    if (i + 1 >= some.size() || all[i].signature != some[i].signature) return false;
  }
  return true;
}

std::vector<StageTime> extrapolate(const workload::Program& program, const workload::Program& simulated,
                                   const std::vector<StageTime>& times) {
  const std::vector<Layer> all = layers_of(program);
  const std::vector<Layer> some = layers_of(simulated);
  const auto steady = steady_layers(some);
  std::vector<StageTime> result(program.stages.size());
  uint64_t now_ps = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    std::vector<size_t> sources;
    if (i + 1 == all.size()) {
      sources = {some.size() - 1};
    } else if (is_steady(i, all.size())) {
      const auto found = steady.find(key_of(all, i));
      if (found != steady.end()) sources = found->second;
    }
    if (sources.empty()) sources = {i};
    for (size_t s = 0; s < all[i].stages; ++s) {
      StageTime& time = result[all[i].first_stage + s];
      uint64_t time_ps = 0;
      for (const size_t source : sources) {
        if (source >= some.size() || some[source].stages != all[i].stages) {
          throw std::logic_error("a layer has no simulated counterpart");
        }
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
