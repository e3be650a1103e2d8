// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/decode_mapper.hpp"

#include <algorithm>

#include "duet/sw_driver/regs.h"

namespace duet::workload {
namespace {

uint64_t divide_up(uint64_t value, uint64_t by) {
  return (value + by - 1) / by;
}

unsigned sfu_passes(uint64_t functions, uint64_t elements) {
  return static_cast<unsigned>(divide_up(functions, std::max<uint64_t>(1, elements)));
}

duet_opcode opcode_of(OperatorKind kind) {
  switch (kind) {
    case OperatorKind::embedding:
      return DUET_OP_GATHER;
    case OperatorKind::norm:
    case OperatorKind::gated_norm:
      return DUET_OP_NORM;
    case OperatorKind::conv1d:
      return DUET_OP_CONV1D;
    case OperatorKind::rotary:
      return DUET_OP_ROTARY;
    case OperatorKind::argmax:
      return DUET_OP_ARGMAX;
    case OperatorKind::kv_append:
      return DUET_OP_KV_APPEND;
    default:
      return DUET_OP_ELEMENTWISE;
  }
}

}  // namespace

Program map_decode(const MappingInput& input, std::vector<Placement>& caches) {
  return DecodeMapper(input).map(caches);
}

Program DecodeMapper::map(std::vector<Placement>& caches) {
  const Graph graph =
      build_graph(input_.model, Phase::decode, {input_.batch, 1, input_.context_tokens, CachePolicy::keep});
  stages_ = make_stages(graph, input_.mapping.fusion);
  cache_regions_.resize(parts());
  plan_row_splits();
  plan_routes();
  for (const Stage& stage : stages_) lower(stage);
  chain_engines();
  caches = cache_regions_;
  Program program;
  finish(program);
  return program;
}

// Mailbox counters go round, so that a fast chiplet's next vector is not taken for a slow one's. Each engine
// counts what has arrived for its own descriptors, so SSM units that are an engine of their own have their
// own.
unsigned DecodeMapper::next_mailbox(bool for_ssm) {
  constexpr unsigned first_mailbox = 16;
  constexpr unsigned mailboxes = 40;
  constexpr unsigned ssm_mailboxes = 7;
  if (for_ssm && ssm_engine_ != engine_)
    return first_mailbox + mailboxes + ssm_mailboxes_used_++ % ssm_mailboxes;
  return first_mailbox + mailboxes_used_++ % mailboxes;
}

// An engine works off its descriptors in order. Where a chiplet's work goes on in another engine, that one
// waits until the results are in place.
void DecodeMapper::chain_engines() {
  constexpr unsigned hand_over_counter = 1;
  for (unsigned participant = 0; participant < parts(); ++participant) {
    auto& queue = program_.queues[chiplets_[participant]];
    uint64_t hand_overs = 0;
    for (size_t i = 1; i < queue.size(); ++i) {
      if (queue[i].engine == queue[i - 1].engine) continue;
      queue[i - 1].raises[0] = {static_cast<uint16_t>(group_of({participant})), hand_over_counter, 1, 1};
      queue[i].waits[0] = {hand_over_counter, 0, ++hand_overs};
    }
  }
}

/// Products need whole rows, and so do norms that stand alone; SSM and attention only what their heads use.
bool DecodeMapper::needs_whole(const Stage& consumer, const TensorUse& use) const {
  switch (consumer.main->kind) {
    case OperatorKind::gemm:
      if (is_split_by_rows(consumer)) return false;
      // Streams that only join the result (residual) are used where the result's columns are.
      return use.name == consumer.inputs.front().name ||
             use.columns == std::get<GemmShape>(consumer.main->shape).k;
    case OperatorKind::norm:
    case OperatorKind::gated_norm:
      return true;
    case OperatorKind::attention: {
      const auto& shape = std::get<AttentionShape>(consumer.main->shape);
      return shape.kv_heads % parts() != 0;
    }
    case OperatorKind::ssm: {
      const auto& shape = std::get<SsmShape>(consumer.main->shape);
      return shape.heads % parts() != 0;
    }
    default:
      return false;
  }
}

void DecodeMapper::plan_routes() {
  std::map<std::string, TensorUse> made;
  for (const Stage& stage : stages_) {
    for (const auto& output : stage.outputs) made.emplace(output.name, output);
  }
  std::map<std::string, bool> taken_by_ssm;  // the first consumer takes a tensor from its mailbox
  for (const Stage& stage : stages_) {
    for (const auto& use : stage.inputs) {
      taken_by_ssm.try_emplace(use.name, stage.main->kind == OperatorKind::ssm);
      const auto source = made.find(use.name);
      if (source == made.end()) continue;
      const bool whole = needs_whole(stage, use);
      // B and C of an SSM group whose heads lie on several chiplets.
      uint64_t group_bytes = 0;
      if (!whole && stage.main->kind == OperatorKind::ssm) {
        const auto& shape = std::get<SsmShape>(stage.main->shape);
        const bool holds_groups = use.columns > shape.channels && use.columns < 2 * shape.channels;
        if (shape.groups % parts() != 0 && holds_groups)
          group_bytes = use.rows * (use.columns - shape.channels) * 2;
      }
      if (!whole && group_bytes == 0) continue;
      auto [route, added] = routes_.try_emplace(use.name);
      if (added) route->second.counter = next_mailbox(taken_by_ssm.at(use.name));
      route->second.gathered = true;
      const uint64_t bytes = whole ? source->second.bytes() : group_bytes;
      route->second.bytes = std::max(route->second.bytes, divide_up(bytes, parts()) * parts());
    }
  }
}

Placement DecodeMapper::near_cache(const std::string& name, unsigned participant, std::uint64_t bytes) {
  auto [place, added] = near_weights_.try_emplace({name, participant});
  if (added) {
    place->second = near(participant, bytes);
    program_.cache_bytes += bytes;
    Placement& region = cache_regions_[participant];
    if (region.bytes < bytes) region = place->second;
  }
  return place->second;
}

void DecodeMapper::add_weights(duet_descriptor& descriptor, const Stage& stage, unsigned participant,
                               unsigned& slot) {
  std::vector<const Operator*> members = stage.fused;
  members.insert(members.begin(), stage.main);
  uint64_t small = 0;
  const auto place = [&](const std::string& name, uint64_t whole) {
    const uint64_t bytes = divide_up(whole, parts());
    auto [found, added] = near_weights_.try_emplace({name, participant});
    if (added) {
      found->second = near(participant, bytes);
      program_.weight_bytes += bytes;
    }
    return found->second;
  };
  for (const Operator* op : members) {
    if (op->weights.empty()) continue;
    // The matrices of a product that makes several tensors (gate and up; q, k and v) stream as one.
    if (op == stage.main && op->kind == OperatorKind::gemm) {
      const Placement matrix = place(op->weights.front().name, op->weight_bytes());
      descriptor.inputs[slot++] = read_operand(matrix.address, matrix.bytes, 0);
      continue;
    }
    for (const Weight& weight : op->weights) {
      const Placement placed = place(weight.name, weight.bytes());
      if (op->kind != OperatorKind::embedding) small += placed.bytes;
    }
  }
  if (small == 0) return;
  // Vectors of fused operators stand before the matrix in one resident operand.
  const auto& name = members.back()->weights.empty() ? stage.main->weights : members.back()->weights;
  const std::string key = name.empty() ? stage.main->name : name.front().name;
  const auto vectors = near_weights_.find({key, participant});
  const uint64_t address =
      vectors != near_weights_.end() ? vectors->second.address : descriptor.inputs[0].address;
  descriptor.inputs[slot++] = read_operand(address, small, DUET_OPERAND_RESIDENT);
}

void DecodeMapper::add_mailboxes(duet_descriptor& descriptor, const std::vector<Route*>& waits,
                                 unsigned& slot) const {
  for (Route* route : waits) {
    if (route->taken || slot == DUET_INPUTS) continue;
    duet_operand operand{};
    operand.used = 1;
    operand.flags = DUET_OPERAND_MAILBOX | DUET_OPERAND_RESIDENT;
    operand.group = DUET_NO_GROUP;
    operand.argument = DUET_NO_ARGUMENT;
    operand.counter = static_cast<uint8_t>(route->counter);
    operand.group_bytes = route->bytes;
    descriptor.inputs[slot++] = operand;
  }
}

void DecodeMapper::add_posts(duet_descriptor& descriptor, const Stage& stage) {
  std::vector<unsigned> all(parts());
  for (unsigned i = 0; i < parts(); ++i) all[i] = i;
  unsigned slot = 0;
  while (slot < DUET_OUTPUTS && descriptor.outputs[slot].used) ++slot;
  for (const auto& output : stage.outputs) {
    const auto route = routes_.find(output.name);
    if (route == routes_.end() || !route->second.gathered || slot == DUET_OUTPUTS) continue;
    duet_operand operand = write_operand(0, route->second.bytes / parts(), DUET_OPERAND_RESIDENT);
    operand.group = static_cast<uint16_t>(group_of(all));
    operand.counter = static_cast<uint8_t>(route->second.counter);
    descriptor.outputs[slot++] = operand;
  }
}

duet_descriptor DecodeMapper::gemm(const Stage& stage) const {
  const auto& shape = std::get<GemmShape>(stage.main->shape);
  duet_descriptor descriptor =
      new_descriptor(engine_ == DUET_ENGINE_VECTOR ? DUET_OP_GEMV : DUET_OP_GEMM, engine_);
  descriptor.shape.m = static_cast<uint32_t>(shape.m);
  descriptor.shape.k = static_cast<uint32_t>(shape.k);
  descriptor.shape.n = static_cast<uint32_t>(share(shape.n));
  // A fused norm of the input is done by every chiplet, functions on the result only on its own part.
  const uint64_t functions = share(stage.output_functions) + stage.input_functions;
  descriptor.shape.sfu_passes = sfu_passes(functions, shape.m * descriptor.shape.n);
  return descriptor;
}

duet_descriptor DecodeMapper::ssm(const Stage& stage, unsigned participant) {
  const auto& shape = std::get<SsmShape>(stage.main->shape);
  duet_descriptor descriptor = new_descriptor(
      ssm_engine_ == DUET_ENGINE_VECTOR ? DUET_OP_SSM_DECODE : DUET_OP_SSM_PREFILL, ssm_engine_);
  descriptor.shape.m = static_cast<uint32_t>(shape.sequences);
  descriptor.shape.k = 1;
  descriptor.shape.n = static_cast<uint32_t>(share(shape.channels));
  descriptor.shape.states = static_cast<uint32_t>(shape.states);
  descriptor.shape.head_dim = static_cast<uint32_t>(shape.channels / shape.heads);
  descriptor.shape.flags =
      DUET_SHAPE_INITIAL_STATE | (shape.decay_per_state ? unsigned{DUET_SHAPE_MAMBA1} : 0u);
  const uint64_t functions = stage.output_functions + stage.input_functions + stage.main->functions;
  descriptor.shape.sfu_passes = sfu_passes(share(functions), shape.sequences * descriptor.shape.n);
  unsigned slot = 0;
  std::vector<const Operator*> members = stage.fused;
  members.push_back(stage.main);
  for (const Operator* op : members) {
    for (const CacheUse& cache : op->caches) {
      const uint64_t bytes = share(cache.read_bytes);
      const Placement place = near_cache(cache.name, participant, bytes);
      descriptor.inputs[slot] = read_operand(place.address, bytes, 0);
      descriptor.outputs[slot] = write_operand(place.address, share(cache.write_bytes), 0);
      ++slot;
    }
  }
  return descriptor;
}

duet_descriptor DecodeMapper::attention(const Stage& stage, unsigned participant) {
  const auto& shape = std::get<AttentionShape>(stage.main->shape);
  duet_descriptor descriptor = new_descriptor(DUET_OP_ATTENTION, engine_);
  const uint64_t units = divide_up(shape.sequences * shape.kv_heads, parts());
  descriptor.shape.m = static_cast<uint32_t>(units);
  descriptor.shape.heads = static_cast<uint32_t>(shape.heads / shape.kv_heads);
  descriptor.shape.kv_heads = 1;
  descriptor.shape.k = 1;
  descriptor.shape.n = 1;  // the new token; the cached ones come with argument 0
  descriptor.shape.n_stride = 1;
  descriptor.shape.head_dim = static_cast<uint32_t>(shape.head_size);
  const CacheUse& cache = stage.main->caches.front();
  const uint64_t token_bytes = 2 * units * shape.head_size * input_.model.kv_element_bytes;
  const Placement place = near_cache(cache.name, participant, token_bytes * input_.longest_context);
  duet_operand keys = read_operand(place.address, 0, 0);
  keys.argument = 0;
  keys.bytes_stride = static_cast<int32_t>(token_bytes);
  descriptor.inputs[0] = keys;
  duet_operand append = write_operand(place.address, token_bytes, DUET_OPERAND_RESIDENT);
  append.argument = 0;
  append.address_stride = static_cast<int32_t>(token_bytes);
  descriptor.outputs[0] = append;
  return descriptor;
}

duet_descriptor DecodeMapper::rows(const Stage& stage, duet_opcode opcode) const {
  uint64_t elements = 0;
  for (const auto& output : stage.outputs) elements += output.rows * output.columns;
  duet_descriptor descriptor = new_descriptor(opcode, engine_);
  descriptor.shape.m = 1;
  descriptor.shape.n = static_cast<uint32_t>(std::max<uint64_t>(1, share(elements)));
  descriptor.shape.sfu_passes =
      std::max(1u, sfu_passes(stage.main->functions, std::max<uint64_t>(1, elements)));
  return descriptor;
}

void DecodeMapper::lower(const Stage& stage) {
  if (is_split_by_rows(stage)) return lower_row_split(stage);
  StagePlan& plan = begin_stage(stage, stage.main->name);
  plan.split = "by columns";
  uint32_t mode = DUET_MODE(DUET_SYSTOLIC_GEMM, DUET_VECTOR_GEMV);
  std::vector<Route*> waits;
  for (const auto& use : stage.inputs) {
    const auto route = routes_.find(use.name);
    if (route != routes_.end()) waits.push_back(&route->second);
  }
  for (unsigned participant = 0; participant < parts(); ++participant) {
    duet_descriptor descriptor{};
    unsigned slot = 0;
    switch (stage.main->kind) {
      case OperatorKind::gemm:
        descriptor = gemm(stage);
        break;
      case OperatorKind::ssm:
        descriptor = ssm(stage, participant);
        mode = ssm_mode();
        plan.split = "by heads";
        break;
      case OperatorKind::attention:
        descriptor = attention(stage, participant);
        plan.split = "by KV heads";
        break;
      default:
        descriptor = rows(stage, opcode_of(stage.main->kind));
        break;
    }
    while (slot < DUET_INPUTS && descriptor.inputs[slot].used) ++slot;
    add_weights(descriptor, stage, participant, slot);
    if (stage.main->kind == OperatorKind::embedding) {
      const Weight& table = stage.main->weights.front();
      const auto place = near_weights_.at({table.name, participant});
      descriptor.inputs[slot++] = read_operand(place.address, share(table.read_bytes()), 0);
    }
    add_mailboxes(descriptor, waits, slot);
    add_posts(descriptor, stage);
    set_steps(descriptor);
    predict(plan, descriptor);
    push(participant, descriptor);
  }
  for (Route* route : waits) route->taken = true;
  ring(stage.main->layer, mode);
}

}  // namespace duet::workload
