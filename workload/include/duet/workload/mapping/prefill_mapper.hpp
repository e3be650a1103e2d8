// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <string>

#include "duet/workload/mapping/package_mapper.hpp"

namespace duet::workload {

/// Lowers the prefill of a batch. Stages run one after another, each spread over all chiplets:
/// matrix products over a rows x columns grid of chiplets (operands that several chiplets need are
/// read once and posted to the group), SSM by heads, attention by sequences and heads. Activations and
/// weights lie spread over all memory; caches leave for the other package by move descriptors that run
/// beside the next stages.
class PrefillMapper : private PackageMapper {
 public:
  explicit PrefillMapper(const MappingInput& input) : PackageMapper(input, Phase::prefill, true) {}
  Program map();

 private:
  /// A grid of chiplets for a matrix product, and how often each operand is read.
  struct Split {
    unsigned rows = 1;
    unsigned columns = 1;
    uint64_t passes_a = 1;
    uint64_t passes_b = 1;
    double predicted_s = 0;
  };

  void lower(const Stage& stage);
  void lower_gemm(const Stage& stage);
  void lower_ssm(const Stage& stage);
  void lower_attention(const Stage& stage);
  void lower_rows(const Stage& stage, duet_opcode opcode);
  void lower_transfer(const Stage& stage);

  Split choose_split(const Stage& stage, const GemmShape& shape) const;
  duet_descriptor gemm_descriptor(const Stage& stage, const GemmShape& shape, const Split& split, unsigned row,
                                  unsigned column);
  Placement tensor(const TensorUse& use);
  void make_outputs(const Stage& stage);
  void release_inputs(size_t stage_index);
  void add_output(duet_descriptor& descriptor, const Stage& stage, unsigned participant, unsigned parts);
  void close(duet_descriptor& descriptor, unsigned participant);
  void end_stage(const Stage& stage, uint32_t systolic_mode);

  std::vector<Stage> stages_;
  std::map<std::string, Placement> tensors_;
  std::map<std::string, size_t> last_use_;
  std::deque<std::pair<size_t, Placement>> releases_;
  std::uint64_t barriers_ = 0;  ///< stages whose completion counts in the barrier counter
  std::uint64_t jobs_ = 0;
  std::uint64_t remote_cursor_ = 0;
};

/// Maps the prefill; Program::fits says whether everything found a place.
Program map_prefill(const MappingInput& input);

}  // namespace duet::workload
