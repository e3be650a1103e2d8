// SPDX-License-Identifier: Apache-2.0
// What the layers of value_mapper_*.cpp are made of: memory, descriptors, stages, products.
#include "duet/workload/mapping/value_mapper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "duet/core/error.hpp"
#include "duet/sw_driver/regs.h"

namespace duet::workload {
namespace {

constexpr unsigned shared_counter = 2;  // and the next one, for room
constexpr uint64_t alignment = 256;

uint16_t function_of(core::Activation activation) {
  switch (activation) {
    case core::Activation::silu:
      return DUET_FUNCTION_SILU;
    case core::Activation::relu_squared:
      return DUET_FUNCTION_RELU_SQUARED;
    case core::Activation::gelu:
      return DUET_FUNCTION_GELU;
    default:
      return DUET_FUNCTION_NONE;
  }
}

[[noreturn]] void refuse(const std::string& key, const std::string& found, const std::string& allowed) {
  throw core::UserError(
      fmt::format("{}: found {}, allowed where values are computed: {}", key, found, allowed));
}

void need_multiple(const std::string& key, uint64_t value, unsigned parts) {
  if (value % parts != 0)
    refuse(key, fmt::format("{}", value), fmt::format("multiples of {}, the number of chiplets", parts));
}

void need_fp16(const std::string& key, uint64_t bytes) {
  if (bytes != 2) refuse(key, fmt::format("{}", bytes), "2");
}

}  // namespace

Placement ValueProgram::region(const std::string& name, unsigned participant) const {
  for (const ValueRegion& region : regions) {
    if (region.name == name && region.participant == participant) return region.placement;
  }
  return {};
}

ValueMapper::ValueMapper(const MappingInput& input, Phase phase, std::size_t most_chiplets,
                         std::vector<std::uint64_t> used_bytes)
    : PackageMapper(input, phase, phase == Phase::prefill),
      tokens_(phase == Phase::decode ? 1 : input.prompt_tokens),
      used_(std::move(used_bytes)) {
  core::check(input_.model);
  chiplets_.resize(std::min(chiplets_.size(), most_chiplets));
  check();
  used_.resize(parts());
}

void ValueMapper::check() const {
  const core::ModelDescription& model = input_.model;
  if (type().gpu) refuse("node_types", "a GPU", "systolic or vector-unit arrays");
  if (!memory_->has_near_memory())
    refuse("packages", "memory nodes that cannot be dealt out to the chiplets", "the same for each chiplet");
  need_fp16("weight_element_bytes", model.weight_element_bytes);
  need_fp16("activation_element_bytes", model.activation_element_bytes);
  need_fp16("kv_element_bytes", model.kv_element_bytes);
  if (model.tie_embeddings) refuse("tie_embeddings", "true", "false");
  if (!model.read_lm_head) refuse("read_lm_head", "false", "true");
  if (model.shared_blocks) refuse("shared_blocks", "some", "none");
  need_multiple("hidden_size", model.hidden_size, parts());
  need_multiple("vocabulary_size", model.vocabulary_size, parts());
  if (model.mamba) {
    if (model.mamba->version != core::MambaVersion::mamba2) refuse("mamba.version", "mamba1", "mamba2");
    if (model.mamba->projection_bias) refuse("mamba.projection_bias", "true", "false");
    if (model.mamba->conv_kernel < 2) refuse("mamba.conv_kernel", "1", "2 and more");
    need_multiple("mamba.groups", model.mamba->groups, parts());
    if (model.mamba->heads() % model.mamba->groups != 0)
      refuse("mamba.groups", fmt::format("{}", model.mamba->groups), "divisors of the number of heads");
  }
  if (model.attention) {
    if (model.attention->rotary) refuse("attention.rotary", "true", "false");
    if (model.attention->projection_bias) refuse("attention.projection_bias", "true", "false");
    need_multiple("attention.kv_heads", model.attention->kv_heads, parts());
  }
  if (model.mlp) need_multiple("mlp.intermediate_size", model.mlp->intermediate_size, parts());
}

// The upper half of the chiplet's first near slot; queues lie at its bottom.
Placement ValueMapper::allocate(unsigned participant, std::uint64_t bytes) {
  const core::InterleaveSet& set = input_.map.sets(input_.package.index)[1 + chiplets_[participant]];
  const core::MemorySlot& slot = set.slots.front();
  const uint64_t half = set.slot_bytes / 2;
  const uint64_t begin = used_[participant];
  used_[participant] = (begin + bytes + alignment - 1) / alignment * alignment;
  fits_ = fits_ && used_[participant] <= half;
  return {core::AddressMap::memory_base(input_.package.index, slot.memory) + slot.base + half + begin, bytes};
}

ValueMapper::Blocks ValueMapper::make(const std::string& name, std::uint64_t bytes) {
  Blocks blocks;
  for (unsigned p = 0; p < parts(); ++p) {
    blocks.push_back(allocate(p, bytes));
    result_.regions.push_back({name, p, blocks.back()});
  }
  return blocks;
}

Placement ValueMapper::weight(unsigned participant, std::vector<WeightPiece> pieces) {
  uint64_t elements = 0;
  for (const WeightPiece& piece : pieces) elements += piece.rows * piece.columns;
  const Placement placement = allocate(participant, elements * input_.model.weight_element_bytes);
  program_.weight_bytes += placement.bytes;
  result_.weights.push_back({placement.address, std::move(pieces)});
  return placement;
}

WeightPiece ValueMapper::rows_of(const std::string& tensor, std::uint64_t columns, std::uint64_t first,
                                 std::uint64_t rows) const {
  return {tensor, columns, first, rows, 0, columns};
}

WeightPiece ValueMapper::columns_of(const std::string& tensor, std::uint64_t columns,
                                    unsigned participant) const {
  const uint64_t part = columns / parts();
  return {tensor, columns, 0, 1, participant * part, part};
}

void ValueMapper::begin(OperatorKind kind, LayerKind layer_kind, const std::string& name) {
  layer_kind_ = layer_kind;
  Operator op;
  op.name = name;
  op.kind = kind;
  op.layer_kind = layer_kind;
  op.layer = layer_;
  Stage stage;
  stage.main = &op;
  begin_stage(stage, name).split = "by columns";
}

duet_descriptor ValueMapper::descriptor(duet_opcode opcode, unsigned participant) const {
  duet_descriptor result = new_descriptor(opcode, engine_);
  result.shape.sfu_passes = 0;
  result.values.flags = DUET_VALUE_LAYOUT;
  result.values.member = static_cast<uint16_t>(participant);
  result.values.batch = static_cast<uint16_t>(input_.batch);
  result.values.groups = 1;
  return result;
}

// All descriptors of a stage wait for all of the stages before it.
void ValueMapper::close(duet_descriptor& descriptor, unsigned participant) {
  std::vector<unsigned> all(parts());
  for (unsigned i = 0; i < parts(); ++i) all[i] = i;
  descriptor.waits[0] = {barrier_counter, 0, awaited_};
  if (descriptor.engine != DUET_ENGINE_MOVE) {
    descriptor.raises[0] = {static_cast<uint16_t>(group_of(all)), barrier_counter, DUET_RAISE_WRITTEN, 1};
    ++raised_;
  }
  predict(program_.stages.back(), descriptor);
  push(participant, descriptor);
}

void ValueMapper::end_stage(std::uint32_t mode) {
  awaited_ = raised_;
  ring(layer_, mode);
}

duet_operand ValueMapper::waiting(const Placement& placement) {
  return read_operand(placement.address, placement.bytes, DUET_OPERAND_WAITS);
}

duet_operand ValueMapper::shared(const Rows& rows, unsigned participant) {
  const uint64_t row_bytes = rows.columns / parts() * 2;
  duet_operand operand = read_operand(rows.blocks[participant].address + rows.skip_rows * row_bytes,
                                      rows.rows * row_bytes, DUET_OPERAND_WAITS);
  if (parts() == 1) return operand;
  std::vector<unsigned> all(parts());
  for (unsigned i = 0; i < parts(); ++i) all[i] = i;
  operand.flags |= DUET_OPERAND_SHARED;
  operand.group = static_cast<uint16_t>(group_of(all));
  operand.group_members = static_cast<uint16_t>(parts());
  operand.group_bytes = operand.bytes * parts();
  operand.counter = shared_counter;
  return operand;
}

void ValueMapper::product(const Product& what, const Rows& input, const std::vector<const Blocks*>& outputs,
                          const Pieces& pieces) {
  begin(what.kind, layer_kind_, what.name);
  for (unsigned p = 0; p < parts(); ++p) {
    const bool vector = engine_ == DUET_ENGINE_VECTOR;
    duet_descriptor gemm = descriptor(vector ? DUET_OP_GEMV : DUET_OP_GEMM, p);
    const Placement matrix = weight(p, pieces(p));
    gemm.shape.m = static_cast<uint32_t>(input.rows);
    gemm.shape.k = static_cast<uint32_t>(input.columns);
    gemm.shape.n = static_cast<uint32_t>(matrix.bytes / word / input.columns);
    gemm.inputs[0] = shared(input, p);
    gemm.inputs[1] = read_operand(matrix.address, matrix.bytes, 0);
    unsigned slot = 2;
    uint64_t functions = 0;
    if (!what.norm.empty()) {
      const Placement norm = weight(p, {rows_of(what.norm, input.columns, 0, 1)});
      gemm.values.flags |= DUET_VALUE_NORM;
      gemm.values.epsilon = std::bit_cast<uint32_t>(norm_epsilon);
      gemm.inputs[slot++] = read_operand(norm.address, norm.bytes, DUET_OPERAND_RESIDENT);
      functions += input.rows;
    }
    if (what.residual != nullptr) {
      gemm.values.flags |= DUET_VALUE_RESIDUAL;
      gemm.inputs[slot++] = waiting((*what.residual)[p]);
    }
    if (what.gated) gemm.values.flags |= DUET_VALUE_GATE;
    gemm.values.function = function_of(what.function);
    if (gemm.values.function != DUET_FUNCTION_NONE)
      functions += input.rows * gemm.shape.n / (what.gated ? 2 : 1);
    gemm.shape.sfu_passes = passes(functions, input.rows * gemm.shape.n);
    for (unsigned o = 0; o < outputs.size(); ++o) {
      const Placement& to = (*outputs[o])[p];
      gemm.outputs[o] = write_operand(to.address, to.bytes, 0);
      if (what.kind != OperatorKind::kv_append || o != 1) continue;
      // Keys and values go behind those of the tokens before.
      gemm.outputs[o].argument = 0;
      gemm.outputs[o].address_stride = static_cast<int32_t>(to.bytes);
    }
    close(gemm, p);
  }
  end_stage(0);
}

void ValueMapper::transfer(const std::string& name, const std::vector<const Blocks*>& from,
                           const Blocks& to) {
  begin(OperatorKind::cache_transfer, layer_kind_, name);
  for (unsigned p = 0; p < parts(); ++p) {
    duet_descriptor move = descriptor(DUET_OP_TRANSFER, p);
    move.engine = DUET_ENGINE_MOVE;
    unsigned slot = 0;
    uint64_t bytes = 0;
    for (const Blocks* blocks : from) {
      move.inputs[slot++] = waiting((*blocks)[p]);
      bytes += (*blocks)[p].bytes;
    }
    if (bytes == 0) continue;
    move.outputs[0] = write_operand(to[p].address, bytes, 0);
    close(move, p);
  }
  const uint32_t mode = program_.dispatches.empty() ? 0 : program_.dispatches.back().mode;
  ring(layer_, mode);
}

ValueProgram ValueMapper::map(CacheRegions& caches) {
  if (!is_decode() && caches["tokens"].size() != parts()) {
    refuse("packages",
           fmt::format("{} chiplets for prefill and {} for decode", parts(), caches["tokens"].size()),
           "as many or more for prefill, because caches keep their cut");
  }
  Blocks stream = embedding();
  const std::string layers = input_.model.layers();
  for (uint64_t i = 0; i < layers.size(); ++i) {
    ++layer_;
    const std::string name = fmt::format("layer.{}.", i);
    if (layers[i] == '*') {
      stream = attention(name + "attention", stream, caches);
    } else if (layers[i] == '-') {
      stream = mlp(name + "mlp", stream);
    } else {
      stream = mamba(name + "mamba", stream, caches);
    }
  }
  ++layer_;
  head(stream, caches);
  finish(result_.program);
  uint64_t used = 0;
  for (const uint64_t bytes : used_) used += bytes;
  result_.program.memory_used_bytes += used;
  result_.used_bytes = used_;
  return std::move(result_);
}

}  // namespace duet::workload
