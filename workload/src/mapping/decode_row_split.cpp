// SPDX-License-Identifier: Apache-2.0
// Matrices split by rows: each chiplet multiplies the part of the vector that it has made itself, and the
// network sums the partial results on their way to the chiplets that go on with them (reduce-scatter).
#include <algorithm>

#include "duet/core/operation_timing.hpp"
#include "duet/sw_driver/regs.h"
#include "duet/workload/mapping/collective_times.hpp"
#include "duet/workload/mapping/decode_mapper.hpp"

namespace duet::workload {
namespace {

constexpr uint64_t sum_bytes = 4;  // partial sums travel as FP32

uint64_t divide_up(uint64_t value, uint64_t by) {
  return (value + by - 1) / by;
}

/// Whether each chiplet makes an equal part of the columns of what the stage makes.
bool makes_columns(const Stage& stage, unsigned parts) {
  switch (stage.main->kind) {
    case OperatorKind::gemm:
    case OperatorKind::activation:
    case OperatorKind::gate:
      return true;
    case OperatorKind::attention:
      return std::get<AttentionShape>(stage.main->shape).kv_heads % parts == 0;
    case OperatorKind::ssm:
      return std::get<SsmShape>(stage.main->shape).heads % parts == 0;
    default:
      return false;
  }
}

}  // namespace

std::vector<unsigned> DecodeMapper::nodes() const {
  std::vector<unsigned> result;
  for (const unsigned chiplet : chiplets_) result.push_back(input_.package.compute[chiplet].node);
  return result;
}

void DecodeMapper::plan_row_splits() {
  if (!input_.package.description->noi.reduction || parts() < 2) return;
  std::map<std::string, const Stage*> makers;
  std::map<std::string, unsigned> uses;
  for (const Stage& stage : stages_) {
    for (const auto& output : stage.outputs) makers.emplace(output.name, &stage);
    for (const auto& use : stage.inputs) ++uses[use.name];
  }
  const double cycle_s = 1 / type().clock_hz;
  for (const Stage& stage : stages_) {
    if (stage.main->kind != OperatorKind::gemm || stage.inputs.empty()) continue;
    const auto& shape = std::get<GemmShape>(stage.main->shape);
    const TensorUse& vector = stage.main->inputs.front();
    const auto maker = makers.find(vector.name);
    // What a fused operator makes of other inputs, such as a norm, would need all of them.
    const bool direct = std::ranges::find(stage.inputs, vector.name, &TensorUse::name) != stage.inputs.end();
    const bool local = direct && maker != makers.end() && makes_columns(*maker->second, parts()) &&
                       vector.columns == shape.k && shape.k % parts() == 0 && uses[vector.name] == 1 &&
                       stage.find(OperatorKind::norm) == nullptr &&
                       stage.find(OperatorKind::gated_norm) == nullptr;
    if (!local) continue;
    RowSplit& split = row_splits_[&stage];
    split.piece_bytes = divide_up(shape.m * shape.n, parts()) * sum_bytes;
    split.noi_s = reduce_scatter_seconds(input_.package, nodes(), split.piece_bytes);
    const auto compute_s = [&](const duet_descriptor& descriptor) {
      return static_cast<double>(core::operation_timing(descriptor, type(), input_.context_tokens).cycles) *
             cycle_s;
    };
    const double rate = input_.package.peak_memory_bytes_per_second();
    const double memory_s = static_cast<double>(stage.weight_bytes()) / rate;
    // A vector leaves as it is made in its maker's last step, so only what is longer than that step shows.
    // Sums for many members wait for each other on the links; their collective shows in whole.
    const double made_s = std::max(
        static_cast<double>(maker->second->weight_bytes() + maker->second->main->cache_read_bytes()) / rate,
        maker->second->main->kind == OperatorKind::gemm ? compute_s(gemm(*maker->second)) : 0.0);
    const double hidden_s = made_s / static_cast<double>(input_.mapping.steps);
    const double gather_s =
        std::max(all_gather_seconds(input_.package, nodes(), 0),
                 all_gather_seconds(input_.package, nodes(), share(vector.bytes())) - hidden_s);
    const double by_columns = std::max(compute_s(gemm(stage)), memory_s) + gather_s;
    const double by_rows = std::max(compute_s(partial_sums(stage)), memory_s) + split.noi_s +
                           static_cast<double>(type().descriptor_cycles) * cycle_s +
                           compute_s(whole_sums(stage));
    if (by_rows < by_columns) {
      split.counter = next_mailbox();
    } else {
      row_splits_.erase(&stage);
    }
  }
}

duet_descriptor DecodeMapper::partial_sums(const Stage& stage) const {
  duet_descriptor descriptor = gemm(stage);
  const auto& shape = std::get<GemmShape>(stage.main->shape);
  descriptor.shape.k = static_cast<uint32_t>(shape.k / parts());
  descriptor.shape.n = static_cast<uint32_t>(shape.n);
  descriptor.shape.sfu_passes =
      static_cast<uint32_t>(divide_up(share(stage.input_functions), shape.m * shape.n));
  const RowSplit& split = row_splits_.at(&stage);
  duet_operand& sums = descriptor.outputs[0];
  sums = write_operand(0, split.piece_bytes * parts(), DUET_OPERAND_RESIDENT | DUET_OPERAND_SUMMED);
  sums.group_members = static_cast<uint16_t>(parts());
  sums.counter = static_cast<uint8_t>(split.counter);
  return descriptor;
}

duet_descriptor DecodeMapper::whole_sums(const Stage& stage) const {
  const auto& shape = std::get<GemmShape>(stage.main->shape);
  const RowSplit& split = row_splits_.at(&stage);
  duet_descriptor descriptor = new_descriptor(DUET_OP_ELEMENTWISE, engine_);
  descriptor.shape.m = static_cast<uint32_t>(shape.m);
  descriptor.shape.n = static_cast<uint32_t>(share(shape.n));
  const uint64_t elements = shape.m * descriptor.shape.n;
  descriptor.shape.sfu_passes =
      static_cast<uint32_t>(std::max<uint64_t>(1, divide_up(share(stage.output_functions), elements)));
  duet_operand& sums = descriptor.inputs[0];
  sums = read_operand(0, 0, DUET_OPERAND_MAILBOX | DUET_OPERAND_RESIDENT);
  sums.counter = static_cast<uint8_t>(split.counter);
  sums.group_bytes = split.piece_bytes;
  return descriptor;
}

void DecodeMapper::lower_row_split(const Stage& stage) {
  StagePlan& plan = begin_stage(stage, stage.main->name);
  plan.split = "by rows, summed in the network";
  std::vector<unsigned> all(parts());
  for (unsigned i = 0; i < parts(); ++i) all[i] = i;
  std::vector<Route*> waits;
  for (const auto& use : stage.inputs) {
    const auto route = routes_.find(use.name);
    if (route != routes_.end()) waits.push_back(&route->second);
  }
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor products = partial_sums(stage);
    products.outputs[0].group = static_cast<uint16_t>(group_of(all));
    unsigned slot = 0;
    add_weights(products, stage, participant, slot);
    add_mailboxes(products, waits, slot);
    set_steps(products);
    predict(plan, products);
    push(participant, products);
    duet_descriptor sums = whole_sums(stage);
    add_posts(sums, stage);
    predict(plan, sums);
    push(participant, sums);
  }
  for (Route* route : waits) route->taken = true;
  plan.noi_s = row_splits_.at(&stage).noi_s;
  ring(stage.main->layer, DUET_MODE(0, 0));
}

}  // namespace duet::workload
