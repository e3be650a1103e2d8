// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

#include "duet/workload/mapping/package_mapper.hpp"

namespace duet::workload {

/// Lowers one decode step of a batch. Every matrix is split by columns, each chiplet's part near it in
/// memory and prefetched ahead of the layer; vectors that a matrix needs whole are gathered by posted
/// multicast into mailboxes. Where the vector already lies where rows of the matrix would need it, the
/// matrix is split by rows if its partial sums are predicted to meet sooner than the vector is gathered; SSM
/// heads and KV heads stay with their chiplet. The image serves all steps: what grows with the context is
/// base + stride * argument 0.
class DecodeMapper : private PackageMapper {
 public:
  explicit DecodeMapper(const MappingInput& input) : PackageMapper(input, Phase::decode, false) {}
  /// `caches`: where each participant's caches lie, for the prefill to send to.
  Program map(std::vector<Placement>& caches);

 private:
  /// How a tensor gets from its producer to its consumers.
  struct Route {
    bool gathered = false;    ///< every chiplet gets all of it
    std::uint64_t bytes = 0;  ///< gathered bytes, of all producers together
    unsigned counter = 0;
    bool taken = false;  ///< the first consumer has waited for it
  };

  unsigned next_mailbox(bool for_ssm = false);
  void plan_routes();
  bool needs_whole(const Stage& consumer, const TensorUse& use) const;
  void lower(const Stage& stage);
  duet_descriptor gemm(const Stage& stage) const;
  void plan_row_splits();
  bool is_split_by_rows(const Stage& stage) const { return row_splits_.contains(&stage); }
  [[nodiscard]] std::vector<unsigned> nodes() const;
  void lower_row_split(const Stage& stage);
  [[nodiscard]] duet_descriptor partial_sums(const Stage& stage) const;
  [[nodiscard]] duet_descriptor whole_sums(const Stage& stage) const;
  duet_descriptor ssm(const Stage& stage, unsigned participant);
  duet_descriptor attention(const Stage& stage, unsigned participant);
  duet_descriptor rows(const Stage& stage, duet_opcode opcode) const;
  void add_weights(duet_descriptor& descriptor, const Stage& stage, unsigned participant, unsigned& slot);
  void add_mailboxes(duet_descriptor& descriptor, const std::vector<Route*>& waits, unsigned& slot) const;
  void add_posts(duet_descriptor& descriptor, const Stage& stage);
  void chain_engines();
  Placement near_cache(const std::string& name, unsigned participant, std::uint64_t bytes);

  std::vector<Stage> stages_;
  std::map<std::string, Route> routes_;
  std::map<std::pair<std::string, unsigned>, Placement> near_weights_;
  std::vector<Placement> cache_regions_;
  /// How the sums of a matrix split by rows come together.
  struct RowSplit {
    unsigned counter = 0;
    std::uint64_t piece_bytes = 0;  ///< sums that a chiplet gets
    double noi_s = 0;
  };
  std::map<const Stage*, RowSplit> row_splits_;
  unsigned mailboxes_used_ = 0;
  unsigned ssm_mailboxes_used_ = 0;
};

/// Maps a decode step.
Program map_decode(const MappingInput& input, std::vector<Placement>& caches);

}  // namespace duet::workload
