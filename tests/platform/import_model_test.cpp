// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/import/model_import.hpp"
#include "duet/workload/graph/model_size.hpp"

using namespace duet;
using nlohmann::json;

namespace {

core::ModelDescription shipped(const std::string& name) {
  return platform::load_config<core::ModelDescription>(DUET_SOURCE_DIR "/configs/models/" + name + ".yaml");
}

std::string without_comments_and_source(const core::ModelDescription& model) {
  core::ModelDescription copy = model;
  copy.source = "";
  copy.pattern = copy.layers();
  copy.pattern_repeat = 1;
  if (copy.mamba && copy.mamba->version == core::MambaVersion::mamba1) copy.mamba->head_size = 1;
  return platform::model_yaml(copy);
}

void check_same(const json& config, const std::string& name) {
  const auto imported = platform::import_model(config, name, "config.json");
  CHECK(without_comments_and_source(imported) == without_comments_and_source(shipped(name)));
  // What is printed reads back as the same model.
  const auto document = platform::ConfigDocument::from_text(platform::model_yaml(imported), "printed.yaml");
  CHECK(platform::model_yaml(platform::read_config<core::ModelDescription>(document)) ==
        platform::model_yaml(imported));
}

const json nemotron_h_56b = {{"model_type", "nemotron_h"},
                             {"hidden_size", 8192},
                             {"vocab_size", 131072},
                             {"num_hidden_layers", 118},
                             {"tie_word_embeddings", false},
                             {"hybrid_override_pattern",
                              "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-"
                              "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-"
                              "M-M-M-M-"},
                             {"mamba_num_heads", 256},
                             {"mamba_head_dim", 64},
                             {"ssm_state_size", 256},
                             {"n_groups", 8},
                             {"conv_kernel", 4},
                             {"use_conv_bias", true},
                             {"mamba_proj_bias", false},
                             {"expand", 2},
                             {"num_attention_heads", 64},
                             {"num_key_value_heads", 8},
                             {"attention_head_dim", 128},
                             {"attention_bias", false},
                             {"intermediate_size", 32768},
                             {"mlp_hidden_act", "relu2"}};

const json zamba2_7b = {{"model_type", "zamba2"},
                        {"hidden_size", 3584},
                        {"vocab_size", 32000},
                        {"num_hidden_layers", 81},
                        {"hybrid_layer_ids", {6, 11, 17, 23, 29, 35, 41, 47, 53, 59, 65, 71, 77}},
                        {"n_mamba_heads", 112},
                        {"mamba_d_state", 64},
                        {"mamba_d_conv", 4},
                        {"mamba_expand", 2},
                        {"mamba_ngroups", 2},
                        {"num_attention_heads", 32},
                        {"num_key_value_heads", 32},
                        {"attention_head_dim", 224},
                        {"intermediate_size", 14336},
                        {"hidden_act", "gelu"},
                        {"num_mem_blocks", 2},
                        {"adapter_rank", 128},
                        {"use_mem_rope", true},
                        {"use_shared_attention_adapter", false}};

const json llama3_8b = {
    {"model_type", "llama"},      {"hidden_size", 4096},       {"vocab_size", 128256},
    {"num_hidden_layers", 32},    {"num_attention_heads", 32}, {"num_key_value_heads", 8},
    {"intermediate_size", 14336}, {"hidden_act", "silu"},      {"tie_word_embeddings", false}};

}  // namespace

TEST_CASE("shipped models load and have the published parameter counts") {
  const auto parameters = [](const std::string& name) {
    return workload::model_size(shipped(name)).parameters;
  };
  CHECK(parameters("nemotron-h-56b") == 56324350464);
  CHECK(parameters("nemotron-h-8b") == 8100852736);
  CHECK(parameters("nemotron-h-47b") == 46791554816);
  CHECK(parameters("zamba2-7b") == 7356749648);
  CHECK(parameters("llama3-8b") == 8030261248);
  CHECK(parameters("mamba2-2.7b") == 2702599680);
  CHECK(parameters("mamba2-130m") == 128989632);
  CHECK(parameters("mamba-2.8b") == 2768345600);
  CHECK(parameters("mamba-130m") == 129135360);
}

TEST_CASE("a config.json of each family gives the shipped model") {
  check_same(nemotron_h_56b, "nemotron-h-56b");
  check_same(zamba2_7b, "zamba2-7b");
  check_same(llama3_8b, "llama3-8b");
  check_same({{"d_model", 2560},
              {"n_layer", 64},
              {"vocab_size", 50277},
              {"ssm_cfg", {{"layer", "Mamba2"}}},
              {"pad_vocab_size_multiple", 16},
              {"tie_embeddings", true}},
             "mamba2-2.7b");
  auto mamba1 = json{{"model_type", "mamba"}, {"hidden_size", 2560},   {"num_hidden_layers", 64},
                     {"vocab_size", 50280},   {"state_size", 16},      {"expand", 2},
                     {"conv_kernel", 4},      {"time_step_rank", 160}, {"use_bias", false},
                     {"use_conv_bias", true}};
  check_same(mamba1, "mamba-2.8b");
  mamba1["time_step_rank"] = "auto";
  check_same(mamba1, "mamba-2.8b");
}

TEST_CASE("layer types given by name mean the same as their positions") {
  json config = zamba2_7b;
  config.erase("hybrid_layer_ids");
  json types = json::array();
  for (int i = 0; i < 81; ++i) types.push_back("mamba");
  for (const auto& id : zamba2_7b["hybrid_layer_ids"]) types[id.get<int>()] = "hybrid";
  config["layers_block_type"] = types;
  check_same(config, "zamba2-7b");
}

TEST_CASE("what cannot be imported says which key and why") {
  json config = llama3_8b;
  config["model_type"] = "mixtral";
  CHECK_THROWS_WITH(platform::import_model(config, "m", "config.json"),
                    Catch::Contains("config.json: model_type: found 'mixtral', allowed nemotron_h"));
  config = llama3_8b;
  config.erase("hidden_size");
  CHECK_THROWS_WITH(platform::import_model(config, "m", "config.json"),
                    Catch::Contains("hidden_size: missing"));
  config["hidden_size"] = "wide";
  CHECK_THROWS_WITH(platform::import_model(config, "m", "config.json"),
                    Catch::Contains("hidden_size: found \"wide\", allowed a count"));
  config = nemotron_h_56b;
  config["hybrid_override_pattern"] = "MEM*";
  CHECK_THROWS_WITH(platform::import_model(config, "m", "config.json"),
                    Catch::Contains("hybrid_override_pattern: found 'MEM*'"));
  CHECK_THROWS_AS(platform::import_model(json::array(), "m", "config.json"), core::UserError);
}
