// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duet/core/field.hpp"

namespace duet::core {

enum class MambaVersion { mamba1, mamba2 };
enum class Activation { none, relu_squared, silu, gelu };

template <>
struct EnumNames<MambaVersion> {
  static constexpr std::pair<MambaVersion, std::string_view> values[] = {{MambaVersion::mamba1, "mamba1"},
                                                                         {MambaVersion::mamba2, "mamba2"}};
};

template <>
struct EnumNames<Activation> {
  static constexpr std::pair<Activation, std::string_view> values[] = {
      {Activation::none, "none"},
      {Activation::relu_squared, "relu_squared"},
      {Activation::silu, "silu"},
      {Activation::gelu, "gelu"}};
};

/// The mixer of an 'M' layer: in-projection, depthwise causal conv1d with SiLU, selective state
/// space, gate (Mamba-2: inside a gated RMSNorm), out-projection.
/// Shapes as in state-spaces/mamba, mamba_simple.py (Mamba-1) and mamba2.py (Mamba-2).
struct MambaDescription {
  MambaVersion version = MambaVersion::mamba2;
  std::uint64_t inner_size = 0;
  std::uint64_t head_size = 64;
  std::uint64_t state_size = 128;
  std::uint64_t groups = 1;
  std::uint64_t conv_kernel = 4;
  std::uint64_t delta_rank = 0;
  bool conv_bias = true;
  bool projection_bias = false;

  /// Heads with one decay each: inner_size / head_size (Mamba-2), every channel (Mamba-1).
  [[nodiscard]] std::uint64_t heads() const;
  /// Channels that pass the conv1d: x, B and C (Mamba-2), x alone (Mamba-1).
  [[nodiscard]] std::uint64_t conv_channels() const;
  /// Columns of the in-projection: z, x, B, C, dt (Mamba-2), x, z (Mamba-1).
  [[nodiscard]] std::uint64_t in_projection_columns() const;
  /// Elements of the SSM state of one sequence and layer.
  [[nodiscard]] std::uint64_t state_elements() const { return inner_size * state_size; }
  /// Elements of the conv state of one sequence and layer: the last conv_kernel - 1 inputs.
  [[nodiscard]] std::uint64_t conv_state_elements() const { return conv_channels() * (conv_kernel - 1); }

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = MambaDescription;
    visit("version", &Self::version,
          {.text = "Mamba-1 (one decay per channel and state) or Mamba-2 (one per head)"});
    visit("inner_size", &Self::inner_size,
          {.min = 1, .max = 1 << 20, .text = "channels ED of the state space (d_inner)", .required = true});
    visit("head_size", &Self::head_size,
          {.min = 1, .max = 1 << 16, .text = "channels per head that share one decay; Mamba-2 only"});
    visit("state_size", &Self::state_size,
          {.min = 1, .max = 1 << 16, .text = "states N per channel (d_state)"});
    visit("groups", &Self::groups,
          {.min = 1, .max = 1 << 12, .text = "groups of heads that share B and C; Mamba-2 only"});
    visit("conv_kernel", &Self::conv_kernel,
          {.min = 1, .max = 64, .text = "taps of the depthwise causal conv1d"});
    visit("delta_rank", &Self::delta_rank,
          {.min = 0, .max = 1 << 16, .text = "rank of the delta projection (dt_rank); Mamba-1 only"});
    visit("conv_bias", &Self::conv_bias, {.text = "the conv1d has a bias"});
    visit("projection_bias", &Self::projection_bias, {.text = "the in- and out-projection have biases"});
  }
};

/// A '*' layer: attention with grouped KV heads.
struct AttentionDescription {
  std::uint64_t heads = 0;
  std::uint64_t kv_heads = 0;
  std::uint64_t head_size = 128;
  bool rotary = true;
  bool projection_bias = false;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = AttentionDescription;
    visit("heads", &Self::heads, {.min = 1, .max = 1 << 14, .text = "query heads", .required = true});
    visit("kv_heads", &Self::kv_heads,
          {.min = 1, .max = 1 << 14, .text = "key and value heads; divides heads", .required = true});
    visit("head_size", &Self::head_size, {.min = 1, .max = 1 << 14, .text = "elements per head"});
    visit("rotary", &Self::rotary, {.text = "rotary position embedding on queries and keys"});
    visit("projection_bias", &Self::projection_bias,
          {.text = "the query, key and value projections have biases"});
  }
};

/// A '-' layer: multi-layer perceptron of two matrices (up, down) or three (gate, up, down).
struct MlpDescription {
  std::uint64_t intermediate_size = 0;
  std::uint64_t matrices = 2;
  Activation activation = Activation::relu_squared;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = MlpDescription;
    visit("intermediate_size", &Self::intermediate_size,
          {.min = 1, .max = 1 << 22, .text = "columns of the up projection", .required = true});
    visit("matrices", &Self::matrices,
          {.min = 2,
           .max = 3,
           .text = "3: gate, up, down; 2: up, down (set to 2 for Llama3 it reproduces the paper's reading, "
                   "duet.md section 5)"});
    visit("activation", &Self::activation,
          {.text = "function of the gate, or of the up projection when there is no gate"});
  }
};

