// SPDX-License-Identifier: Apache-2.0
#include "graph_writer.hpp"

namespace duet::workload {

namespace {

std::uint64_t functions_per_element(core::Activation activation) {
  return activation == core::Activation::silu || activation == core::Activation::gelu ? 1 : 0;
}

std::uint64_t operations_per_element(core::Activation activation) {
  switch (activation) {
    case core::Activation::none:
      return 0;
    case core::Activation::relu_squared:
      return 2;  // maximum, square
    default:
      return 1;  // x times the function's value
  }
}

TensorUse add_activation(GraphWriter& writer, const TensorUse& input) {
  const auto activation = writer.model.mlp->activation;
  Operator& op =
      writer.add("activation", OperatorKind::activation, RowShape{input.rows, input.columns}, Fusion::either);
  op.activation = activation;
  op.inputs = {input};
  op.outputs = {writer.tensor("activated", input.rows, input.columns)};
  op.elementwise = operations_per_element(activation) * input.rows * input.columns;
  op.functions = functions_per_element(activation) * input.rows * input.columns;
  return op.outputs.front();
}

TensorUse add_gate(GraphWriter& writer, const TensorUse& gate, const TensorUse& up) {
  const auto activation = writer.model.mlp->activation;
  Operator& op = writer.add("gate", OperatorKind::gate, RowShape{up.rows, up.columns}, Fusion::either);
  op.activation = activation;
  op.inputs = {gate, up};
  op.outputs = {writer.tensor("gated", up.rows, up.columns)};
  op.elementwise = (operations_per_element(activation) + 1) * up.rows * up.columns;
  op.functions = functions_per_element(activation) * up.rows * up.columns;
  return op.outputs.front();
}

}  // namespace

TensorUse add_mlp(GraphWriter& writer, const TensorUse& normed, const std::string& adapter_prefix) {
  const auto& mlp = *writer.model.mlp;
  const bool gated = mlp.matrices == 3;
  std::vector<std::pair<std::string, std::uint64_t>> columns{{"up", mlp.intermediate_size}};
  if (gated) columns.insert(columns.begin(), {"gate", mlp.intermediate_size});
  const auto weight_prefix = writer.weight_prefix();
  auto hidden = writer.gemm(gated ? "gate_up" : "up", normed, columns);
  const std::uint64_t rank = adapter_prefix.empty() ? 0 : writer.model.shared_blocks->mlp_lora_rank;
  if (rank > 0) {
    writer.weight_prefix(adapter_prefix);
    const auto low = writer.gemm("lora_a", normed, {{"lora_a", rank}}).front();
    std::vector<std::pair<std::string, std::uint64_t>> deltas;
    for (const auto& [name, width] : columns) deltas.emplace_back(name + "_lora_b", width);
    const auto delta = writer.gemm("lora_b", low, deltas);
    for (std::size_t i = 0; i < hidden.size(); ++i) {
      hidden[i] = writer.residual(columns[i].first + "_lora_sum", delta[i], hidden[i]);
    }
    writer.weight_prefix(weight_prefix);
  }
  const TensorUse inner = gated ? add_gate(writer, hidden[0], hidden[1]) : add_activation(writer, hidden[0]);
  return writer.gemm("down", inner, {{"down", writer.model.hidden_size}}).front();
}

TensorUse add_mlp_layer(GraphWriter& writer, const std::string& name, const TensorUse& stream) {
  writer.begin_layer(LayerKind::mlp, name + ".mlp", name + ".mlp");
  const TensorUse out = add_mlp(writer, writer.norm("norm", {stream}), "");
  return writer.residual("out", out, stream);
}

}  // namespace duet::workload
