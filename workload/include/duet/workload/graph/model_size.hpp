// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/core/model_description.hpp"
#include "duet/workload/graph/operator.hpp"

namespace duet::workload {

/// Sizes of a model, all from its graph; shared weights count once, the LM head always.
struct ModelSize {
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;
  std::uint64_t kv_bytes_per_token = 0;                ///< of one sequence, all layers
  std::uint64_t ssm_state_bytes_per_sequence = 0;      ///< all layers
  std::uint64_t conv_state_bytes_per_sequence = 0;     ///< all layers
  std::uint64_t projection_macs_per_token = 0;         ///< matrix products with weights, LM head included
  std::uint64_t state_macs_per_token = 0;              ///< ssm and conv1d
  std::uint64_t attention_macs_per_token_and_key = 0;  ///< of each token attended to, all layers

  /// Bytes that one sequence holds after `tokens`.
  [[nodiscard]] std::uint64_t cache_bytes(std::uint64_t tokens) const {
    return tokens * kv_bytes_per_token + ssm_state_bytes_per_sequence + conv_state_bytes_per_sequence;
  }
};
ModelSize model_size(const core::ModelDescription& model);

/// Most bytes of activations that live at once when each operator writes its outputs to memory.
/// With `fused`, an operator that can be merged reuses the space of an input that ends with it.
std::uint64_t live_activation_peak_bytes(const Graph& graph, bool fused = false);

/// Bytes of all distinct weights of a graph.
std::uint64_t distinct_weight_bytes(const Graph& graph);

}  // namespace duet::workload
