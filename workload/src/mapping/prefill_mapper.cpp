// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/prefill_mapper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "duet/core/operation_timing.hpp"
#include "duet/sw_driver/regs.h"

namespace duet::workload {
namespace {

// Event counters of shared operands: arrival and room, two pairs each so that consecutive
// descriptors do not mix.
constexpr unsigned counter_a[] = {2, 4};
constexpr unsigned counter_b[] = {6, 8};

// Space that a move still needs is given back this many stages after its last array stage.
constexpr size_t release_delay_stages = 16;

uint64_t divide_up(uint64_t value, uint64_t by) {
  return (value + by - 1) / by;
}

unsigned sfu_passes(uint64_t functions, uint64_t elements) {
  return static_cast<unsigned>(divide_up(functions, std::max<uint64_t>(1, elements)));
}

}  // namespace

Program map_prefill(const MappingInput& input) {
  return PrefillMapper(input).map();
}

Program PrefillMapper::map() {
  const Graph graph = build_graph(input_.model, Phase::prefill,
                                  {input_.batch, input_.prompt_tokens, 0, input_.cache_policy});
  stages_ = make_stages(graph, input_.mapping.fusion);
  for (size_t i = 0; i < stages_.size(); ++i) {
    for (const auto& use : stages_[i].inputs) last_use_[use.name] = i;
  }
  for (size_t i = 0; i < stages_.size(); ++i) {
    lower(stages_[i]);
    release_inputs(i);
  }
  // Caches that stay grow with the prompt; capacity counts them in whole.
  for (const Operator& op : graph) {
    for (const CacheUse& cache : op.caches) program_.cache_bytes += cache.write_bytes;
  }
  if (program_.cache_bytes != 0) spread(program_.cache_bytes);
  Program program;
  finish(program);
  program.activation_peak_bytes = program.memory_used_bytes - program.weight_bytes - program.cache_bytes;
  return program;
}

void PrefillMapper::lower(const Stage& stage) {
  switch (stage.main->kind) {
    case OperatorKind::gemm: return lower_gemm(stage);
    case OperatorKind::ssm: return lower_ssm(stage);
    case OperatorKind::attention: return lower_attention(stage);
    case OperatorKind::cache_transfer: return lower_transfer(stage);
    case OperatorKind::embedding: return lower_rows(stage, DUET_OP_GATHER);
    case OperatorKind::norm:
    case OperatorKind::gated_norm: return lower_rows(stage, DUET_OP_NORM);
    case OperatorKind::conv1d: return lower_rows(stage, DUET_OP_CONV1D);
    case OperatorKind::rotary: return lower_rows(stage, DUET_OP_ROTARY);
    case OperatorKind::argmax: return lower_rows(stage, DUET_OP_ARGMAX);
    case OperatorKind::kv_append: return lower_rows(stage, DUET_OP_KV_APPEND);
    case OperatorKind::activation:
    case OperatorKind::gate:
    case OperatorKind::residual: return lower_rows(stage, DUET_OP_ELEMENTWISE);
  }
}

Placement PrefillMapper::tensor(const TensorUse& use) {
  const auto found = tensors_.find(use.name);
  if (found != tensors_.end()) return found->second;
  return tensors_.emplace(use.name, spread(use.bytes())).first->second;
}

void PrefillMapper::make_outputs(const Stage& stage) {
  for (const auto& output : stage.outputs) tensor(output);
}

void PrefillMapper::release_inputs(size_t stage_index) {
  for (const auto& use : stages_[stage_index].inputs) {
    const auto found = tensors_.find(use.name);
    if (found == tensors_.end() || last_use_[use.name] != stage_index) continue;
    const bool moved = stages_[stage_index].main->kind == OperatorKind::cache_transfer;
    releases_.emplace_back(stage_index + (moved ? release_delay_stages : 0), found->second);
    tensors_.erase(found);
  }
  std::erase_if(releases_, [&](const auto& entry) {
    if (entry.first > stage_index) return false;
    memory_.release(entry.second);
    return true;
  });
}

// What every descriptor of an array stage ends with: it waits for all earlier array stages, and tells
// everybody when its results are in memory.
void PrefillMapper::close(duet_descriptor& descriptor, unsigned participant) {
  std::vector<unsigned> all(parts());
  for (unsigned i = 0; i < parts(); ++i) all[i] = i;
  descriptor.waits[0] = {barrier_counter, 0, barriers_ * parts()};
  descriptor.raises[0] = {static_cast<uint16_t>(group_of(all)), barrier_counter, 1, 1};
  set_steps(descriptor);
  predict(program_.stages.back(), descriptor);
  push(participant, descriptor);
}

void PrefillMapper::end_stage(const Stage& stage, uint32_t systolic_mode) {
  ++barriers_;
  ++jobs_;
  ring(stage.main->layer, engine_ == DUET_ENGINE_SYSTOLIC ? DUET_MODE(systolic_mode, 0) : DUET_MODE(0, systolic_mode));
}

void PrefillMapper::add_output(duet_descriptor& descriptor, const Stage& stage, unsigned participant,
                               unsigned parts_of_output) {
  unsigned slot = 0;
  uint64_t extra = 0;
  for (const auto& output : stage.outputs) {
    const uint64_t bytes = divide_up(output.bytes(), parts_of_output);
    const uint64_t offset = std::min(bytes * participant, output.bytes() - std::min(bytes, output.bytes()));
    if (slot < DUET_OUTPUTS) {
      descriptor.outputs[slot++] = write_operand(tensor(output).address + offset, bytes, 0);
    } else {
      extra += bytes;
    }
  }
  // Results beyond the operand slots lie behind the last one's; their bytes move with it.
  if (extra != 0) descriptor.outputs[DUET_OUTPUTS - 1].bytes += extra;
}

PrefillMapper::Split PrefillMapper::choose_split(const Stage& stage, const GemmShape& shape) const {
  const uint64_t sram = type().sram_bytes() * 15 / 16 * 7 / 8;
  const auto prefetch = static_cast<uint64_t>(static_cast<double>(sram) * type().prefetch_share);
  const uint64_t resident_a = (sram - prefetch) / 2;
  const uint64_t resident_b = prefetch / 2;
  const double link = input_.package.description->noi.link.bandwidth;
  uint64_t result_bytes = 0;
  for (const auto& output : stage.outputs) result_bytes += output.bytes();
  Split best;
  best.predicted_s = std::numeric_limits<double>::infinity();
  for (unsigned rows = 1; rows <= parts(); ++rows) {
    if (parts() % rows != 0) continue;
    Split split{rows, parts() / rows, 1, 1, 0};
    duet_descriptor descriptor = new_descriptor(DUET_OP_GEMM, engine_);
    descriptor.shape.m = static_cast<uint32_t>(divide_up(shape.m, split.rows));
    descriptor.shape.k = static_cast<uint32_t>(shape.k);
    descriptor.shape.n = static_cast<uint32_t>(divide_up(shape.n, split.columns));
    const uint64_t slice_a = uint64_t{descriptor.shape.m} * shape.k * 2;
    const uint64_t slice_b = uint64_t{descriptor.shape.n} * shape.k * 2;
    // Blocks of one operand stay while the other streams past; the cheaper of the two is taken.
    const uint64_t passes_b = std::max<uint64_t>(1, divide_up(slice_a, resident_a));
    const uint64_t passes_a = std::max<uint64_t>(1, divide_up(slice_b, resident_b));
    if (slice_b * (passes_b - 1) <= slice_a * (passes_a - 1)) {
      split.passes_b = passes_b;
    } else {
      split.passes_a = passes_a;
    }
    const auto timing = core::operation_timing(descriptor, type(), 0);
    const double compute_s = static_cast<double>(timing.cycles) / type().clock_hz;
    const double memory_bytes = static_cast<double>(slice_a * split.rows * split.passes_a +
                                                    slice_b * split.columns * split.passes_b + result_bytes);
    const double memory_s = memory_bytes / input_.package.peak_memory_bytes_per_second();
    const double ingest_s =
        static_cast<double>(slice_a * split.passes_a + slice_b * split.passes_b) / (2 * link);
    split.predicted_s = std::max({compute_s, memory_s, ingest_s});
    // Among equals the one that moves less.
    split.predicted_s += 1e-3 * (memory_s + ingest_s);
    if (split.predicted_s < best.predicted_s) best = split;
  }
  return best;
}

duet_descriptor PrefillMapper::gemm_descriptor(const Stage& stage, const GemmShape& shape, const Split& split,
                                               unsigned row, unsigned column) {
  duet_descriptor descriptor = new_descriptor(DUET_OP_GEMM, engine_);
  descriptor.shape.m = static_cast<uint32_t>(divide_up(shape.m, split.rows));
  descriptor.shape.k = static_cast<uint32_t>(shape.k);
  descriptor.shape.n = static_cast<uint32_t>(divide_up(shape.n, split.columns));
  const uint64_t results = uint64_t{descriptor.shape.m} * descriptor.shape.n;
  descriptor.shape.sfu_passes = sfu_passes((stage.output_functions + stage.input_functions) / parts(), results);

  std::vector<unsigned> row_group;
  std::vector<unsigned> column_group;
  for (unsigned c = 0; c < split.columns; ++c) row_group.push_back(row * split.columns + c);
  for (unsigned r = 0; r < split.rows; ++r) column_group.push_back(r * split.columns + column);

  unsigned slot = 0;
  const auto add_shared = [&](uint64_t address, uint64_t slice, uint64_t passes, const std::vector<unsigned>& group,
                              unsigned member, unsigned counter, unsigned flags) {
    const uint64_t share_bytes = divide_up(slice, group.size());
    duet_operand operand = read_operand(address + member * share_bytes, share_bytes * passes, flags);
    operand.wrap_bytes = share_bytes;
    if (group.size() > 1) {
      operand.flags |= DUET_OPERAND_SHARED;
      operand.group = static_cast<uint16_t>(group_of(group));
      operand.group_members = static_cast<uint16_t>(group.size());
      operand.group_bytes = operand.bytes * group.size();
      operand.counter = static_cast<uint8_t>(counter);
    }
    descriptor.inputs[slot++] = operand;
  };
  const uint64_t slice_a = uint64_t{descriptor.shape.m} * shape.k * 2;
  const uint64_t slice_b = uint64_t{descriptor.shape.n} * shape.k * 2;
  const TensorUse& a = stage.inputs.front();
  const Placement place_a = tensor(a);
  const uint64_t offset_a = std::min(row * slice_a, place_a.bytes - std::min(place_a.bytes, slice_a));
  add_shared(place_a.address + offset_a, std::min(slice_a, place_a.bytes), split.passes_a, row_group, column,
             counter_a[jobs_ % 2], DUET_OPERAND_WAITS);
  const Placement place_b = spread_weight(stage.main->weights.front());
  const uint64_t offset_b = std::min(column * slice_b, place_b.bytes - std::min(place_b.bytes, slice_b));
  add_shared(place_b.address + offset_b, std::min(slice_b, place_b.bytes), split.passes_b, column_group, row,
             counter_b[jobs_ % 2], 0);
  // Streams that join as results leave (residual) or operands that a fused operator needs besides.
  uint64_t beside = 0;
  for (size_t i = 1; i < stage.inputs.size(); ++i) beside += divide_up(stage.inputs[i].bytes(), parts());
  if (beside != 0) {
    const Placement place = tensor(stage.inputs[1]);
    descriptor.inputs[slot++] = read_operand(place.address + (beside * (row * split.columns + column)) % place.bytes,
                                             std::min(beside, place.bytes), DUET_OPERAND_WAITS);
  }
  return descriptor;
}

void PrefillMapper::lower_gemm(const Stage& stage) {
  const auto& shape = std::get<GemmShape>(stage.main->shape);
  StagePlan& plan = begin_stage(stage, stage.main->name);
  const Split split = choose_split(stage, shape);
  plan.split = fmt::format("{} x {} (rows x columns)", split.rows, split.columns);
  make_outputs(stage);
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor =
        gemm_descriptor(stage, shape, split, participant / split.columns, participant % split.columns);
    add_output(descriptor, stage, participant, parts());
    close(descriptor, participant);
  }
  end_stage(stage, DUET_SYSTOLIC_GEMM);
}

