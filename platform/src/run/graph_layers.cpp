// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/graph_layers.hpp"

#include <algorithm>
#include <cstdint>

namespace duet::platform {

std::vector<GraphLayer> layers_of(const workload::Program& program) {
  std::vector<GraphLayer> layers;
  for (size_t i = 0; i < program.stages.size(); ++i) {
    const workload::StagePlan& stage = program.stages[i];
    if (layers.empty() || program.stages[i - 1].layer != stage.layer) layers.push_back({i, 0, {}, {}});
    GraphLayer& layer = layers.back();
    ++layer.stages;
    const std::string kind = std::string(workload::kind_name(stage.layer_kind)) + "/" +
                             std::string(workload::kind_name(stage.kind)) + "/";
    layer.kinds += kind;
    layer.signature += kind + std::to_string(stage.macs) + "/" + stage.split + "; ";
  }
  return layers;
}

size_t layers_in_room(const workload::Program& program, size_t layers) {
  uint64_t bytes = 0;
  for (const workload::StagePlan& stage : program.stages) bytes += stage.memory_bytes;
  return bytes == 0 ? 0 : program.prefetch_room_bytes * layers / bytes;
}

std::vector<size_t> pattern_positions(const std::vector<GraphLayer>& layers,
                                      const core::ModelDescription& model) {
  const size_t positions = model.layers().size();
  std::vector<uint64_t> shared;
  if (model.shared_blocks) shared = model.shared_blocks->layers;
  const size_t further = layers.size() - 2 - positions;  // all but embedding, head and the pattern's own
  std::vector<size_t> begin{1};
  for (size_t position = 0; position < positions; ++position) {
    const bool has_block = std::ranges::find(shared, position) != shared.end();
    begin.push_back(begin.back() + 1 + (has_block ? further / shared.size() : 0));
  }
  return begin;
}

}  // namespace duet::platform
