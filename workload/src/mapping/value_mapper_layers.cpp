// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "duet/workload/mapping/value_mapper.hpp"

namespace duet::workload {
namespace {

constexpr uint64_t token_id = 4;  // bytes

}  // namespace

ValueMapper::Blocks ValueMapper::embedding() {
  const core::ModelDescription& model = input_.model;
  const uint64_t columns = model.hidden_size / parts();
  result_.tokens = allocate(0, rows() * token_id);
  if (is_decode()) result_.next_tokens = result_.tokens;
  begin(OperatorKind::embedding, LayerKind::embedding, "embedding.gather");
  Blocks out = make("embedding.out", rows() * columns * word);
  for (unsigned p = 0; p < parts(); ++p) {
    duet_descriptor gather = descriptor(DUET_OP_GATHER, p);
    gather.shape.m = static_cast<uint32_t>(rows());
    gather.shape.n = static_cast<uint32_t>(columns);
    gather.shape.sfu_passes = 1;
    gather.values.rows = static_cast<uint32_t>(model.vocabulary_size);
    gather.inputs[0] = waiting(result_.tokens);
    const Placement table =
        weight(p, {{"embedding.table", model.hidden_size, 0, model.vocabulary_size, p * columns, columns}});
    gather.inputs[1] = read_operand(table.address, rows() * columns * word, 0);
    gather.inputs[1].wrap_bytes = table.bytes;
    gather.outputs[0] = write_operand(out[p].address, out[p].bytes, 0);
    close(gather, p);
  }
  end_stage(0);
  return out;
}

ValueMapper::Blocks ValueMapper::attention(const std::string& name, const Blocks& stream,
                                           CacheRegions& caches) {
  const core::ModelDescription& model = input_.model;
  const core::AttentionDescription& heads = *model.attention;
  const uint64_t query_columns = heads.heads / parts() * heads.head_size;
  const uint64_t key_columns = heads.kv_heads / parts() * heads.head_size;
  const uint64_t cache_row = input_.batch * 2 * key_columns * word;  // of one token
  layer_kind_ = LayerKind::attention;
  const Blocks query = make(name + ".q", rows() * query_columns * word);
  Blocks& region = caches[name + ".kv"];
  Blocks keys;
  if (is_decode()) {
    region = make(name + ".kv", input_.longest_context * cache_row);
    program_.cache_bytes += parts() * input_.longest_context * cache_row;
    for (const Placement& place : region) keys.push_back({place.address, cache_row});
  } else {
    keys = make(name + ".kv", tokens_ * cache_row);
  }
  const OperatorKind kind = is_decode() ? OperatorKind::kv_append : OperatorKind::gemm;
  product({.name = name + ".qkv", .kind = kind, .norm = name + ".norm"}, {stream, rows(), model.hidden_size},
          {&query, &keys}, [&](unsigned p) {
            return std::vector{rows_of(name + ".q", model.hidden_size, p * query_columns, query_columns),
                               rows_of(name + ".k", model.hidden_size, p * key_columns, key_columns),
                               rows_of(name + ".v", model.hidden_size, p * key_columns, key_columns)};
          });
  if (!is_decode()) transfer(name + ".kv_transfer", {&keys}, region);
  const Blocks context = make(name + ".context", query.front().bytes);
  begin(OperatorKind::attention, layer_kind_, name + ".attention");
  for (unsigned p = 0; p < parts(); ++p) {
    duet_descriptor attend = descriptor(DUET_OP_ATTENTION, p);
    attend.shape.m = static_cast<uint32_t>(input_.batch);
    attend.shape.k = static_cast<uint32_t>(tokens_);
    attend.shape.heads = static_cast<uint32_t>(heads.heads / parts());
    attend.shape.kv_heads = static_cast<uint32_t>(heads.kv_heads / parts());
    attend.shape.head_dim = static_cast<uint32_t>(heads.head_size);
    attend.shape.flags = DUET_SHAPE_CAUSAL;
    attend.values.scale =
        std::bit_cast<uint32_t>(static_cast<float>(1 / std::sqrt(static_cast<double>(heads.head_size))));
    attend.inputs[0] = waiting(query[p]);
    attend.inputs[1] = waiting(keys[p]);
    if (is_decode()) {
      attend.shape.n_stride = 1;
      attend.inputs[1].argument = 0;
      attend.inputs[1].bytes_stride = static_cast<int32_t>(cache_row);
    }
    attend.outputs[0] = write_operand(context[p].address, context[p].bytes, 0);
    close(attend, p);
  }
  end_stage(0);
  Blocks out = make(name + ".out", stream.front().bytes);
  const uint64_t hidden = model.hidden_size / parts();
  const uint64_t columns = heads.heads * heads.head_size;
  product({.name = name + ".o_proj", .residual = &stream}, {context, rows(), columns}, {&out},
          [&](unsigned p) { return std::vector{rows_of(name + ".o_proj", columns, p * hidden, hidden)}; });
  return out;
}

ValueMapper::Blocks ValueMapper::mlp(const std::string& name, const Blocks& stream) {
  const core::ModelDescription& model = input_.model;
  const uint64_t width = model.mlp->intermediate_size / parts();
  const bool gated = model.mlp->matrices == 3;
  layer_kind_ = LayerKind::mlp;
  const Blocks inner = make(name + ".activated", rows() * width * word);
  product({.name = name + ".up", .norm = name + ".norm", .function = model.mlp->activation, .gated = gated},
          {stream, rows(), model.hidden_size}, {&inner}, [&](unsigned p) {
            std::vector<WeightPiece> pieces;
            if (gated) pieces.push_back(rows_of(name + ".gate", model.hidden_size, p * width, width));
            pieces.push_back(rows_of(name + ".up", model.hidden_size, p * width, width));
            return pieces;
          });
  Blocks out = make(name + ".out", stream.front().bytes);
  const uint64_t hidden = model.hidden_size / parts();
  const uint64_t columns = model.mlp->intermediate_size;
  product({.name = name + ".down", .residual = &stream}, {inner, rows(), columns}, {&out},
          [&](unsigned p) { return std::vector{rows_of(name + ".down", columns, p * hidden, hidden)}; });
  return out;
}

void ValueMapper::head(const Blocks& stream, CacheRegions& caches) {
  const core::ModelDescription& model = input_.model;
  const uint64_t batch = input_.batch;
  const uint64_t width = model.vocabulary_size / parts();
  layer_kind_ = LayerKind::head;
  const Blocks logits = make("head.logits", batch * width * word);
  product({.name = "head.lm_head", .norm = "head.final_norm"},
          {stream, batch, model.hidden_size, rows() - batch}, {&logits}, [&](unsigned p) {
            return std::vector{rows_of("head.lm_head", model.hidden_size, p * width, width)};
          });
  if (!is_decode()) result_.next_tokens = allocate(0, batch * token_id);
  begin(OperatorKind::argmax, layer_kind_, "head.argmax");
  for (unsigned p = 0; p < parts(); ++p) {
    duet_descriptor largest = descriptor(DUET_OP_ARGMAX, p);
    largest.shape.m = static_cast<uint32_t>(batch);
    largest.shape.n = static_cast<uint32_t>(model.vocabulary_size);
    largest.shape.sfu_passes = 1;
    largest.inputs[0] = shared({logits, batch, model.vocabulary_size}, p);
    if (p == 0) largest.outputs[0] = write_operand(result_.next_tokens.address, result_.next_tokens.bytes, 0);
    close(largest, p);
  }
  end_stage(0);
  Blocks& target = caches["tokens"];
  if (is_decode()) {
    target.assign(parts(), Placement{});
    target[0] = result_.tokens;
    return;
  }
  Blocks from(parts());
  from[0] = result_.next_tokens;
  transfer("head.result_transfer", {&from}, target);
}

}  // namespace duet::workload