void PrefillMapper::lower_ssm(const Stage& stage) {
  const auto& shape = std::get<SsmShape>(stage.main->shape);
  StagePlan& plan = begin_stage(stage, stage.main->name);
  make_outputs(stage);
  const bool by_heads = shape.heads >= parts() || shape.sequences < parts();
  plan.split = by_heads ? "by heads" : "by sequences";
  uint64_t input_bytes = 0;
  for (const auto& use : stage.inputs) input_bytes += use.bytes();
  const uint64_t rows = shape.sequences * shape.tokens;
  const uint64_t group_bytes = rows * 2 * shape.states * 2;  // B and C of one group
  // Heads of one group may lie on several chiplets: each of them reads the group's B and C.
  const uint64_t groups_here = by_heads ? divide_up(shape.groups, parts()) : 0;
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor = new_descriptor(DUET_OP_SSM_PREFILL, engine_);
    if (engine_ == DUET_ENGINE_VECTOR) descriptor.opcode = DUET_OP_SSM_DECODE;
    descriptor.shape.m = static_cast<uint32_t>(by_heads ? shape.sequences : divide_up(shape.sequences, parts()));
    descriptor.shape.k = static_cast<uint32_t>(shape.tokens);
    descriptor.shape.n = static_cast<uint32_t>(by_heads ? divide_up(shape.channels, parts()) : shape.channels);
    descriptor.shape.states = static_cast<uint32_t>(shape.states);
    descriptor.shape.head_dim = static_cast<uint32_t>(shape.channels / shape.heads);
    if (shape.decay_per_state) descriptor.shape.flags |= DUET_SHAPE_MAMBA1;
    const uint64_t results = uint64_t{descriptor.shape.m} * shape.tokens * descriptor.shape.n;
    descriptor.shape.sfu_passes =
        sfu_passes((stage.output_functions + stage.input_functions + stage.main->functions) / parts(), results);
    const uint64_t own = by_heads ? (input_bytes - std::min(input_bytes, shape.groups * group_bytes)) / parts() +
                                        groups_here * group_bytes
                                  : divide_up(input_bytes, parts());
    unsigned slot = 0;
    uint64_t left = own;
    for (const auto& use : stage.inputs) {
      if (slot + 1 == DUET_INPUTS || left == 0) break;
      const Placement place = tensor(use);
      const bool last = &use == &stage.inputs.back() || slot + 2 == DUET_INPUTS;
      const uint64_t bytes = std::min({last ? left : own * use.bytes() / input_bytes, left, place.bytes});
      descriptor.inputs[slot++] =
          read_operand(place.address + std::min(participant * bytes, place.bytes - bytes), bytes, DUET_OPERAND_WAITS);
      left -= bytes;
    }
    add_output(descriptor, stage, participant, parts());
    close(descriptor, participant);
  }
  end_stage(stage, engine_ == DUET_ENGINE_SYSTOLIC ? uint32_t{DUET_SYSTOLIC_SSM_PREFILL}
                                                   : uint32_t{DUET_VECTOR_SSM_DECODE});
}

