// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/core/error.hpp"
#include "duet/workload/graph/build_graph.hpp"
#include "duet/workload/graph/model_size.hpp"
#include "workload/graph_models.hpp"

using namespace duet;
using workload::model_size;

TEST_CASE("parameters equal the counts computed by hand from the published shapes") {
  CHECK(model_size(test::nemotron_h_56b()).parameters == 56324350464);
  CHECK(model_size(test::nemotron_h_8b()).parameters == 8100852736);
  CHECK(model_size(test::zamba2_7b()).parameters == 7356749648);
  CHECK(model_size(test::llama3_8b()).parameters == 8030261248);
  // As counted by the checkpoints' own tensors.
  CHECK(model_size(test::mamba_2_8b()).parameters == 2768345600);
  CHECK(model_size(test::mamba2_2_7b()).parameters == 2702599680);
}

TEST_CASE("an adapter on the shared attention changes the count as expected") {
  auto model = test::zamba2_7b();
  model.shared_blocks->attention_lora_rank = 128;
  CHECK(model_size(model).parameters == 7428314960);
}

TEST_CASE("caches of a sequence") {
  const auto nemotron = model_size(test::nemotron_h_56b());
  CHECK(nemotron.kv_bytes_per_token == 20480 * 2);
  CHECK(nemotron.ssm_state_bytes_per_sequence == 226492416ULL * 2);
  CHECK(nemotron.conv_state_bytes_per_sequence == 3317760 * 2);
  const auto zamba = model_size(test::zamba2_7b());
  CHECK(zamba.kv_bytes_per_token == 186368 * 2);
  CHECK(zamba.ssm_state_bytes_per_sequence == 37158912 * 2);
  CHECK(zamba.conv_state_bytes_per_sequence == 1804032 * 2);
  CHECK(model_size(test::llama3_8b()).kv_bytes_per_token == 65536 * 2);
  CHECK(nemotron.cache_bytes(100) == 100 * 40960 + 226492416ULL * 2 + 3317760 * 2);
}

TEST_CASE("the SSM state is 2 or 4 bytes wide") {
  auto model = test::nemotron_h_56b();
  model.ssm_state_bytes = 4;
  CHECK(model_size(model).ssm_state_bytes_per_sequence == 226492416ULL * 4);
  // duet.md section 5: 80 sequences of 4K tokens take 184 GB.
  const auto size = model_size(model);
  const double total = static_cast<double>(size.weight_bytes + 80 * size.ssm_state_bytes_per_sequence);
  CHECK(total == Approx(184e9).epsilon(0.01));
}

TEST_CASE("MACs per token against the matrices") {
  CHECK(model_size(test::zamba2_7b()).projection_macs_per_token == 11026505728);
  const auto nemotron = model_size(test::nemotron_h_56b());
  const std::uint64_t mamba = 8192ULL * 37120 + 16384ULL * 8192;
  const std::uint64_t mlp = 2ULL * 8192 * 32768;
  const std::uint64_t attention = 2ULL * 8192 * 8192 + 2ULL * 8192 * 1024;
  CHECK(nemotron.projection_macs_per_token == 54 * mamba + 54 * mlp + 10 * attention + 8192ULL * 131072);
  CHECK(nemotron.state_macs_per_token == 54 * (3ULL * 16384 * 256 + 4ULL * 20480));
  CHECK(nemotron.attention_macs_per_token_and_key == 10 * 2ULL * 64 * 128);
}

TEST_CASE("the paper's reading of Llama3: two MLP matrices, no LM head") {
  auto model = test::llama3_8b();
  model.mlp->matrices = 2;
  model.read_lm_head = false;
  std::uint64_t read = 0;
  for (const auto& op : workload::build_graph(model, workload::Phase::decode, {})) read += op.weight_bytes();
  CHECK(static_cast<double>(read) == Approx(10.2e9).epsilon(0.005));
  // The head is still stored.
  CHECK(model_size(model).weight_bytes - read == Approx(2 * 2.0 * 128256 * 4096).epsilon(1e-4));
}
