// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/graph/build_graph.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "duet/core/error.hpp"
#include "duet/workload/graph/model_size.hpp"
#include "workload/graph_models.hpp"

using namespace duet;
using namespace duet::workload;

namespace {

std::vector<core::ModelDescription> all_models() {
  return {test::nemotron_h_56b(), test::nemotron_h_8b(), test::zamba2_7b(),
          test::llama3_8b(),      test::mamba_2_8b(),    test::mamba2_2_7b()};
}

std::vector<std::pair<Phase, GraphInput>> all_inputs() {
  return {{Phase::prefill, {3, 100, 0, CachePolicy::keep}},
          {Phase::prefill, {3, 100, 0, CachePolicy::hand_over}},
          {Phase::prefill, {3, 100, 0, CachePolicy::hand_over_at_end}},
          {Phase::prefill, {3, 50, 50, CachePolicy::keep}},
          {Phase::decode, {3, 1, 100, CachePolicy::keep}}};
}

const Operator& find(const Graph& graph, const std::string& name) {
  for (const Operator& op : graph) {
    if (op.name == name) return op;
  }
  FAIL("no operator " << name);
  return graph.front();
}

std::uint64_t total_macs(const Graph& graph, OperatorKind kind) {
  std::uint64_t sum = 0;
  for (const Operator& op : graph) {
    if (op.kind == kind) sum += op.macs;
  }
  return sum;
}

}  // namespace

TEST_CASE("every tensor is produced once, before it is consumed, in the shape that is consumed") {
  for (const auto& model : all_models()) {
    for (const auto& [phase, input] : all_inputs()) {
      INFO(model.name);
      std::map<std::string, TensorUse> produced;
      std::set<std::string> consumed, names;
      produced["tokens"] = {"tokens", input.batch * input.tokens, 1, 4};
      for (const Operator& op : build_graph(model, phase, input)) {
        REQUIRE(names.insert(op.name).second);
        for (const TensorUse& tensor : op.inputs) {
          INFO(op.name << " consumes " << tensor.name);
          REQUIRE(produced.count(tensor.name) == 1);
          REQUIRE(tensor.columns == produced[tensor.name].columns);
          REQUIRE(tensor.element_bytes == produced[tensor.name].element_bytes);
          REQUIRE(tensor.rows <= produced[tensor.name].rows);
          if (op.layer_kind != LayerKind::head) REQUIRE(tensor.rows == produced[tensor.name].rows);
          consumed.insert(tensor.name);
        }
        for (const TensorUse& tensor : op.outputs) {
          INFO(op.name << " produces " << tensor.name);
          REQUIRE(tensor.bytes() > 0);
          REQUIRE(produced.emplace(tensor.name, tensor).second);
        }
      }
      for (const auto& [name, tensor] : produced) {
        INFO(name);
        if (name != "next_tokens") CHECK(consumed.count(name) == 1);
      }
    }
  }
}

TEST_CASE("a product's shapes follow from its tensors and weights") {
  for (const auto& model : all_models()) {
    for (const Operator& op : build_graph(model, Phase::prefill, {2, 64})) {
      if (op.kind != OperatorKind::gemm) continue;
      const auto& shape = std::get<GemmShape>(op.shape);
      INFO(model.name << " " << op.name);
      REQUIRE(op.inputs.size() == 1);
      CHECK(op.inputs[0].columns == shape.k);
      CHECK(op.inputs[0].rows == shape.m);
      std::uint64_t columns = 0, elements = 0;
      for (const TensorUse& tensor : op.outputs) columns += tensor.columns;
      for (const Weight& weight : op.weights) elements += weight.elements();
      CHECK(columns == shape.n);
      CHECK(elements == shape.k * shape.n);
      CHECK(op.macs == shape.m * shape.k * shape.n);
    }
  }
}

TEST_CASE("work of a prefill equals the closed forms") {
  const std::uint64_t batch = 2, tokens = 512;
  for (const auto& model : all_models()) {
    INFO(model.name);
    const ModelSize size = model_size(model);
    const Graph graph = build_graph(model, Phase::prefill, {batch, tokens});
    const std::uint64_t head = model.hidden_size * model.vocabulary_size;
    CHECK(total_macs(graph, OperatorKind::gemm) ==
          batch * (tokens * (size.projection_macs_per_token - head) + head));
    CHECK(total_macs(graph, OperatorKind::attention) ==
          batch * size.attention_macs_per_token_and_key * tokens * (tokens + 1) / 2);
    CHECK(total_macs(graph, OperatorKind::ssm) + total_macs(graph, OperatorKind::conv1d) ==
          batch * tokens * size.state_macs_per_token);
  }
}

TEST_CASE("prefill in two chunks does the work of one, but for the LM head and the reloaded states") {
  const auto model = test::nemotron_h_8b();
  const Graph whole = build_graph(model, Phase::prefill, {1, 256});
  const Graph first = build_graph(model, Phase::prefill, {1, 128});
  const Graph second = build_graph(model, Phase::prefill, {1, 128, 128});
  for (const auto kind : {OperatorKind::attention, OperatorKind::ssm, OperatorKind::conv1d}) {
    CHECK(total_macs(whole, kind) == total_macs(first, kind) + total_macs(second, kind));
  }
}

