// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <string>

#include "duet/workload/mapping/mixed_split.hpp"
#include "duet/workload/mapping/package_mapper.hpp"
#include "duet/workload/mapping/prefill_grid.hpp"

namespace duet::workload {

/// Lowers the prefill of a batch. Stages run one after another, each over a grid of all chiplets (see
/// PrefillGrid): operands that several chiplets need are read once and posted to the group. A result lies
/// near the chiplet that made it, in its SRAM where there is room (KeptTensors), unless a consumer has
/// another grid: then it is spread over all memory. Stages wait only for results that array stages read.
/// Caches leave for the other package by move descriptors that run beside the next stages.
class PrefillMapper : private PackageMapper {
 public:
  explicit PrefillMapper(const MappingInput& input) : PackageMapper(input, Phase::prefill, true) {}
  Program map();

 private:
  /// Where a tensor lies: in one piece per chiplet, or spread.
  struct Place {
    std::uint64_t bytes = 0;
    bool near = false;
    bool kept = false;              ///< array stages find it in the SRAM of the chiplets
    bool written = true;            ///< it lies in memory
    bool awaited = true;            ///< the next stages begin only when it is written
    std::size_t last_use = 0;       ///< stage after which its SRAM is free
    std::vector<Placement> pieces;  ///< one per participant, or one in all
  };

  void place_caches(const Graph& graph);
  void lower(size_t index);
  void lower_gemm(const Stage& stage, const PrefillGrid& grid);
  void lower_ssm(const Stage& stage, const PrefillGrid& grid);
  void lower_attention(const Stage& stage, const PrefillGrid& grid);
  void lower_rows(const Stage& stage, duet_opcode opcode);
  void lower_transfer(const Stage& stage);

  /// The part of a product that one kind of array makes.
  struct GemmPart {
    duet_engine engine;
    PrefillGrid grid;
    GemmShape block;       ///< of one chiplet
    double begin = 0;      ///< share of the chiplet's block before this part
    double share = 1;      ///< share of the block that this part is
    bool by_rows = false;  ///< the parts share the block by rows, else by columns
  };
  std::vector<GemmPart> gemm_parts(const Stage& stage, const PrefillGrid& grid);
  duet_descriptor gemm_descriptor(const Stage& stage, const GemmPart& part, unsigned participant);
  const Place& place(const TensorUse& use);
  /// Finds room in memory for it, near its makers or spread.
  Place allocate(std::uint64_t bytes, bool near_makers);
  /// Where all weights of an operator lie, one behind the other.
  const Place& weights(const Operator& op);
  void make_outputs(size_t index);
  /// True when every array stage that reads the tensor needs no more of it than it has made itself.
  [[nodiscard]] bool is_found_by_all(const TensorUse& output) const;
  /// Bytes of each chiplet's SRAM that kept tensors take while a stage runs.
  [[nodiscard]] std::uint64_t kept_bytes(size_t index) const;
  void release_inputs(size_t index);
  [[nodiscard]] GridSurroundings surroundings() const {
    return {input_.package, input_.map, type(), chiplets_, parts(), engine_ == DUET_ENGINE_SYSTOLIC};
  }
  /// An operand of `bytes` of a tensor for one participant: its own piece, read again if it is shorter.
  duet_operand input(const TensorUse& use, unsigned participant, std::uint64_t bytes);
  static duet_operand piece_operand(const Place& place, unsigned participant, std::uint64_t bytes,
                                    unsigned flags);
  /// What a chiplet reads of a tensor that is no operand of a product.
  [[nodiscard]] std::uint64_t input_bytes(const Stage& stage, const TensorUse& use,
                                          const PrefillGrid& grid) const;
  void add_output(duet_descriptor& descriptor, const Stage& stage, unsigned participant, double begin = 0,
                  double part = 1);
  void close(duet_descriptor& descriptor, unsigned participant);
  void end_stage(const Stage& stage, std::uint32_t mode);

  std::vector<Stage> stages_;
  KeptTensors kept_;
  std::vector<PrefillGrid> grids_;
  std::map<std::string, Place> tensors_;
  std::map<std::string, Place> near_weights_;
  std::map<std::string, std::vector<size_t>> uses_;
  std::deque<std::pair<size_t, Place>> releases_;
  std::map<std::pair<SplitBlock, unsigned>, MixedSplit> splits_;  ///< by block and rows of the grid
  std::uint64_t barriers_ = 0;       ///< stages whose completion counts in the barrier counter
  std::uint64_t raised_ = 0;         ///< value of the barrier counter after all descriptors so far
  std::uint64_t awaited_ = 0;        ///< the same after all stages so far
  std::uint64_t written_ = 0;        ///< value of the counter of written outputs after all descriptors so far
  std::uint64_t vector_stages_ = 0;  ///< stages that vector-unit arrays help with
  std::uint64_t remote_cursor_ = 0;
  std::uint64_t kept_here_ = 0;  ///< bytes of each chiplet's SRAM taken while the current stage runs
  Placement caches_;             ///< those that stay in this package
  std::uint64_t cache_cursor_ = 0;
};

/// Maps the prefill; Program::fits says whether everything found a place.
Program map_prefill(const MappingInput& input);

}  // namespace duet::workload
