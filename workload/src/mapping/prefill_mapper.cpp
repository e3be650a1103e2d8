// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/prefill_mapper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "duet/sw_driver/regs.h"
#include "duet/workload/mapping/sram_spaces.hpp"

namespace duet::workload {
namespace {

// Event counter of descriptors whose late outputs are written.
constexpr unsigned written_counter = 1;

// Event counters of shared operands: arrival and room, two pairs each so that consecutive
// descriptors do not mix.
constexpr unsigned counter_a[] = {2, 4};
constexpr unsigned counter_b[] = {6, 8};
// The same for vector-unit arrays that help.
constexpr unsigned helper_counter_a[] = {10, 12};
constexpr unsigned helper_counter_b[] = {14, 16};

// Space that a move still needs is given back this many stages after its last array stage.
constexpr size_t release_delay_stages = 16;

uint64_t divide_up(uint64_t value, uint64_t by) {
  return (value + by - 1) / by;
}

uint64_t part_of(uint64_t whole, double share) {
  return static_cast<uint64_t>(std::round(static_cast<double>(whole) * share));
}

unsigned sfu_passes(uint64_t functions, uint64_t elements) {
  return static_cast<unsigned>(divide_up(functions, std::max<uint64_t>(1, elements)));
}

}  // namespace

Program map_prefill(const MappingInput& input) {
  return PrefillMapper(input).map();
}

Program PrefillMapper::map() {
  const Graph graph =
      build_graph(input_.model, Phase::prefill, {input_.batch, input_.prompt_tokens, 0, input_.cache_policy});
  stages_ = make_stages(graph, input_.mapping.fusion);
  const double share = type().gpu ? 0 : input_.mapping.keep;
  kept_ = choose_kept(stages_, parts(),
                      part_of(sram_spaces(type(), engine_ == DUET_ENGINE_SYSTOLIC).dependent, share));
  if (input_.like != nullptr) grids_ = grids_of(*input_.like, stages_);
  if (grids_.empty()) grids_ = choose_grids(stages_, surroundings(), kept_);
  for (size_t i = 0; i < stages_.size(); ++i) {
    for (const auto& use : stages_[i].inputs) uses_[use.name].push_back(i);
  }
  place_caches(graph);
  for (size_t i = 0; i < stages_.size(); ++i) {
    lower(i);
    release_inputs(i);
  }
  Program program;
  finish(program);
  program.activation_peak_bytes = program.memory_used_bytes - program.weight_bytes - program.cache_bytes;
  return program;
}

/// Caches that stay grow with the prompt; capacity counts them in whole from the start.
void PrefillMapper::place_caches(const Graph& graph) {
  for (const Operator& op : graph) {
    for (const CacheUse& cache : op.caches) program_.cache_bytes += cache.write_bytes;
    const bool held = input_.mapping.hold_caches && op.kind == OperatorKind::cache_transfer;
    // The prefill's result (the last transfer) is no cache.
    if (held && op.layer_kind != LayerKind::head) program_.cache_bytes += op.input_bytes();
  }
  if (program_.cache_bytes != 0) caches_ = spread(program_.cache_bytes);
}

void PrefillMapper::lower(size_t index) {
  const Stage& stage = stages_[index];
  StagePlan& plan = begin_stage(stage, stage.main->name);
  const PrefillGrid& grid = grids_[index];
  plan.grid = grid;
  if (stage.is_move()) {
    plan.split = "beside the arrays";
    lower_transfer(stage);
    return;
  }
  plan.split = fmt::format("{} x {} (rows x columns)", grid.rows, grid.columns);
  make_outputs(index);
  kept_here_ = kept_bytes(index);
  switch (stage.main->kind) {
    case OperatorKind::gemm:
      return lower_gemm(stage, grid);
    case OperatorKind::ssm:
      return lower_ssm(stage, grid);
    case OperatorKind::attention:
      return lower_attention(stage, grid);
    case OperatorKind::embedding:
      return lower_rows(stage, DUET_OP_GATHER);
    case OperatorKind::norm:
    case OperatorKind::gated_norm:
      return lower_rows(stage, DUET_OP_NORM);
    case OperatorKind::conv1d:
      return lower_rows(stage, DUET_OP_CONV1D);
    case OperatorKind::rotary:
      return lower_rows(stage, DUET_OP_ROTARY);
    case OperatorKind::argmax:
      return lower_rows(stage, DUET_OP_ARGMAX);
    case OperatorKind::kv_append:
      return lower_rows(stage, DUET_OP_KV_APPEND);
    default:
      return lower_rows(stage, DUET_OP_ELEMENTWISE);
  }
}

const PrefillMapper::Place& PrefillMapper::place(const TensorUse& use) {
  const auto [found, added] = tensors_.try_emplace(use.name);
  if (added) found->second = allocate(use.bytes(), false);
  return found->second;
}

PrefillMapper::Place PrefillMapper::allocate(std::uint64_t bytes, bool near_makers) {
  Place result;
  result.bytes = bytes;
  result.near = near_makers && memory_->has_near_memory();
  if (!result.near) {
    result.pieces.push_back(spread(bytes));
    return result;
  }
  for (unsigned i = 0; i < parts(); ++i) result.pieces.push_back(near(i, share(bytes)));
  return result;
}

const PrefillMapper::Place& PrefillMapper::weights(const Operator& op) {
  const auto [found, added] = near_weights_.try_emplace(op.weights.front().name);
  if (!added) return found->second;
  uint64_t bytes = 0;
  for (const Weight& weight : op.weights) bytes += weight.bytes();
  program_.weight_bytes += bytes;
  return found->second = allocate(bytes, true);
}

void PrefillMapper::make_outputs(size_t index) {
  for (const auto& output : stages_[index].outputs) {
    const auto& users = uses_[output.name];
    const auto is_moved = [&](size_t user) { return stages_[user].is_move(); };
    const bool local = std::ranges::all_of(users, [&](size_t user) {
      return is_moved(user) || is_local(stages_[user], output, grids_[user], grids_[index]);
    });
    const bool kept = local && kept_.contains(output.name) && is_found_by_all(output);
    const bool written = !kept || std::ranges::any_of(users, is_moved);
    Place result;
    if (written) result = allocate(output.bytes(), local);
    result.bytes = output.bytes();
    result.kept = kept;
    result.written = written;
    // The first token ends the prefill; a GPU's kernel ends with all its writes.
    const bool only_moves_wait = kept || (!users.empty() && std::ranges::all_of(users, is_moved));
    result.awaited = !only_moves_wait || stages_[index].main->layer_kind == LayerKind::head || type().gpu;
    result.last_use = kept ? kept_.last_use.at(output.name) : 0;
    tensors_[output.name] = std::move(result);
  }
}

// Products read their first operand in shares, each chiplet its own, whatever the grid.
bool PrefillMapper::is_found_by_all(const TensorUse& output) const {
  return std::ranges::all_of(uses_.at(output.name), [&](size_t user) {
    const Stage& stage = stages_[user];
    return stage.is_move() || input_bytes(stage, output, grids_[user]) <= share(output.bytes());
  });
}

std::uint64_t PrefillMapper::kept_bytes(size_t index) const {
  uint64_t bytes = 0;
  for (const auto& [name, place] : tensors_) {
    if (place.kept && place.last_use >= index) bytes += share(place.bytes);
  }
  return bytes;
}

void PrefillMapper::release_inputs(size_t index) {
  for (const auto& use : stages_[index].inputs) {
    const auto found = tensors_.find(use.name);
    if (found == tensors_.end() || uses_[use.name].back() != index) continue;
    const bool moved = stages_[index].is_move();
    releases_.emplace_back(index + (moved ? release_delay_stages : 0), found->second);
    tensors_.erase(found);
  }
  std::erase_if(releases_, [&](const auto& entry) {
    if (entry.first > index) return false;
    for (const Placement& piece : entry.second.pieces) memory_->release(piece);
    return true;
  });
}

duet_operand PrefillMapper::piece_operand(const Place& place, unsigned participant, std::uint64_t bytes,
                                          unsigned flags) {
  if (!place.written) {
    duet_operand operand = read_operand(0, bytes, flags);
    operand.wrap_bytes = bytes;
    return operand;
  }
  if (place.near) {
    duet_operand operand = read_operand(place.pieces[participant].address, bytes, flags);
    operand.wrap_bytes = place.pieces[participant].bytes;
    return operand;
  }
  const Placement& whole = place.pieces.front();
  const uint64_t size = std::min(bytes, whole.bytes);
  duet_operand operand =
      read_operand(whole.address + std::min(participant * size, whole.bytes - size), bytes, flags);
  operand.wrap_bytes = size;
  return operand;
}

duet_operand PrefillMapper::input(const TensorUse& use, unsigned participant, std::uint64_t bytes) {
  const Place& from = place(use);
  const unsigned kept = from.kept ? unsigned{DUET_OPERAND_KEPT} : 0u;
  return piece_operand(from, participant, bytes, DUET_OPERAND_WAITS | kept);
}

std::uint64_t PrefillMapper::input_bytes(const Stage& stage, const TensorUse& use,
                                         const PrefillGrid& grid) const {
  if (const auto* ssm = std::get_if<SsmShape>(&stage.main->shape)) {
    // B and C stand beside x: heads of one group may lie on several chiplets, which all read them.
    const uint64_t b_and_c = 2 * ssm->groups * ssm->states;
    const bool only_b_or_c = use.columns == ssm->groups * ssm->states;
    if (!only_b_or_c && use.columns != ssm->channels + b_and_c) return share(use.bytes());
    const uint64_t grouped = only_b_or_c ? use.columns : b_and_c;
    const uint64_t own_rows = divide_up(ssm->sequences * ssm->tokens, grid.rows);
    const uint64_t groups_here = divide_up(ssm->groups, grid.columns);
    return own_rows * (divide_up(use.columns - grouped, grid.columns) + grouped / ssm->groups * groups_here) *
           2;
  }
  const auto* attention = std::get_if<AttentionShape>(&stage.main->shape);
  const bool is_query = attention != nullptr && use.name == stage.inputs.front().name;
  if (attention == nullptr || is_query) return share(use.bytes());
  // Columns that share a KV head each read it.
  const uint64_t kv_here = std::max<uint64_t>(1, divide_up(attention->kv_heads, grid.columns));
  return divide_up(attention->sequences, grid.rows) * attention->query_tokens * kv_here *
         attention->head_size * 2;
}

// What every descriptor of an array stage ends with: it waits for all earlier array stages, and tells
// everybody when its results are in memory.
void PrefillMapper::close(duet_descriptor& descriptor, unsigned participant) {
  std::vector<unsigned> all(parts());
  for (unsigned i = 0; i < parts(); ++i) all[i] = i;
  const auto everybody = static_cast<uint16_t>(group_of(all));
  descriptor.waits[0] = {barrier_counter, 0, awaited_};
  descriptor.raises[0] = {everybody, barrier_counter, DUET_RAISE_RESULTS, 1};
  ++raised_;
  const auto is_late = [](const duet_operand& output) { return (output.flags & DUET_OPERAND_LATE) != 0; };
  if (std::ranges::any_of(descriptor.outputs, is_late)) {
    descriptor.raises[1] = {everybody, written_counter, DUET_RAISE_WRITTEN, 1};
    ++written_;
  }
  if (descriptor.engine == engine_)
    descriptor.shape.kept_kibibytes = static_cast<uint32_t>(divide_up(kept_here_, 1024));
  set_steps(descriptor);
  predict(program_.stages.back(), descriptor);
  push(participant, descriptor);
}

void PrefillMapper::end_stage(const Stage& stage, std::uint32_t mode) {
  ++barriers_;
  awaited_ = raised_;
  ring(stage.main->layer, mode);
}

// What stays in SRAM needs one slot, what the next stages wait for comes before what is late: results beyond
// the slots go where the last one goes, which is awaited then or as late as they are.
void PrefillMapper::add_output(duet_descriptor& descriptor, const Stage& stage, unsigned participant,
                               double begin, double part) {
  const auto own_bytes = [&](uint64_t whole) { return part_of(whole, begin + part) - part_of(whole, begin); };
  unsigned slot = 0;
  const auto add = [&](const duet_operand& operand) {
    if (operand.bytes == 0) return;
    if (slot == DUET_OUTPUTS) {
      descriptor.outputs[DUET_OUTPUTS - 1].bytes += operand.bytes;
    } else {
      descriptor.outputs[slot++] = operand;
    }
  };
  uint64_t kept = 0;
  for (const auto& output : stage.outputs) {
    if (!place(output).written) kept += own_bytes(share(output.bytes()));
  }
  add(write_operand(0, kept, DUET_OPERAND_KEPT));
  for (const bool awaited : {true, false}) {
    for (const auto& output : stage.outputs) {
      const Place& to = place(output);
      if (!to.written || to.awaited != awaited) continue;
      const uint64_t whole = share(output.bytes());
      duet_operand operand = piece_operand(to, participant, whole, awaited ? 0 : DUET_OPERAND_LATE);
      operand.address += part_of(whole, begin);
      operand.bytes = own_bytes(whole);
      operand.wrap_bytes = 0;
      add(operand);
    }
  }
  uint64_t cached = 0;
  std::vector<const Operator*> members = stage.fused;
  members.push_back(stage.main);
  for (const Operator* op : members) {
    for (const CacheUse& cache : op->caches) cached += share(cache.write_bytes);
  }
  cached = part_of(cached, part);
  if (cached == 0) return;
  const uint64_t offset = cache_cursor_ % (caches_.bytes - std::min(caches_.bytes - 1, cached));
  add(write_operand(caches_.address + offset, std::min(cached, caches_.bytes),
                    type().gpu ? 0 : DUET_OPERAND_LATE));
  cache_cursor_ += cached;
}

// A mixed chiplet's vector-unit arrays make a part of the block where the prediction gains by it.
std::vector<PrefillMapper::GemmPart> PrefillMapper::gemm_parts(const Stage& stage, const PrefillGrid& grid) {
  const auto& shape = std::get<GemmShape>(stage.main->shape);
  const GemmShape block{divide_up(shape.m, grid.rows), shape.k, divide_up(shape.n, grid.columns)};
  const bool help = engine_ == DUET_ENGINE_SYSTOLIC && type().runs(false, core::ArrayKernels::matrix) &&
                    input_.mapping.mixed_help;
  if (!help) return {{engine_, grid, block}};
  const SplitBlock key{block, kept_here_, place(stage.inputs.front()).kept};
  const auto [found, added] = splits_.try_emplace({key, grid.rows});
  MixedSplit& split = found->second;
  if (added) split = choose_split(key, grid, surroundings());
  if (split.vector_part == 0) return {{engine_, split.systolic, block}};
  GemmShape first = block;
  GemmShape second = block;
  const uint64_t whole = split.by_rows ? block.m : block.n;
  (split.by_rows ? first.m : first.n) = whole - split.vector_part;
  (split.by_rows ? second.m : second.n) = split.vector_part;
  const double share = static_cast<double>(split.vector_part) / static_cast<double>(whole);
  ++vector_stages_;
  return {{DUET_ENGINE_SYSTOLIC, split.systolic, first, 0, 1 - share, split.by_rows},
          {DUET_ENGINE_VECTOR, split.vector, second, 1 - share, share, split.by_rows}};
}

duet_descriptor PrefillMapper::gemm_descriptor(const Stage& stage, const GemmPart& part,
                                               unsigned participant) {
  const PrefillGrid& grid = part.grid;
  const GemmShape& shape = part.block;
  const bool helps = part.engine != engine_;
  const unsigned* counters_a = helps ? helper_counter_a : counter_a;
  const unsigned* counters_b = helps ? helper_counter_b : counter_b;
  const uint64_t turn = (helps ? vector_stages_ : barriers_) % 2;
  const unsigned row = participant / grid.columns;
  const unsigned column = participant % grid.columns;
  duet_descriptor descriptor = new_descriptor(DUET_OP_GEMM, part.engine);
  descriptor.shape.m = static_cast<uint32_t>(shape.m);
  descriptor.shape.k = static_cast<uint32_t>(shape.k);
  descriptor.shape.n = static_cast<uint32_t>(shape.n);
  descriptor.shape.k_blocks = static_cast<uint32_t>(grid.k_blocks);
  const uint64_t results = uint64_t{descriptor.shape.m} * descriptor.shape.n;
  descriptor.shape.sfu_passes =
      sfu_passes(part_of((stage.output_functions + stage.input_functions) / parts(), part.share), results);

  std::vector<unsigned> row_group;
  std::vector<unsigned> column_group;
  for (unsigned c = 0; c < grid.columns; ++c) row_group.push_back(row * grid.columns + c);
  for (unsigned r = 0; r < grid.rows; ++r) column_group.push_back(r * grid.columns + column);

  unsigned slot = 0;
  const auto add_shared = [&](const Place& place, uint64_t slice, uint64_t passes,
                              const std::vector<unsigned>& group, unsigned counter, unsigned flags,
                              bool is_cut) {
    const uint64_t share_bytes = divide_up(slice, group.size());
    duet_operand operand = piece_operand(place, participant, share_bytes * passes, flags);
    // The part's own rows or columns lie behind those of the parts before it.
    if (is_cut)
      operand.address += part_of(operand.wrap_bytes - std::min(operand.wrap_bytes, share_bytes), part.begin);
    operand.wrap_bytes = std::min(operand.wrap_bytes, share_bytes);
    if (group.size() > 1) {
      operand.flags |= DUET_OPERAND_SHARED;
      operand.group = static_cast<uint16_t>(group_of(group));
      operand.group_members = static_cast<uint16_t>(group.size());
      operand.group_bytes = operand.bytes * group.size();
      operand.counter = static_cast<uint8_t>(counter);
    }
    descriptor.inputs[slot++] = operand;
  };
  const Place& rows = place(stage.inputs.front());
  add_shared(rows, shape.m * shape.k * 2, grid.passes_a, row_group, counters_a[turn],
             DUET_OPERAND_WAITS | (rows.kept ? unsigned{DUET_OPERAND_KEPT} : 0u), part.by_rows);
  add_shared(weights(*stage.main), shape.n * shape.k * 2, grid.passes_b, column_group, counters_b[turn],
             type().gpu && !type().gpu->prefetch ? unsigned{DUET_OPERAND_WAITS} : 0u, !part.by_rows);
  // Streams that join as results leave (residual), or that a fused operator needs besides.
  for (size_t i = 1; i < stage.inputs.size() && slot < DUET_INPUTS; ++i) {
    const uint64_t whole = share(stage.inputs[i].bytes());
    const uint64_t first = part_of(whole, part.begin);
    descriptor.inputs[slot] = input(stage.inputs[i], participant, whole);
    descriptor.inputs[slot].address += first;
    descriptor.inputs[slot++].bytes = part_of(whole, part.begin + part.share) - first;
  }
  return descriptor;
}

void PrefillMapper::lower_gemm(const Stage& stage, const PrefillGrid& grid) {
  const auto parts_of_block = gemm_parts(stage, grid);
  for (unsigned participant = 0; participant < parts(); ++participant) {
    for (const GemmPart& part : parts_of_block) {
      duet_descriptor descriptor = gemm_descriptor(stage, part, participant);
      add_output(descriptor, stage, participant, part.begin, part.share);
      close(descriptor, participant);
    }
  }
  if (parts_of_block.size() > 1) {
    program_.stages.back().split +=
        fmt::format(", {:.0f} % on vector-unit arrays", parts_of_block.back().share * 100);
  }
  program_.stages.back().noi_s = grid.noi_s;
  end_stage(stage, DUET_MODE(DUET_SYSTOLIC_GEMM, DUET_VECTOR_GEMV));
}

void PrefillMapper::lower_ssm(const Stage& stage, const PrefillGrid& grid) {
  const auto& shape = std::get<SsmShape>(stage.main->shape);
  const uint64_t groups_here = divide_up(shape.groups, grid.columns);
  for (unsigned participant = 0; participant < parts(); ++participant) {
    const bool vector = ssm_engine_ == DUET_ENGINE_VECTOR;
    duet_descriptor descriptor =
        new_descriptor(vector ? DUET_OP_SSM_DECODE : DUET_OP_SSM_PREFILL, ssm_engine_);
    descriptor.shape.m = static_cast<uint32_t>(divide_up(shape.sequences, grid.rows));
    descriptor.shape.k = static_cast<uint32_t>(shape.tokens);
    descriptor.shape.n = static_cast<uint32_t>(divide_up(shape.channels, grid.columns));
    descriptor.shape.states = static_cast<uint32_t>(shape.states);
    descriptor.shape.head_dim = static_cast<uint32_t>(shape.channels / shape.heads);
    descriptor.shape.heads = static_cast<uint32_t>(groups_here);
    if (shape.decay_per_state) descriptor.shape.flags |= DUET_SHAPE_MAMBA1;
    const uint64_t results = uint64_t{descriptor.shape.m} * shape.tokens * descriptor.shape.n;
    descriptor.shape.sfu_passes = sfu_passes(
        (stage.output_functions + stage.input_functions + stage.main->functions) / parts(), results);
    unsigned slot = 0;
    for (const auto& use : stage.inputs) {
      if (slot == DUET_INPUTS) break;
      descriptor.inputs[slot++] = input(use, participant, input_bytes(stage, use, grid));
    }
    add_output(descriptor, stage, participant);
    close(descriptor, participant);
  }
  end_stage(stage, ssm_mode());
}

void PrefillMapper::lower_attention(const Stage& stage, const PrefillGrid& grid) {
  const auto& shape = std::get<AttentionShape>(stage.main->shape);
  const uint64_t kv_here = std::max<uint64_t>(1, divide_up(shape.kv_heads, grid.columns));
  const uint64_t sequences = divide_up(shape.sequences, grid.rows);
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor = new_descriptor(DUET_OP_ATTENTION, engine_);
    descriptor.shape.m = static_cast<uint32_t>(sequences);
    descriptor.shape.heads = static_cast<uint32_t>(divide_up(shape.heads, grid.columns));
    descriptor.shape.kv_heads = static_cast<uint32_t>(kv_here);
    descriptor.shape.k = static_cast<uint32_t>(shape.query_tokens);
    descriptor.shape.n = static_cast<uint32_t>(shape.context_tokens);
    descriptor.shape.head_dim = static_cast<uint32_t>(shape.head_size);
    descriptor.shape.flags = DUET_SHAPE_CAUSAL;
    for (unsigned slot = 0; slot < stage.inputs.size() && slot < DUET_INPUTS; ++slot) {
      const TensorUse& use = stage.inputs[slot];
      descriptor.inputs[slot] = input(use, participant, input_bytes(stage, use, grid));
    }
    add_output(descriptor, stage, participant);
    close(descriptor, participant);
  }
  end_stage(stage, DUET_MODE(DUET_SYSTOLIC_GEMM, DUET_VECTOR_GEMV));
}

