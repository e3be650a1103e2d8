// SPDX-License-Identifier: Apache-2.0
#include "graph_writer.hpp"

namespace duet::workload {

namespace {

/// Reading and writing of a state that the layer carries from token to token.
CacheUse state_use(const GraphWriter& writer, CacheKind kind, const std::string& name, std::uint64_t bytes) {
  return {kind, writer.prefix() + "." + name, writer.starts_from_cache() ? bytes : 0,
          writer.keeps_caches() ? bytes : 0};
}

std::vector<TensorUse> add_conv1d(GraphWriter& writer, const TensorUse& input,
                                  const std::vector<std::pair<std::string, std::uint64_t>>& outputs) {
  const auto& mamba = *writer.model.mamba;
  const auto& run = writer.input;
  Operator& op =
      writer.add("conv1d", OperatorKind::conv1d,
                 ConvShape{run.batch, run.tokens, input.columns, mamba.conv_kernel}, Fusion::consumer);
  op.activation = core::Activation::silu;
  op.weights = {writer.weight("conv1d", mamba.conv_kernel, input.columns)};
  if (mamba.conv_bias) op.weights.push_back(writer.weight("conv1d_bias", 1, input.columns));
  op.inputs = {input};
  for (const auto& [name, columns] : outputs) op.outputs.push_back(writer.tensor(name, input.rows, columns));
  op.macs = input.rows * input.columns * mamba.conv_kernel;
  op.elementwise = input.rows * input.columns * (mamba.conv_bias ? 2 : 1);
  op.functions = input.rows * input.columns;
  op.caches = {state_use(writer, CacheKind::conv_state, "conv_state",
                         run.batch * mamba.conv_state_elements() * writer.model.activation_element_bytes)};
  const std::vector<TensorUse> results = op.outputs;
  if (!writer.keeps_caches()) {
    op.outputs.push_back(writer.tensor("conv_state", run.batch, mamba.conv_state_elements()));
  }
  return results;
}

/// inputs: x, delta, B, C; the result is y.
TensorUse add_ssm(GraphWriter& writer, std::vector<TensorUse> inputs) {
  const auto& mamba = *writer.model.mamba;
  const auto& run = writer.input;
  const bool per_state = mamba.version == core::MambaVersion::mamba1;
  const std::uint64_t rows = writer.rows();
  Operator& op = writer.add("ssm", OperatorKind::ssm,
                            SsmShape{run.batch, run.tokens, mamba.inner_size, mamba.state_size, mamba.heads(),
                                     per_state ? 1 : mamba.groups, per_state});
  op.weights = {writer.weight("a_log", per_state ? mamba.state_size : 1, mamba.heads()),
                writer.weight("d", 1, mamba.heads()), writer.weight("dt_bias", 1, mamba.heads())};
  op.inputs = std::move(inputs);
  op.outputs = {writer.tensor("y", rows, mamba.inner_size)};
  op.macs = 3 * rows * mamba.state_elements();
  // delta * x, D * x and its addition; per decay: bias of delta, delta * A.
  const std::uint64_t decays = mamba.heads() * (per_state ? mamba.state_size : 1);
  op.elementwise = rows * (3 * mamba.inner_size + mamba.heads() + decays);
  op.functions = rows * (mamba.heads() + decays);  // softplus of delta, exp of the decay
  const std::uint64_t state_bytes = run.batch * mamba.state_elements() * writer.model.ssm_state_bytes;
  op.caches = {state_use(writer, CacheKind::ssm_state, "ssm_state", state_bytes)};
  const TensorUse y = op.outputs.front();
  if (!writer.keeps_caches()) {
    op.outputs.push_back(writer.tensor("ssm_state", run.batch, mamba.state_elements()));
    op.outputs.back().element_bytes = writer.model.ssm_state_bytes;
    std::vector<TensorUse> states{op.outputs.back(),
                                  writer.tensor("conv_state", run.batch, mamba.conv_state_elements())};
    writer.cache_transfer("state_transfer", std::move(states), {});
  }
  return y;
}

TensorUse add_gated_norm(GraphWriter& writer, const TensorUse& y, const TensorUse& z) {
  const std::uint64_t groups = writer.model.mamba->groups;
  Operator& op =
      writer.add("gated_norm", OperatorKind::gated_norm, RowShape{y.rows, y.columns, groups}, Fusion::either);
  op.activation = core::Activation::silu;
  op.weights = {writer.weight("gated_norm", 1, y.columns)};
  op.inputs = {y, z};
  op.outputs = {writer.tensor("gated_norm", y.rows, y.columns)};
  op.elementwise = 5 * y.rows * y.columns;  // SiLU's product, gate, and the three of a norm
  op.functions = y.rows * (y.columns + groups);
  return op.outputs.front();
}

TensorUse add_gate(GraphWriter& writer, const TensorUse& y, const TensorUse& z) {
  Operator& op = writer.add("gate", OperatorKind::gate, RowShape{y.rows, y.columns}, Fusion::either);
  op.activation = core::Activation::silu;
  op.inputs = {z, y};
  op.outputs = {writer.tensor("gated", y.rows, y.columns)};
  op.elementwise = 2 * y.rows * y.columns;
  op.functions = y.rows * y.columns;
  return op.outputs.front();
}

TensorUse add_mamba2_mixer(GraphWriter& writer, const TensorUse& normed) {
  const auto& mamba = *writer.model.mamba;
  const std::uint64_t group_states = mamba.groups * mamba.state_size;
  const auto projected = writer.gemm_split(
      "in_proj", normed, {{"z", mamba.inner_size}, {"conv_in", mamba.conv_channels()}, {"dt", mamba.heads()}},
      mamba.projection_bias);
  const auto convolved =
      add_conv1d(writer, projected[1], {{"x", mamba.inner_size}, {"b", group_states}, {"c", group_states}});
  const TensorUse y = add_ssm(writer, {convolved[0], projected[2], convolved[1], convolved[2]});
  return add_gated_norm(writer, y, projected[0]);
}

TensorUse add_mamba1_mixer(GraphWriter& writer, const TensorUse& normed) {
  const auto& mamba = *writer.model.mamba;
  const auto projected = writer.gemm_split(
      "in_proj", normed, {{"conv_in", mamba.inner_size}, {"z", mamba.inner_size}}, mamba.projection_bias);
  const auto x = add_conv1d(writer, projected[0], {{"x", mamba.inner_size}}).front();
  const auto selected = writer.gemm_split(
      "x_proj", x, {{"dt_low", mamba.delta_rank}, {"b", mamba.state_size}, {"c", mamba.state_size}});
  const auto delta = writer.gemm("dt_proj", selected[0], {{"dt", mamba.inner_size}}).front();
  const TensorUse y = add_ssm(writer, {x, delta, selected[1], selected[2]});
  return add_gate(writer, y, projected[1]);
}

}  // namespace

TensorUse add_mamba_layer(GraphWriter& writer, const std::string& name, const TensorUse& stream,
                          const TensorUse* transformer_output) {
  const auto& mamba = *writer.model.mamba;
  writer.begin_layer(LayerKind::mamba, name + ".mamba", name + ".mamba");
  TensorUse input = stream;
  if (transformer_output != nullptr) input = writer.residual("transformer_sum", *transformer_output, stream);
  const TensorUse normed = writer.norm("norm", {input});
  const TensorUse mixed = mamba.version == core::MambaVersion::mamba2 ? add_mamba2_mixer(writer, normed)
                                                                      : add_mamba1_mixer(writer, normed);
  const auto out =
      writer.gemm("out_proj", mixed, {{"out_proj", writer.model.hidden_size}}, mamba.projection_bias);
  return writer.residual("out", out.front(), stream);
}

}  // namespace duet::workload
