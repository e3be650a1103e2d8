// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/workload/graph/build_graph.hpp"

namespace duet::workload {

/// Collects operators; knows what all layers share: shapes of the run, element sizes, names.
class GraphWriter {
 public:
  GraphWriter(const core::ModelDescription& of_model, Phase of_phase, const GraphInput& of_input)
      : model(of_model), phase(of_phase), input(of_input) {}

  const core::ModelDescription& model;
  const Phase phase;
  const GraphInput& input;
  Graph graph;

  [[nodiscard]] std::uint64_t rows() const { return input.batch * input.tokens; }
  [[nodiscard]] bool starts_from_cache() const { return input.context_tokens > 0; }
  [[nodiscard]] bool keeps_caches() const { return input.cache_policy != CachePolicy::hand_over; }

  /// Opens a layer: the operators that follow belong to it and are named "<prefix>.<operator>".
  void begin_layer(LayerKind kind, std::string prefix, std::string weight_prefix);

  Operator& add(const std::string& name, OperatorKind kind, OperatorShape shape,
                Fusion fusion = Fusion::none);
  /// RMSNorm of `tensor` (or of several side by side) to "<prefix>.<name>".
  TensorUse norm(const std::string& name, std::vector<TensorUse> tensors);
  /// Product with one matrix per output, side by side in one operator.
  std::vector<TensorUse> gemm(const std::string& name, const TensorUse& tensor,
                              const std::vector<std::pair<std::string, std::uint64_t>>& outputs,
                              bool bias = false);
  /// Product with one matrix whose columns are split over several outputs.
  std::vector<TensorUse> gemm_split(const std::string& name, const TensorUse& tensor,
                                    const std::vector<std::pair<std::string, std::uint64_t>>& outputs,
                                    bool bias = false);
  /// Sum of a branch and a stream.
  TensorUse residual(const std::string& name, const TensorUse& branch, const TensorUse& stream);
  void cache_transfer(const std::string& name, std::vector<TensorUse> tensors, std::vector<CacheUse> caches);

  [[nodiscard]] TensorUse tensor(const std::string& name, std::uint64_t rows, std::uint64_t columns) const;
  [[nodiscard]] Weight weight(const std::string& name, std::uint64_t rows, std::uint64_t columns) const;
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] const std::string& weight_prefix() const { return weight_prefix_; }

  /// Weights of the uses below go under another prefix (adapters of a shared block).
  void weight_prefix(std::string prefix) { weight_prefix_ = std::move(prefix); }

 private:
  std::string prefix_, weight_prefix_;
  LayerKind layer_kind_ = LayerKind::embedding;
  std::uint64_t layers_ = 0;
};

/// The layers; each returns the tensor that goes on.
TensorUse add_embedding(GraphWriter& writer);
TensorUse add_mamba_layer(GraphWriter& writer, const std::string& name, const TensorUse& stream,
                          const TensorUse* transformer_output);
TensorUse add_attention_layer(GraphWriter& writer, const std::string& name, const TensorUse& stream);
TensorUse add_mlp_layer(GraphWriter& writer, const std::string& name, const TensorUse& stream);
TensorUse add_shared_block(GraphWriter& writer, const std::string& name, std::uint64_t use,
                           const TensorUse& stream, const TensorUse& embedding);
void add_head(GraphWriter& writer, const TensorUse& stream);

/// Parts that plain and shared layers have in common.
TensorUse add_attention(GraphWriter& writer, const TensorUse& normed, const std::string& adapter_prefix);
TensorUse add_mlp(GraphWriter& writer, const TensorUse& normed, const std::string& adapter_prefix);

}  // namespace duet::workload
