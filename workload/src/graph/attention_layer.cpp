// SPDX-License-Identifier: Apache-2.0
#include "graph_writer.hpp"

namespace duet::workload {

namespace {

// Scale, running maximum, subtraction, running sum of a score.
constexpr std::uint64_t softmax_operations = 4;
// Two products and a sum for each element that is rotated.
constexpr std::uint64_t rotary_operations = 3;

/// Low-rank correction of a projection: two small products and a sum.
TensorUse add_adapter(GraphWriter& writer, const std::string& name, const TensorUse& input,
                      const TensorUse& projected, std::uint64_t rank) {
  const auto low = writer.gemm(name + "_lora_a", input, {{name + "_lora_a", rank}}).front();
  const auto delta = writer.gemm(name + "_lora_b", low, {{name + "_lora_b", projected.columns}}).front();
  return writer.residual(name + "_lora_sum", delta, projected);
}

std::vector<TensorUse> add_rotary(GraphWriter& writer, const TensorUse& query, const TensorUse& key) {
  Operator& op = writer.add("rotary", OperatorKind::rotary, RowShape{query.rows, query.columns + key.columns},
                            Fusion::either);
  op.inputs = {query, key};
  op.outputs = {writer.tensor("q_rotated", query.rows, query.columns),
                writer.tensor("k_rotated", key.rows, key.columns)};
  op.elementwise = rotary_operations * query.rows * (query.columns + key.columns);
  return op.outputs;
}

void add_cache_write(GraphWriter& writer, const TensorUse& key, const TensorUse& value) {
  if (!writer.keeps_caches()) {
    writer.cache_transfer("kv_transfer", {key, value}, {});
    return;
  }
  Operator& op = writer.add("kv_append", OperatorKind::kv_append,
                            RowShape{key.rows, key.columns + value.columns}, Fusion::producer);
  op.inputs = {key, value};
  op.caches = {{CacheKind::kv, writer.prefix() + ".kv", 0,
                key.rows * (key.columns + value.columns) * writer.model.kv_element_bytes}};
}

}  // namespace

TensorUse add_attention(GraphWriter& writer, const TensorUse& normed, const std::string& adapter_prefix) {
  const auto& attention = *writer.model.attention;
  const auto& run = writer.input;
  const std::uint64_t query_columns = attention.heads * attention.head_size;
  const std::uint64_t kv_columns = attention.kv_heads * attention.head_size;
  auto qkv = writer.gemm("qkv", normed, {{"q", query_columns}, {"k", kv_columns}, {"v", kv_columns}},
                         attention.projection_bias);
  if (!adapter_prefix.empty() && writer.model.shared_blocks->attention_lora_rank > 0) {
    const std::string names[] = {"q", "k", "v"};
    writer.weight_prefix(adapter_prefix);
    for (std::size_t i = 0; i < qkv.size(); ++i) {
      qkv[i] = add_adapter(writer, names[i], normed, qkv[i], writer.model.shared_blocks->attention_lora_rank);
    }
  }
  if (attention.rotary) {
    const auto rotated = add_rotary(writer, qkv[0], qkv[1]);
    qkv[0] = rotated[0];
    qkv[1] = rotated[1];
  }
  add_cache_write(writer, qkv[1], qkv[2]);

  const AttentionShape shape{run.batch,       run.tokens,         run.context_tokens,
                             attention.heads, attention.kv_heads, attention.head_size};
  Operator& op = writer.add("attention", OperatorKind::attention, shape);
  op.inputs = {qkv[0], qkv[1], qkv[2]};
  op.outputs = {writer.tensor("context", normed.rows, query_columns)};
  const std::uint64_t scores = run.batch * attention.heads * shape.causal_pairs();
  op.macs = 2 * scores * attention.head_size;
  op.elementwise = softmax_operations * scores;
  op.functions = scores;
  const std::uint64_t token_bytes = 2 * kv_columns * writer.model.kv_element_bytes;
  op.caches = {{CacheKind::kv, writer.prefix() + ".kv", run.batch * run.context_tokens * token_bytes, 0}};
  return op.outputs.front();
}

TensorUse add_attention_layer(GraphWriter& writer, const std::string& name, const TensorUse& stream) {
  writer.begin_layer(LayerKind::attention, name + ".attention", name + ".attention");
  const TensorUse context = add_attention(writer, writer.norm("norm", {stream}), "");
  const auto out = writer.gemm("o_proj", context, {{"o_proj", writer.model.hidden_size}});
  return writer.residual("out", out.front(), stream);
}

}  // namespace duet::workload
