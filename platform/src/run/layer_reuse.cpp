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

// Both neighbours matter: operands are prefetched while the layer before computes.
std::string key_of(const std::vector<Layer>& layers, size_t index) {
  return layers[index - 1].signature + "> " + layers[index].signature + "> " + layers[index + 1].signature;
}

/// Where each kind of layer between its kinds of neighbours was measured.
std::map<std::string, std::vector<size_t>> steady_layers(const std::vector<Layer>& layers) {
  std::map<std::string, std::vector<size_t>> steady;
  for (size_t i = 1; i + 1 < layers.size(); ++i) {
    if (is_steady(i, layers.size())) steady[key_of(layers, i)].push_back(i);
  }
  return steady;
}

/// The simulated layers that stand for layer `index` of `all`; empty if there are none.
std::vector<size_t> sources_of(const std::vector<Layer>& all, size_t index, const std::vector<Layer>& some,
                               const std::map<std::string, std::vector<size_t>>& steady) {
  // The head, and the layer before it, stand at the same distance from the end.
  const size_t from_end = all.size() - index;
  if (from_end == 1) return {some.size() - 1};
  if (is_steady(index, all.size())) {
    const auto found = steady.find(key_of(all, index));
    if (found != steady.end()) return found->second;
  }
  if (from_end == 2 && some[some.size() - 2].signature == all[index].signature) return {some.size() - 2};
  if (index <= warm_up_layers && some[index].signature == all[index].signature) return {index};
  return {};
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
  // Which of the shared blocks is used is not in the signatures.
  if (model.shared_blocks) return all;
  // Each needed layer with the one after it.
  size_t needed = 0;
  std::map<std::string, bool> seen;
  for (size_t i = 1; i + 2 < layers.size(); ++i) {
    if (!is_steady(i, layers.size())) continue;
    bool& known = seen[key_of(layers, i)];
    if (!known) needed = i + 1;
    known = true;
  }
  return std::min<std::uint64_t>(all, needed);
}

bool covers(const workload::Program& program, const workload::Program& simulated) {
  const std::vector<Layer> all = layers_of(program);
  const std::vector<Layer> some = layers_of(simulated);
  if (some.size() < warm_up_layers + 3 || all.back().stages != some.back().stages) return false;
  const auto steady = steady_layers(some);
  for (size_t i = 0; i < all.size(); ++i) {
    if (sources_of(all, i, some, steady).empty()) return false;
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
    const std::vector<size_t> sources = sources_of(all, i, some, steady);
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