void PrefillMapper::lower_attention(const Stage& stage) {
  const auto& shape = std::get<AttentionShape>(stage.main->shape);
  StagePlan& plan = begin_stage(stage, stage.main->name);
  make_outputs(stage);
  const uint64_t units = shape.sequences * shape.kv_heads;
  const uint64_t units_here = divide_up(units, parts());
  // Fewer units than chiplets: the queries of one unit are dealt out, long and short rows mixed.
  const uint64_t query_parts = std::max<uint64_t>(1, parts() / units);
  plan.split = fmt::format("{} sequences x heads{}", units,
                           query_parts > 1 ? fmt::format(", queries in {}", query_parts) : std::string());
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor = new_descriptor(DUET_OP_ATTENTION, engine_);
    descriptor.shape.m = static_cast<uint32_t>(units_here);
    descriptor.shape.heads = static_cast<uint32_t>(divide_up(shape.heads / shape.kv_heads, query_parts));
    descriptor.shape.kv_heads = 1;
    descriptor.shape.k = static_cast<uint32_t>(shape.query_tokens);
    descriptor.shape.n = static_cast<uint32_t>(shape.context_tokens);
    descriptor.shape.head_dim = static_cast<uint32_t>(shape.head_size);
    descriptor.shape.flags = DUET_SHAPE_CAUSAL;
    const uint64_t key_bytes = units_here * shape.query_tokens * shape.head_size * 2;
    unsigned slot = 0;
    for (const auto& use : stage.inputs) {
      if (slot == DUET_INPUTS) break;
      const Placement place = tensor(use);
      const bool query = use.columns == shape.heads * shape.head_size && slot == 0;
      const uint64_t bytes = std::min(query ? divide_up(use.bytes(), parts()) : key_bytes, place.bytes);
      descriptor.inputs[slot++] =
          read_operand(place.address + (participant * bytes) % (place.bytes - bytes + 1), bytes, DUET_OPERAND_WAITS);
    }
    add_output(descriptor, stage, participant, parts());
    close(descriptor, participant);
  }
  end_stage(stage, DUET_SYSTOLIC_GEMM);
}