void PrefillMapper::lower_rows(const Stage& stage, duet_opcode opcode) {
  uint64_t rows = 0;
  uint64_t columns = 0;
  if (const auto* shape = std::get_if<RowShape>(&stage.main->shape)) {
    rows = shape->rows;
    columns = shape->columns;
  } else {
    const auto& conv = std::get<ConvShape>(stage.main->shape);
    rows = conv.sequences * conv.tokens;
    columns = conv.channels;
  }
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor = new_descriptor(opcode, engine_);
    descriptor.shape.m = static_cast<uint32_t>(share(rows));
    descriptor.shape.n = static_cast<uint32_t>(columns);
    descriptor.shape.sfu_passes = std::max(1u, sfu_passes(stage.main->functions, rows * columns));
    unsigned slot = 0;
    for (const auto& use : stage.inputs) {
      if (use.name != "tokens" && slot < DUET_INPUTS) {
        descriptor.inputs[slot++] = input(use, participant, share(use.bytes()));
      }
    }
    if (opcode == DUET_OP_GATHER) {
      const Weight& table = stage.main->weights.front();
      descriptor.inputs[slot++] =
          piece_operand(weights(*stage.main), participant, share(table.read_bytes()), 0);
    }
    add_output(descriptor, stage, participant);
    close(descriptor, participant);
  }
  end_stage(stage, DUET_MODE(DUET_SYSTOLIC_GEMM, DUET_VECTOR_GEMV));
}

