// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/model_description.hpp"
#include "duet/workload/graph/operator.hpp"

namespace duet::workload {

enum class Phase { prefill, decode };

/// Where the caches made by the prefill go.
enum class CachePolicy {
  keep,             ///< stay in the memory of this package (aggregates; every decode)
  hand_over,        ///< stream to the other package as each layer finishes (DUET's prefill)
  hand_over_at_end  ///< stay until the prefill is done, then go (a GPU pair)
};

struct GraphInput {
  std::uint64_t batch = 1;           ///< sequences
  std::uint64_t tokens = 1;          ///< new tokens of each sequence: prompt length, 1 in decode
  std::uint64_t context_tokens = 0;  ///< tokens that are in the caches already
  CachePolicy cache_policy = CachePolicy::keep;
};

/// Lowers a model to the ordered operators of one phase. Tensors "tokens" (ids) are the graph's
/// only input; the last operator of the head produces "next_tokens" (without the LM head:
/// "final_norm"). Logits are computed for the last token of each sequence only.
/// Throws UserError when check(model) does, or when input has no batch or no tokens, or decode has
/// more than one new token.
Graph build_graph(const core::ModelDescription& model, Phase phase, const GraphInput& input);

}  // namespace duet::workload