void PrefillMapper::lower_rows(const Stage& stage, duet_opcode opcode) {
  const auto rows_and_columns = [&]() -> std::pair<uint64_t, uint64_t> {
    if (const auto* shape = std::get_if<RowShape>(&stage.main->shape)) return {shape->rows, shape->columns};
    const auto& shape = std::get<ConvShape>(stage.main->shape);
    return {shape.sequences * shape.tokens, shape.channels};
  };
  const auto [rows, columns] = rows_and_columns();
  begin_stage(stage, stage.main->name).split = "by rows";
  make_outputs(stage);
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor = new_descriptor(opcode, engine_);
    descriptor.shape.m = static_cast<uint32_t>(share(rows));
    descriptor.shape.n = static_cast<uint32_t>(columns);
    descriptor.shape.sfu_passes = std::max(1u, sfu_passes(stage.main->functions, rows * columns));
    unsigned slot = 0;
    for (const auto& use : stage.inputs) {
      if (use.name == "tokens" || slot == DUET_INPUTS) continue;
      const Placement place = tensor(use);
      const uint64_t bytes = std::min(share(use.bytes()), place.bytes);
      descriptor.inputs[slot++] =
          read_operand(place.address + std::min(participant * bytes, place.bytes - bytes), bytes, DUET_OPERAND_WAITS);
    }
    if (opcode == DUET_OP_GATHER) {
      const Weight& table = stage.main->weights.front();
      const Placement place = spread_weight(table);
      const uint64_t bytes = std::min(share(table.read_bytes()), place.bytes);
      descriptor.inputs[slot++] = read_operand(place.address + (participant * bytes) % (place.bytes - bytes + 1), bytes, 0);
    }
    add_output(descriptor, stage, participant, parts());
    close(descriptor, participant);
  }
  end_stage(stage, DUET_SYSTOLIC_GEMM);
}

