// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/core/mapping_description.hpp"
#include "duet/workload/graph/operator.hpp"

namespace duet::workload {

/// Operators that run as one pass over the arrays: one main operator and those fused into it.
struct Stage {
  const Operator* main = nullptr;
  std::vector<const Operator*> fused;  ///< the others, in graph order
  std::vector<TensorUse> inputs;       ///< made by earlier stages; a tensor occurs once
  std::vector<TensorUse> outputs;      ///< read by later stages, or the program's result
  std::uint64_t output_functions = 0;  ///< SFU evaluations on results as they leave
  std::uint64_t input_functions = 0;   ///< SFU evaluations on operands as they arrive

  /// Sends caches or results away beside the arrays.
  [[nodiscard]] bool is_move() const { return main->kind == OperatorKind::cache_transfer; }
  [[nodiscard]] std::uint64_t weight_bytes() const;
  [[nodiscard]] std::uint64_t macs() const;
  [[nodiscard]] const Operator* find(OperatorKind kind) const;
};

/// Groups a graph into stages as the options say. Norms, conv1d and rotary may join the pass that
/// consumes or produces their tensor; activations, gates, residual sums, cache writes and the arg-max
/// join their producer. The graph must outlive the result.
std::vector<Stage> make_stages(const Graph& graph, const core::FusionDescription& fusion);

}  // namespace duet::workload
