// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/package_mapper.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"
#include "duet/sw_driver/regs.h"
#include "duet/workload/mapping/sram_spaces.hpp"

namespace duet::workload {
namespace {

bool has(const duet_operand& operand, unsigned flag) {
  return (operand.flags & flag) != 0;
}

}  // namespace

duet_operand read_operand(std::uint64_t address, std::uint64_t bytes, unsigned flags) {
  duet_operand operand{};
  operand.used = 1;
  operand.address = address;
  operand.bytes = bytes;
  operand.flags = static_cast<uint8_t>(flags);
  operand.group = DUET_NO_GROUP;
  operand.argument = DUET_NO_ARGUMENT;
  return operand;
}

duet_operand write_operand(std::uint64_t address, std::uint64_t bytes, unsigned flags) {
  return read_operand(address, bytes, flags);
}

PackageMapper::PackageMapper(const MappingInput& input, Phase phase, bool systolic_first)
    : input_(input), phase_(phase) {
  const auto collect = [&](bool systolic) {
    for (const core::NodeInstance& node : input.package.compute) {
      if (node.type->runs(systolic, core::ArrayKernels::matrix)) {
        chiplets_.push_back(node.ordinal);
        if (type_ == nullptr) type_ = node.type;
      }
    }
    engine_ = systolic ? DUET_ENGINE_SYSTOLIC : DUET_ENGINE_VECTOR;
  };
  collect(systolic_first);
  if (chiplets_.empty()) collect(!systolic_first);
  if (type_ != nullptr) timings_.emplace(*type_);
  const auto refuse = [&](const char* kernel) {
    throw core::UserError(
        fmt::format("packages.{}: found no arrays for {}, allowed: nodes whose arrays have it "
                    "among their kernels",
                    input.package.name, kernel));
  };
  if (chiplets_.empty()) refuse("matrix products");
  const bool systolic = engine_ == DUET_ENGINE_SYSTOLIC;
  const bool apart = input.model.mamba && !type_->runs(systolic, core::ArrayKernels::ssm);
  if (apart && !type_->runs(!systolic, core::ArrayKernels::ssm)) refuse("the SSM");
  ssm_engine_ = systolic == apart ? DUET_ENGINE_VECTOR : DUET_ENGINE_SYSTOLIC;
  const auto all = static_cast<unsigned>(input.package.compute.size());
  // Decode lives from even loads of the memory nodes, prefill from few large transfers.
  const uint64_t rounds = phase == Phase::decode ? 16 : 1;
  memory_.emplace(input.map, input.package.index, all, chiplets_.size() == all, rounds);
  program_.phase = phase;
  program_.prefetch_room_bytes = parts() * sram_spaces(type(), engine_ == DUET_ENGINE_SYSTOLIC).prefetched;
  program_.queues.resize(input.package.compute.size());
  pending_.assign(chiplets_.size(), 0);
}

unsigned PackageMapper::group_of(const std::vector<unsigned>& participants) {
  uint64_t mask = 0;
  for (const unsigned participant : participants) mask |= 1ull << chiplets_[participant];
  const auto [found, added] = groups_.try_emplace(mask, static_cast<unsigned>(groups_.size()));
  if (added) program_.groups.push_back({mask});
  return found->second;
}

StagePlan& PackageMapper::begin_stage(const Stage& stage, const std::string& name) {
  StagePlan plan;
  plan.name = name;
  plan.layer_kind = stage.main->layer_kind;
  plan.layer = stage.main->layer;
  plan.kind = stage.main->kind;
  plan.functions = stage.main->functions + stage.output_functions + stage.input_functions;
  program_.stages.push_back(std::move(plan));
  return program_.stages.back();
}

duet_descriptor PackageMapper::new_descriptor(duet_opcode opcode, duet_engine engine) const {
  duet_descriptor descriptor{};
  descriptor.magic = DUET_DESCRIPTOR_MAGIC;
  descriptor.opcode = static_cast<uint8_t>(opcode);
  descriptor.engine = static_cast<uint8_t>(engine);
  descriptor.layer = static_cast<uint16_t>(program_.stages.size() - 1);
  descriptor.steps = 1;
  return descriptor;
}

void PackageMapper::set_steps(duet_descriptor& descriptor) const {
  descriptor.steps = static_cast<uint16_t>(input_.mapping.steps);
}

void PackageMapper::push(unsigned participant, const duet_descriptor& descriptor) {
  program_.queues[chiplets_[participant]].push_back(descriptor);
  ++pending_[participant];
}

std::uint32_t PackageMapper::ssm_mode() const {
  return ssm_engine_ == DUET_ENGINE_SYSTOLIC ? DUET_MODE(DUET_SYSTOLIC_SSM_PREFILL, 0)
                                             : DUET_MODE(0, DUET_VECTOR_SSM_DECODE);
}

void PackageMapper::ring(std::uint64_t layer, std::uint32_t mode) {
  // Participants with the same number of descriptors share an entry of the table.
  while (true) {
    const auto first = std::ranges::find_if(pending_, [](unsigned count) { return count != 0; });
    if (first == pending_.end()) break;
    const unsigned count = *first;
    uint64_t mask = 0;
    for (size_t i = 0; i < pending_.size(); ++i) {
      if (pending_[i] != count) continue;
      mask |= 1ull << chiplets_[i];
      pending_[i] = 0;
    }
    auto& dispatches = program_.dispatches;
    const bool same = layer == last_layer_ && !dispatches.empty() && dispatches.back().mode == mode &&
                      dispatches.back().chiplet_mask == mask;
    if (same) {
      dispatches.back().descriptors = static_cast<uint16_t>(dispatches.back().descriptors + count);
    } else {
      dispatches.push_back({mask, mode, static_cast<uint16_t>(count), static_cast<uint16_t>(layer)});
    }
  }
  last_layer_ = layer;
}

Placement PackageMapper::spread(std::uint64_t bytes) {
  const auto placement = memory_->allocate_spread(bytes);
  fits_ = fits_ && placement.has_value();
  return placement.value_or(Placement{core::AddressMap::interleaved_base(input_.package.index, 0, 0), bytes});
}

Placement PackageMapper::near(unsigned participant, std::uint64_t bytes) {
  const auto placement = memory_->allocate_near(chiplets_[participant], bytes);
  fits_ = fits_ && placement.has_value();
  return placement.value_or(Placement{core::AddressMap::interleaved_base(input_.package.index, 0, 0), bytes});
}

void PackageMapper::predict(StagePlan& plan, const duet_descriptor& descriptor) {
  uint64_t ingest = 0;
  for (const duet_operand& operand : descriptor.inputs) {
    if (!operand.used) continue;
    if (!has(operand, DUET_OPERAND_MAILBOX) && !has(operand, DUET_OPERAND_KEPT)) {
      plan.memory_bytes +=
          operand.bytes + static_cast<uint64_t>(operand.bytes_stride) * input_.context_tokens;
      ingest += operand.bytes;
    }
    if (operand.flags & (DUET_OPERAND_SHARED | DUET_OPERAND_MAILBOX)) ingest += operand.group_bytes;
  }
  for (const duet_operand& operand : descriptor.outputs) {
    if (!operand.used || operand.group != DUET_NO_GROUP || has(operand, DUET_OPERAND_KEPT)) continue;
    const bool remote = core::AddressMap::package_of(operand.address) != input_.package.index;
    (remote ? plan.remote_bytes : plan.memory_bytes) += operand.bytes;
  }
  plan.ingest_bytes = std::max(plan.ingest_bytes, ingest);
  const double period_s = 1.0 / type_->clock_hz;
  if (descriptor.engine != DUET_ENGINE_MOVE) {
    const core::OperationTiming& timing = timings_->of(descriptor, input_.context_tokens);
    plan.compute_s = std::max(plan.compute_s, static_cast<double>(timing.cycles) * period_s);
    plan.macs += timing.macs;
  }
  // A chiplet has a link to each mesh neighbour, but dimension-ordered traffic from its side of the
  // package mostly comes over two of them.
  constexpr double links_used = 2;
  plan.memory_s = static_cast<double>(plan.memory_bytes) / input_.package.peak_memory_bytes_per_second();
  plan.noi_s =
      static_cast<double>(plan.ingest_bytes) / (links_used * input_.package.description->noi.link.bandwidth);
  if (plan.remote_bytes != 0)
    plan.link_s = static_cast<double>(plan.remote_bytes) / input_.remote_bytes_per_second;
}

void PackageMapper::finish(Program& program) {
  program_.queue_address.resize(program_.queues.size());
  for (size_t i = 0; i < program_.queues.size(); ++i) {
    const uint64_t bytes = std::max<uint64_t>(1, program_.queues[i].size()) * DUET_DESCRIPTOR_BYTES;
    const auto placement = memory_->allocate_near(static_cast<unsigned>(i), bytes);
    fits_ = fits_ && placement.has_value();
    if (placement) program_.queue_address[i] = placement->address;
  }
  program_.memory_used_bytes = memory_->peak_bytes();
  program_.memory_capacity_bytes = memory_->capacity_bytes();
  program_.fits = fits_ && program_.memory_used_bytes <= program_.memory_capacity_bytes;
  program = std::move(program_);
}

double StagePlan::predicted_s() const {
  return std::max({compute_s, memory_s, noi_s});
}

std::vector<uint8_t> Program::image() const {
  duet_program header{};
  header.magic = DUET_PROGRAM_MAGIC;
  header.version = DUET_PROGRAM_VERSION;
  header.chiplets = static_cast<uint32_t>(queues.size());
  header.groups = static_cast<uint32_t>(groups.size());
  header.dispatches = static_cast<uint32_t>(dispatches.size());
  header.group_offset = sizeof header;
  header.dispatch_offset = header.group_offset + static_cast<uint32_t>(groups.size() * sizeof groups[0]);
  header.queue_offset =
      header.dispatch_offset + static_cast<uint32_t>(dispatches.size() * sizeof dispatches[0]);
  std::vector<uint8_t> bytes(header.queue_offset + queue_address.size() * sizeof(uint64_t));
  const auto put = [&](size_t offset, const void* data, size_t size) {
    std::copy_n(static_cast<const uint8_t*>(data), size, bytes.begin() + static_cast<ptrdiff_t>(offset));
  };
  put(0, &header, sizeof header);
  put(header.group_offset, groups.data(), groups.size() * sizeof groups[0]);
  put(header.dispatch_offset, dispatches.data(), dispatches.size() * sizeof dispatches[0]);
  put(header.queue_offset, queue_address.data(), queue_address.size() * sizeof(uint64_t));
  return bytes;
}

}  // namespace duet::workload
