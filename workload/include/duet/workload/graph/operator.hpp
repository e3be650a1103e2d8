// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/workload/graph/tensor.hpp"

namespace duet::workload {

/// What a logical operator computes.
enum class OperatorKind {
  embedding,       ///< gathers one row of the embedding per token
  norm,            ///< RMSNorm over the columns
  gemm,            ///< matrix product with a weight (a GEMV when there is one row)
  conv1d,          ///< depthwise causal convolution along the tokens, bias and SiLU included
  ssm,             ///< selective state space: recurrence and read-out, softplus and exp included
  gated_norm,      ///< RMSNorm per group of y * SiLU(z)
  rotary,          ///< rotary position embedding of queries and keys
  attention,       ///< softmax(Q K^T) V, grouped KV heads
  activation,      ///< element-wise function
  gate,            ///< function(gate) * value
  residual,        ///< element-wise sum
  argmax,          ///< index of the largest logit of a row
  kv_append,       ///< writes new keys and values into the cache
  cache_transfer,  ///< sends caches, or the prefill's result, to the other package
};
std::string_view kind_name(OperatorKind kind);

/// What a layer is; times are reported per kind.
enum class LayerKind { embedding, mamba, attention, mlp, head };
std::string_view kind_name(LayerKind kind);

/// With which neighbour a mapper may merge the operator, so that its tensor is not moved twice.
enum class Fusion {
  none,
  producer,  ///< can run on the producer's output as it leaves
  consumer,  ///< can run on the consumer's input as it arrives
  either,
};

/// out[m][n] = sum over k of in[m][k] * weight[k][n].
struct GemmShape {
  std::uint64_t m = 0, k = 0, n = 0;
  auto operator<=>(const GemmShape& other) const = default;
};

/// Element-wise operators, norms, embedding, argmax: rows x columns of the (widest) input.
/// `groups` is the number of parts of a row that a norm treats on their own.
struct RowShape {
  std::uint64_t rows = 0, columns = 0, groups = 1;
};

/// Depthwise convolution of `tokens` per sequence.
struct ConvShape {
  std::uint64_t sequences = 0, tokens = 0, channels = 0, kernel = 0;
};

/// h[e,n] = decay[e] * h[e,n] + (delta x)[e] * B[n]; y[e] = sum over n of C[n] h[e,n] + D[e] x[e].
/// `decay_per_state`: Mamba-1, where the decay is [e,n]. Heads share a decay, groups share B and C.
struct SsmShape {
  std::uint64_t sequences = 0, tokens = 0, channels = 0, states = 0, heads = 0, groups = 1;
  bool decay_per_state = false;
};

/// `query_tokens` new tokens per sequence attend to `context_tokens` in the cache and, causally, to
/// each other.
struct AttentionShape {
  std::uint64_t sequences = 0, query_tokens = 0, context_tokens = 0;
  std::uint64_t heads = 0, kv_heads = 0, head_size = 0;

  /// Pairs of query and key of one sequence and head, masked ones left out.
  [[nodiscard]] std::uint64_t causal_pairs() const {
    return query_tokens * context_tokens + query_tokens * (query_tokens + 1) / 2;
  }
};

using OperatorShape = std::variant<RowShape, GemmShape, ConvShape, SsmShape, AttentionShape>;

/// One step of a phase, independent of any platform. Operators of a graph are in a valid order;
/// a consumer names its tensors as their producer does.
struct Operator {
  std::string name;  ///< unique in the graph: "layer.7.attention.qkv"
  OperatorKind kind = OperatorKind::gemm;
  LayerKind layer_kind = LayerKind::mamba;
  std::uint64_t layer = 0;  ///< running index of the layer in the graph; 0 is the embedding
  Fusion fusion = Fusion::none;
  core::Activation activation = core::Activation::none;  ///< of conv1d, activation and gate
  OperatorShape shape;
  std::vector<Weight> weights;
  std::vector<TensorUse> inputs;  ///< the last one of a residual is the stream
  std::vector<TensorUse> outputs;
  std::vector<CacheUse> caches;
  std::uint64_t macs = 0;  ///< multiply-accumulates of array kernels (ssm: 3 per channel, state and token)
  std::uint64_t elementwise = 0;  ///< other multiplies, additions and comparisons
  std::uint64_t functions = 0;    ///< evaluations of exp, softplus, SiLU, GELU, 1/sqrt

  [[nodiscard]] std::uint64_t weight_bytes() const;
  [[nodiscard]] std::uint64_t input_bytes() const;
  [[nodiscard]] std::uint64_t output_bytes() const;
  [[nodiscard]] std::uint64_t cache_read_bytes() const;
  [[nodiscard]] std::uint64_t cache_write_bytes() const;
};

using Graph = std::vector<Operator>;

}  // namespace duet::workload
