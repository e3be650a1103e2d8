// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "duet/workload/mapping/package_mapper.hpp"

namespace duet::workload {

/// Rows and columns of a weight as they lie in memory, row by row. Tensors of matrices are [out][in].
struct WeightPiece {
  std::string tensor;
  std::uint64_t tensor_columns = 0;  ///< of the whole tensor
  std::uint64_t first_row = 0, rows = 0;
  std::uint64_t first_column = 0, columns = 0;
};

/// Pieces one behind the other from `address`, FP16.
struct WeightBlock {
  std::uint64_t address = 0;
  std::vector<WeightPiece> pieces;
};

/// A chiplet's part of an activation or a cache.
struct ValueRegion {
  std::string name;  ///< "layer.0.mamba.y"
  unsigned participant = 0;
  Placement placement;
};

/// A program whose descriptors define every value (docs/models/values.md), and what has to lie in memory.
struct ValueProgram {
  Program program;
  std::vector<WeightBlock> weights;
  std::vector<ValueRegion> regions;
  Placement tokens;       ///< 32-bit ids that the embedding takes: token by token, sequence by sequence
  Placement next_tokens;  ///< 32-bit ids of the arg-max, one per sequence; in decode the same as `tokens`
  std::vector<std::uint64_t> used_bytes;  ///< of each participant's memory

  [[nodiscard]] Placement region(const std::string& name, unsigned participant) const;
};

/// Caches by name, one placement per participant.
using CacheRegions = std::map<std::string, std::vector<Placement>>;

/// Lowers a phase such that values are defined: every tensor is cut into equal column blocks, one per
/// chiplet, each contiguous in one memory node near its chiplet; products split the weight's outputs; heads,
/// groups and KV heads stay with their chiplet; what a product needs whole is gathered by posts. The same
/// program runs in timing mode. Not the fastest mapping: the others are made for that.
class ValueMapper : private PackageMapper {
 public:
  /// Throws core::UserError when the model or the package has something whose values are not defined.
  /// `most_chiplets` take part. `used_bytes`: what another program of the same package takes already, per
  /// participant.
  ValueMapper(const MappingInput& input, Phase phase, std::size_t most_chiplets,
              std::vector<std::uint64_t> used_bytes = {});
  /// Decode makes `caches` (and the tokens' place, "tokens"), prefill sends to them.
  ValueProgram map(CacheRegions& caches);

 private:
  static constexpr std::uint64_t word = 2;  ///< bytes of an FP16 element
  /// RMSNorm's epsilon of the models that are shipped (Nemotron-H, Llama: config.json, rms_norm_eps).
  static constexpr float norm_epsilon = 1e-5F;

  /// Passes of each of the result's elements through the SFUs.
  static std::uint32_t passes(std::uint64_t functions, std::uint64_t elements) {
    return static_cast<std::uint32_t>((functions + elements - 1) / elements);
  }

  /// One placement per participant.
  using Blocks = std::vector<Placement>;

  /// What a product does besides multiplying.
  struct Product {
    std::string name;
    OperatorKind kind = OperatorKind::gemm;
    std::string norm = {};  ///< weight of a norm of the input
    core::Activation function = core::Activation::none;
    bool gated = false;
    const Blocks* residual = nullptr;
  };
  struct Rows {
    const Blocks& blocks;
    std::uint64_t rows;
    std::uint64_t columns;        ///< of all blocks together
    std::uint64_t skip_rows = 0;  ///< of each block
  };

  void check() const;
  Placement allocate(unsigned participant, std::uint64_t bytes);
  /// A block per participant; `bytes` of each.
  Blocks make(const std::string& name, std::uint64_t bytes);
  Placement weight(unsigned participant, std::vector<WeightPiece> pieces);
  void begin(OperatorKind kind, LayerKind layer_kind, const std::string& name);
  duet_descriptor descriptor(duet_opcode opcode, unsigned participant) const;
  void close(duet_descriptor& descriptor, unsigned participant);
  void end_stage(std::uint32_t mode);

  duet_operand shared(const Rows& rows, unsigned participant);
  static duet_operand waiting(const Placement& placement);
  /// `pieces(p)` are the weight's rows for a participant, `outputs` its columns' destinations.
  using Pieces = std::function<std::vector<WeightPiece>(unsigned participant)>;
  void product(const Product& what, const Rows& input, const std::vector<const Blocks*>& outputs,
               const Pieces& pieces);
  WeightPiece rows_of(const std::string& tensor, std::uint64_t columns, std::uint64_t first,
                      std::uint64_t rows) const;
  WeightPiece columns_of(const std::string& tensor, std::uint64_t columns, unsigned participant) const;

  Blocks embedding();
  Blocks mamba(const std::string& name, const Blocks& stream, CacheRegions& caches);
  Blocks attention(const std::string& name, const Blocks& stream, CacheRegions& caches);
  Blocks mlp(const std::string& name, const Blocks& stream);
  void head(const Blocks& stream, CacheRegions& caches);
  void conv1d(const std::string& name, const Blocks& in, const Blocks& out, const Blocks& state_in,
              const Blocks& state_out);
  void ssm(const std::string& name, const Blocks& x, const Blocks& dt, const Blocks& y,
           const Blocks& state_in, const Blocks& state_out);
  void gated_norm(const std::string& name, const Blocks& y, const Blocks& z, const Blocks& out);
  /// A chiplet's inputs, one behind the other, to another place beside the arrays.
  void transfer(const std::string& name, const std::vector<const Blocks*>& from, const Blocks& to);

  [[nodiscard]] bool is_decode() const { return phase_ == Phase::decode; }
  [[nodiscard]] std::uint64_t rows() const { return input_.batch * tokens_; }

  std::uint64_t tokens_;  ///< new ones per sequence
  ValueProgram result_;
  LayerKind layer_kind_ = LayerKind::embedding;
  std::uint64_t layer_ = 0;
  std::vector<std::uint64_t> used_;  ///< bytes per participant
  std::uint64_t raised_ = 0;
  std::uint64_t awaited_ = 0;
};

}  // namespace duet::workload
