// SPDX-License-Identifier: Apache-2.0
#include "graph_writer.hpp"

namespace duet::workload {

namespace {

constexpr std::uint64_t token_id_bytes = 4;

}  // namespace

TensorUse add_embedding(GraphWriter& writer) {
  const auto& model = writer.model;
  writer.begin_layer(LayerKind::embedding, "embedding", "embedding");
  Operator& op = writer.add("gather", OperatorKind::embedding, RowShape{writer.rows(), model.hidden_size},
                            Fusion::consumer);
  op.weights = {writer.weight("table", model.vocabulary_size, model.hidden_size)};
  op.weights.front().rows_read = writer.rows();
  op.inputs = {{"tokens", writer.rows(), 1, token_id_bytes}};
  op.outputs = {writer.tensor("out", writer.rows(), model.hidden_size)};
  return op.outputs.front();
}

void add_head(GraphWriter& writer, const TensorUse& stream) {
  const auto& model = writer.model;
  writer.begin_layer(LayerKind::head, "head", "head");
  TensorUse last = stream;
  last.rows = writer.input.batch;
  TensorUse result = writer.norm("final_norm", {last});
  if (model.read_lm_head) {
    const TensorUse logits = writer.gemm("lm_head", result, {{"lm_head", model.vocabulary_size}}).front();
    if (model.tie_embeddings) {
      // The same matrix as the embedding; its orientation there is that of the gather.
      Weight& table = writer.graph.back().weights.front();
      table.name = "embedding.table";
      std::swap(table.rows, table.columns);
      table.rows_read = table.rows;
    }
    Operator& op =
        writer.add("argmax", OperatorKind::argmax, RowShape{logits.rows, logits.columns}, Fusion::producer);
    op.inputs = {logits};
    op.outputs = {{"next_tokens", logits.rows, 1, token_id_bytes}};
    op.elementwise = logits.rows * logits.columns;
    result = op.outputs.front();
  }
  if (writer.phase == Phase::prefill && writer.input.cache_policy != CachePolicy::keep) {
    writer.cache_transfer("result_transfer", {last, result}, {});
  }
}

}  // namespace duet::workload