/// Transformer blocks whose weights are shared by several places of the model (Zamba2): attention
/// and MLP of the model's shapes, run before the listed layers, block i mod count for the i-th.
struct SharedBlocksDescription {
  std::uint64_t count = 2;
  std::vector<std::uint64_t> layers;
  bool concatenate_embedding = true;
  bool output_linear = true;
  std::uint64_t mlp_lora_rank = 0;
  std::uint64_t attention_lora_rank = 0;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = SharedBlocksDescription;
    visit("count", &Self::count, {.min = 1, .max = 1 << 10, .text = "different blocks, used in turn"});
    visit("layers", &Self::layers,
          {.min = 0,
           .max = 1 << 14,
           .text = "positions in the pattern before which a shared block runs, ascending",
           .required = true});
    visit("concatenate_embedding", &Self::concatenate_embedding,
          {.text = "attention reads the hidden state beside the token's embedding (2 x hidden_size)"});
    visit("output_linear", &Self::output_linear,
          {.text = "each use has its own hidden x hidden matrix on the block's output"});
    visit("mlp_lora_rank", &Self::mlp_lora_rank,
          {.min = 0, .max = 1 << 14, .text = "rank of each use's adapter on gate and up; 0: none"});
    visit("attention_lora_rank", &Self::attention_lora_rank,
          {.min = 0, .max = 1 << 14, .text = "rank of each use's adapters on query, key and value; 0: none"});
  }
};

/// Shapes of a large language model. Any mix of Mamba, attention and MLP layers is one string.
struct ModelDescription {
  std::string name;
  std::string source;
  std::uint64_t hidden_size = 0;
  std::uint64_t vocabulary_size = 0;
  bool tie_embeddings = false;
  std::string pattern;
  std::uint64_t pattern_repeat = 1;
  std::optional<MambaDescription> mamba;
  std::optional<AttentionDescription> attention;
  std::optional<MlpDescription> mlp;
  std::optional<SharedBlocksDescription> shared_blocks;
  std::uint64_t weight_element_bytes = 2;
  std::uint64_t activation_element_bytes = 2;
  std::uint64_t kv_element_bytes = 2;
  std::uint64_t ssm_state_bytes = 2;
  bool read_lm_head = true;

  /// The pattern repeated pattern_repeat times: one character a layer.
  [[nodiscard]] std::string layers() const;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = ModelDescription;
    visit("name", &Self::name, {.text = "the model's name in results", .required = true});
    visit("source", &Self::source, {.text = "where the shapes come from"});
    visit("hidden_size", &Self::hidden_size,
          {.min = 1, .max = 1 << 20, .text = "width of the residual stream", .required = true});
    visit("vocabulary_size", &Self::vocabulary_size,
          {.min = 1,
           .max = 1 << 24,
           .text = "rows of the embedding, columns of the LM head",
           .required = true});
    visit("tie_embeddings", &Self::tie_embeddings, {.text = "embedding and LM head are one matrix"});
    visit("pattern", &Self::pattern,
          {.text = "one character a layer: M Mamba, * attention, - MLP", .required = true});
    visit("pattern_repeat", &Self::pattern_repeat,
          {.min = 1, .max = 4096, .text = "times that the pattern is repeated"});
    visit("mamba", &Self::mamba, {.text = "shapes of the M layers"});
    visit("attention", &Self::attention, {.text = "shapes of the * layers"});
    visit("mlp", &Self::mlp, {.text = "shapes of the - layers"});
    visit("shared_blocks", &Self::shared_blocks, {.text = "transformer blocks with shared weights (Zamba2)"});
    visit("weight_element_bytes", &Self::weight_element_bytes,
          {.min = 1, .max = 4, .text = "bytes of a weight; FP16 arrays"});
    visit("activation_element_bytes", &Self::activation_element_bytes,
          {.min = 1, .max = 4, .text = "bytes of an activation and of the conv state; FP16 arrays"});
    visit("kv_element_bytes", &Self::kv_element_bytes,
          {.min = 1, .max = 4, .text = "bytes of a key or value element in the cache"});
    visit("ssm_state_bytes", &Self::ssm_state_bytes,
          {.min = 2,
           .max = 4,
           .text = "bytes of an SSM state element, 2 or 4: open in the paper, 2 *assumed*"});
    visit("read_lm_head", &Self::read_lm_head,
          {.text = "the LM head is computed; false reproduces the paper's decode bytes (duet.md section 5)"});
  }
};

/// Checks what single fields cannot: pattern characters, shapes given for each kind of layer used,
/// divisibility, positions of shared blocks. Throws UserError naming key, found and allowed.
void check(const ModelDescription& model);

}  // namespace duet::core
