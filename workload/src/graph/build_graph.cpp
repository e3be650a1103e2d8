// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/graph/build_graph.hpp"

#include "duet/core/error.hpp"
#include "graph_writer.hpp"

namespace duet::workload {

namespace {

void check_input(Phase phase, const GraphInput& input) {
  if (input.batch == 0) throw core::UserError("batch: found 0, allowed are 1 and more");
  if (input.tokens == 0) throw core::UserError("tokens: found 0, allowed are 1 and more");
  if (phase == Phase::decode && input.tokens != 1) {
    throw core::UserError("tokens: found " + std::to_string(input.tokens) +
                          ", a decode step adds 1 to each sequence");
  }
  if (phase == Phase::decode && input.cache_policy != CachePolicy::keep) {
    throw core::UserError("cache_policy: decode keeps its caches");
  }
}

void add_layers(GraphWriter& writer, const TensorUse& embedding) {
  const auto& model = writer.model;
  const std::string layers = model.layers();
  TensorUse stream = embedding;
  std::uint64_t uses = 0;
  for (std::uint64_t i = 0; i < layers.size(); ++i) {
    const std::string name = "layer." + std::to_string(i);
    if (layers[i] == '*') {
      stream = add_attention_layer(writer, name, stream);
    } else if (layers[i] == '-') {
      stream = add_mlp_layer(writer, name, stream);
    } else if (model.shared_blocks && uses < model.shared_blocks->layers.size() &&
               model.shared_blocks->layers[uses] == i) {
      const TensorUse transformed = add_shared_block(writer, name, uses++, stream, embedding);
      stream = add_mamba_layer(writer, name, stream, &transformed);
    } else {
      stream = add_mamba_layer(writer, name, stream, nullptr);
    }
  }
  add_head(writer, stream);
}

/// One transfer for each cache that the prefill has written and kept so far.
void add_final_transfers(GraphWriter& writer) {
  std::vector<CacheUse> written;
  for (const Operator& op : writer.graph) {
    for (const CacheUse& cache : op.caches) {
      if (cache.write_bytes > 0) written.push_back({cache.kind, cache.name, cache.write_bytes, 0});
    }
  }
  for (const CacheUse& cache : written) writer.cache_transfer("transfer." + cache.name, {}, {cache});
}

}  // namespace

Graph build_graph(const core::ModelDescription& model, Phase phase, const GraphInput& input) {
  core::check(model);
  check_input(phase, input);
  GraphWriter writer(model, phase, input);
  add_layers(writer, add_embedding(writer));
  if (input.cache_policy == CachePolicy::hand_over_at_end) add_final_transfers(writer);
  return std::move(writer.graph);
}

}  // namespace duet::workload