void PrefillMapper::lower_transfer(const Stage& stage) {
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor = new_descriptor(DUET_OP_TRANSFER, DUET_ENGINE_MOVE);
    uint64_t total = 0;
    for (unsigned slot = 0; slot < stage.inputs.size() && slot < DUET_INPUTS; ++slot) {
      const uint64_t bytes = share(stage.inputs[slot].bytes());
      descriptor.inputs[slot] =
          piece_operand(place(stage.inputs[slot]), participant, bytes, DUET_OPERAND_WAITS);
      total += bytes;
    }
    const Placement& target = input_.remote_caches[participant % input_.remote_caches.size()];
    const uint64_t bytes = std::min(total, target.bytes);
    descriptor.outputs[0] =
        write_operand(target.address + remote_cursor_ % (target.bytes - bytes + 1) / 4096 * 4096, bytes, 0);
    descriptor.waits[0] = {barrier_counter, 0, awaited_};
    descriptor.waits[1] = {written_counter, 0, written_};
    set_steps(descriptor);
    predict(program_.stages.back(), descriptor);
    push(participant, descriptor);
  }
  remote_cursor_ += 64ull << 20;
  const uint32_t mode = program_.dispatches.empty() ? 0 : program_.dispatches.back().mode;
  ring(stage.main->layer, mode);
}

}  // namespace duet::workload
