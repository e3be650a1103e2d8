// SPDX-License-Identifier: Apache-2.0
#include "graph_writer.hpp"

namespace duet::workload {

// The block of modeling_zamba2.py: no residual inside; attention's output is normed and goes
// through the MLP; the result passes the layer's own matrix.
TensorUse add_shared_block(GraphWriter& writer, const std::string& name, std::uint64_t use,
                           const TensorUse& stream, const TensorUse& embedding) {
  const auto& shared = *writer.model.shared_blocks;
  const std::string block = "shared_block." + std::to_string(use % shared.count);

  writer.begin_layer(LayerKind::attention, name + ".attention", block + ".attention");
  std::vector<TensorUse> inputs{stream};
  if (shared.concatenate_embedding) inputs.push_back(embedding);
  const TensorUse context = add_attention(writer, writer.norm("norm", inputs), name + ".attention");
  writer.weight_prefix(block + ".attention");
  const auto attended = writer.gemm("o_proj", context, {{"o_proj", writer.model.hidden_size}}).front();

  writer.begin_layer(LayerKind::mlp, name + ".mlp", block + ".mlp");
  const TensorUse out = add_mlp(writer, writer.norm("norm", {attended}), name + ".mlp");
  if (!shared.output_linear) return out;
  writer.weight_prefix(name + ".mlp");
  return writer.gemm("linear", out, {{"linear", writer.model.hidden_size}}).front();
}

}  // namespace duet::workload