void PrefillMapper::lower_transfer(const Stage& stage) {
  StagePlan& plan = begin_stage(stage, stage.main->name);
  plan.split = "beside the arrays";
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor = new_descriptor(DUET_OP_TRANSFER, DUET_ENGINE_MOVE);
    uint64_t total = 0;
    unsigned slot = 0;
    for (const auto& use : stage.inputs) {
      if (slot == DUET_INPUTS) break;
      const Placement place = tensor(use);
      const uint64_t bytes = std::min(share(use.bytes()), place.bytes);
      descriptor.inputs[slot++] =
          read_operand(place.address + std::min(participant * bytes, place.bytes - bytes), bytes, DUET_OPERAND_WAITS);
      total += bytes;
    }
    const Placement& target = input_.remote_caches[participant % input_.remote_caches.size()];
    const uint64_t bytes = std::min(total, target.bytes);
    descriptor.outputs[0] =
        write_operand(target.address + remote_cursor_ % (target.bytes - bytes + 1) / 4096 * 4096, bytes, 0);
    descriptor.waits[0] = {barrier_counter, 0, barriers_ * parts()};
    set_steps(descriptor);
    predict(plan, descriptor);
    push(participant, descriptor);
  }
  remote_cursor_ += 64ull << 20;
  const uint32_t mode = program_.dispatches.empty() ? 0 : program_.dispatches.back().mode;
  ring(stage.main->layer, mode);
}

}  // namespace duet::workload
