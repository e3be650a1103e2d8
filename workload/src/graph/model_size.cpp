// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/graph/model_size.hpp"

#include <unordered_set>

#include "duet/workload/graph/build_graph.hpp"

namespace duet::workload {

namespace {

void add_cache(ModelSize& size, const CacheUse& cache) {
  switch (cache.kind) {
    case CacheKind::kv:
      size.kv_bytes_per_token += cache.write_bytes;
      break;
    case CacheKind::ssm_state:
      size.ssm_state_bytes_per_sequence += cache.write_bytes;
      break;
    case CacheKind::conv_state:
      size.conv_state_bytes_per_sequence += cache.write_bytes;
      break;
  }
}

void add_macs(ModelSize& size, const Operator& op) {
  if (op.kind == OperatorKind::gemm) size.projection_macs_per_token += op.macs;
  if (op.kind == OperatorKind::ssm || op.kind == OperatorKind::conv1d) size.state_macs_per_token += op.macs;
  if (op.kind == OperatorKind::attention) size.attention_macs_per_token_and_key += op.macs;
}

}  // namespace

ModelSize model_size(const core::ModelDescription& model) {
  core::ModelDescription whole = model;
  whole.read_lm_head = true;
  ModelSize size;
  std::unordered_set<std::string> counted;
  // A decode step on an empty context: one token that attends to itself.
  for (const Operator& op : build_graph(whole, Phase::decode, {})) {
    for (const Weight& weight : op.weights) {
      if (!counted.insert(weight.name).second) continue;
      size.parameters += weight.elements();
      size.weight_bytes += weight.bytes();
    }
    for (const CacheUse& cache : op.caches) add_cache(size, cache);
    add_macs(size, op);
  }
  return size;
}

std::uint64_t distinct_weight_bytes(const Graph& graph) {
  std::unordered_set<std::string> counted;
  std::uint64_t bytes = 0;
  for (const Operator& op : graph) {
    for (const Weight& weight : op.weights) {
      if (counted.insert(weight.name).second) bytes += weight.bytes();
    }
  }
  return bytes;
}

}  // namespace duet::workload