TEST_CASE("a decode step reads every weight once and its caches once") {
  const std::uint64_t batch = 5, context = 1000;
  for (const auto& model : all_models()) {
    INFO(model.name);
    const ModelSize size = model_size(model);
    std::uint64_t reads = 0, writes = 0;
    const Graph graph = build_graph(model, Phase::decode, {batch, 1, context});
    for (const Operator& op : graph) {
      reads += op.cache_read_bytes();
      writes += op.cache_write_bytes();
    }
    const std::uint64_t states = size.ssm_state_bytes_per_sequence + size.conv_state_bytes_per_sequence;
    CHECK(reads == batch * (context * size.kv_bytes_per_token + states));
    CHECK(writes == batch * (size.kv_bytes_per_token + states));
    CHECK(distinct_weight_bytes(graph) == size.weight_bytes);
  }
}

TEST_CASE("what is handed over is what the decode starts from") {
  for (const auto& model : all_models()) {
    const std::uint64_t batch = 4, tokens = 300;
    const std::uint64_t expected = batch * model_size(model).cache_bytes(tokens);
    for (const auto policy : {CachePolicy::hand_over, CachePolicy::hand_over_at_end}) {
      INFO(model.name);
      std::uint64_t sent = 0;
      for (const Operator& op : build_graph(model, Phase::prefill, {batch, tokens, 0, policy})) {
        if (op.kind != OperatorKind::cache_transfer || op.layer_kind == LayerKind::head) {
          if (op.name.find("transfer.") == std::string::npos) continue;
        }
        sent += op.input_bytes() + op.cache_read_bytes();
      }
      CHECK(sent == expected);
    }
  }
}

TEST_CASE("shared blocks alternate, share their weights and keep their adapters apart") {
  const Graph graph = build_graph(test::zamba2_7b(), Phase::decode, {});
  const auto weight = [&](const std::string& name) { return find(graph, name).weights.front().name; };
  CHECK(weight("layer.6.attention.qkv") == "shared_block.0.attention.q");
  CHECK(weight("layer.11.attention.qkv") == "shared_block.1.attention.q");
  CHECK(weight("layer.17.attention.qkv") == "shared_block.0.attention.q");
  CHECK(weight("layer.6.mlp.down") == weight("layer.17.mlp.down"));
  CHECK(weight("layer.6.mlp.lora_a") != weight("layer.17.mlp.lora_a"));
  CHECK(weight("layer.6.mlp.linear") != weight("layer.17.mlp.linear"));
  CHECK(find(graph, "layer.6.attention.norm").inputs.size() == 2);
  CHECK(weight("head.lm_head") == "embedding.table");
}

TEST_CASE("only the last token of each sequence reaches the LM head") {
  const Graph graph = build_graph(test::llama3_8b(), Phase::prefill, {4, 100});
  CHECK(std::get<GemmShape>(find(graph, "head.lm_head").shape).m == 4);
  CHECK(std::get<GemmShape>(find(graph, "layer.63.mlp.down").shape).m == 400);
}

TEST_CASE("live activations grow with the tokens and shrink with fusion") {
  const auto model = test::nemotron_h_56b();
  const auto peak = [&](std::uint64_t tokens, bool fused) {
    return live_activation_peak_bytes(build_graph(model, Phase::prefill, {1, tokens}), fused);
  };
  // Unfused: the stream, z, dt and both sides of the conv1d; or the MLP's up before and after squaring.
  const std::uint64_t mlp = 2 * (8192 + 2 * 32768);
  const std::uint64_t conv1d = 2 * (8192 + 37120 + 20480);
  CHECK(peak(1000, false) == 1000 * std::max(mlp, conv1d));
  CHECK(peak(2000, false) == 2 * peak(1000, false));
  CHECK(peak(1000, true) < peak(1000, false));
}

TEST_CASE("what cannot be built says why") {
  auto model = test::nemotron_h_8b();
  model.pattern = "M-X";
  CHECK_THROWS_WITH(build_graph(model, Phase::decode, {}), Catch::Contains("found 'X' at position 2"));
  model = test::nemotron_h_8b();
  model.mlp.reset();
  CHECK_THROWS_WITH(build_graph(model, Phase::decode, {}), Catch::Contains("mlp: found nothing"));
  model = test::llama3_8b();
  model.attention->kv_heads = 5;
  CHECK_THROWS_WITH(build_graph(model, Phase::decode, {}), Catch::Contains("must divide the 32 heads"));
  model = test::zamba2_7b();
  model.shared_blocks->layers.push_back(90);
  CHECK_THROWS_WITH(build_graph(model, Phase::decode, {}), Catch::Contains("found 90"));
  CHECK_THROWS_AS(build_graph(test::llama3_8b(), Phase::decode, {1, 2}), core::UserError);
  CHECK_THROWS_AS(build_graph(test::llama3_8b(), Phase::prefill, {0, 2}), core::UserError);
}
