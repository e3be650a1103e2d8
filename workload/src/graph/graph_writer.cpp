// SPDX-License-Identifier: Apache-2.0
#include "graph_writer.hpp"

namespace duet::workload {

namespace {

// Sum of squares, scale by the row's factor, scale by the column's weight.
constexpr std::uint64_t norm_operations = 3;

}  // namespace

void GraphWriter::begin_layer(LayerKind kind, std::string prefix, std::string weight_prefix) {
  layer_kind_ = kind;
  prefix_ = std::move(prefix);
  weight_prefix_ = std::move(weight_prefix);
  ++layers_;
}

Operator& GraphWriter::add(const std::string& name, OperatorKind kind, OperatorShape shape, Fusion fusion) {
  Operator next;
  next.name = prefix_ + "." + name;
  next.kind = kind;
  next.layer_kind = layer_kind_;
  next.layer = layers_ - 1;
  next.fusion = fusion;
  next.shape = shape;
  return graph.emplace_back(std::move(next));
}

TensorUse GraphWriter::tensor(const std::string& name, std::uint64_t rows, std::uint64_t columns) const {
  return {prefix_ + "." + name, rows, columns, model.activation_element_bytes};
}

Weight GraphWriter::weight(const std::string& name, std::uint64_t rows, std::uint64_t columns) const {
  return {weight_prefix_ + "." + name, rows, columns, model.weight_element_bytes, rows};
}

TensorUse GraphWriter::norm(const std::string& name, std::vector<TensorUse> tensors) {
  std::uint64_t columns = 0;
  for (const TensorUse& part : tensors) columns += part.columns;
  const std::uint64_t rows = tensors.front().rows;
  Operator& op = add(name, OperatorKind::norm, RowShape{rows, columns}, Fusion::either);
  op.weights = {weight(name, 1, columns)};
  op.inputs = std::move(tensors);
  op.outputs = {tensor(name, rows, columns)};
  op.elementwise = norm_operations * rows * columns;
  op.functions = rows;
  return op.outputs.front();
}

std::vector<TensorUse> GraphWriter::gemm(const std::string& name, const TensorUse& input_tensor,
                                         const std::vector<std::pair<std::string, std::uint64_t>>& outputs,
                                         bool bias) {
  GemmShape shape{input_tensor.rows, input_tensor.columns, 0};
  Operator& op = add(name, OperatorKind::gemm, shape);
  op.inputs = {input_tensor};
  for (const auto& [output, columns] : outputs) {
    shape.n += columns;
    op.outputs.push_back(tensor(output, shape.m, columns));
    op.weights.push_back(weight(output, shape.k, columns));
    if (bias) op.weights.push_back(weight(output + "_bias", 1, columns));
  }
  op.shape = shape;
  op.macs = shape.m * shape.k * shape.n;
  if (bias) op.elementwise = shape.m * shape.n;
  return op.outputs;
}

std::vector<TensorUse> GraphWriter::gemm_split(
    const std::string& name, const TensorUse& input_tensor,
    const std::vector<std::pair<std::string, std::uint64_t>>& outputs, bool bias) {
  std::uint64_t columns = 0;
  for (const auto& output : outputs) columns += output.second;
  gemm(name, input_tensor, {{name, columns}}, bias);
  Operator& op = graph.back();
  op.outputs.clear();
  for (const auto& [output, part] : outputs) op.outputs.push_back(tensor(output, input_tensor.rows, part));
  return op.outputs;
}

TensorUse GraphWriter::residual(const std::string& name, const TensorUse& branch, const TensorUse& stream) {
  Operator& op = add(name, OperatorKind::residual, RowShape{stream.rows, stream.columns}, Fusion::producer);
  op.inputs = {branch, stream};
  op.outputs = {tensor(name, stream.rows, stream.columns)};
  op.elementwise = stream.rows * stream.columns;
  return op.outputs.front();
}

void GraphWriter::cache_transfer(const std::string& name, std::vector<TensorUse> tensors,
                                 std::vector<CacheUse> caches) {
  Operator& op = add(name, OperatorKind::cache_transfer, RowShape{input.batch, 0});
  op.inputs = std::move(tensors);
  op.caches = std::move(caches);
  op.shape = RowShape{input.batch, (op.input_bytes() + op.cache_read_bytes()) / input.batch};
}

}  // namespace duet::workload
