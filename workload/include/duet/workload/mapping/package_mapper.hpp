// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duet/core/mapping_description.hpp"
#include "duet/core/model_description.hpp"
#include "duet/core/operation_timings.hpp"
#include "duet/core/platform_layout.hpp"
#include "duet/workload/mapping/memory_plan.hpp"
#include "duet/workload/mapping/program.hpp"
#include "duet/workload/mapping/stage.hpp"

namespace duet::workload {

/// Everything the mapper is told of one package and one run.
struct MappingInput {
  const core::PackageLayout& package;
  const core::AddressMap& map;
  const core::ModelDescription& model;
  const core::MappingDescription& mapping;
  std::uint64_t batch = 1;
  std::uint64_t prompt_tokens = 1;
  std::uint64_t context_tokens = 1;   ///< decode: tokens in the caches at this step
  std::uint64_t longest_context = 1;  ///< decode: capacity that the KV cache needs
  CachePolicy cache_policy = CachePolicy::keep;
  std::vector<Placement> remote_caches;  ///< prefill with hand-over: where each target chiplet's caches lie
  double remote_bytes_per_second = 0;    ///< rate of the inter-package link, for the prediction
  const Program* like = nullptr;         ///< prefill of a part: grids as in this program of the whole model
};

/// Common ground of the two phases: compute chiplets that take part, memory, groups, counters, and the
/// growing program.
class PackageMapper {
 public:
  /// `systolic_first`: the kind of array preferred; the other one is used where there is none of it, or where
  /// it lacks the kernel. Throws core::UserError when no array of the package runs products, or the SSM of a
  /// model that has one.
  PackageMapper(const MappingInput& input, Phase phase, bool systolic_first);

 protected:
  static constexpr unsigned barrier_counter = 0;

  [[nodiscard]] unsigned parts() const { return static_cast<unsigned>(chiplets_.size()); }
  [[nodiscard]] const core::NodeTypeDescription& type() const { return *type_; }
  [[nodiscard]] std::uint64_t share(std::uint64_t total) const { return (total + parts() - 1) / parts(); }

  /// Id of the multicast group with these members (indices into the participants); made once.
  unsigned group_of(const std::vector<unsigned>& participants);

  /// Opens the next stage; its number goes into the descriptors' `layer`.
  StagePlan& begin_stage(const Stage& stage, const std::string& name);
  [[nodiscard]] duet_descriptor new_descriptor(duet_opcode opcode, duet_engine engine) const;
  /// Steps so that each fits the SRAM partitions several times.
  void set_steps(duet_descriptor& descriptor) const;
  void push(unsigned participant, const duet_descriptor& descriptor);
  /// Mode bits of the arrays that run the SSM.
  [[nodiscard]] std::uint32_t ssm_mode() const;
  /// Ends a stage: one doorbell per participant, merged with the previous one of the same layer and mode.
  void ring(std::uint64_t layer, std::uint32_t mode);

  Placement spread(std::uint64_t bytes);
  Placement near(unsigned participant, std::uint64_t bytes);
  /// Adds to the plan what the descriptor of one participant moves and computes.
  void predict(StagePlan& plan, const duet_descriptor& descriptor);
  void finish(Program& program);

  MappingInput input_;
  Phase phase_;
  std::vector<unsigned> chiplets_;  ///< ordinals of the compute chiplets that take part
  const core::NodeTypeDescription* type_ = nullptr;
  duet_engine engine_ = DUET_ENGINE_SYSTOLIC;      ///< of everything but the SSM
  duet_engine ssm_engine_ = DUET_ENGINE_SYSTOLIC;  ///< another one where `engine_` has no SSM mode
  std::optional<MemoryPlan> memory_;               ///< made once it is known who takes part
  Program program_;
  bool fits_ = true;

 private:
  std::map<std::uint64_t, unsigned> groups_;  // member mask -> id
  std::vector<unsigned> pending_;             // descriptors per participant since the last doorbell
  std::uint64_t last_layer_ = UINT64_MAX;
  std::optional<core::OperationTimings> timings_;  // on a chiplet that takes part
};

/// An input operand that this chiplet reads alone.
duet_operand read_operand(std::uint64_t address, std::uint64_t bytes, unsigned flags);
duet_operand write_operand(std::uint64_t address, std::uint64_t bytes, unsigned flags);

}  // namespace duet::workload
