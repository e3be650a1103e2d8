// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/import/model_import.hpp"

#include <functional>
#include <map>

#include "duet/platform/config/yaml_writer.hpp"
#include "duet/workload/graph/model_size.hpp"
#include "json_keys.hpp"

namespace duet::platform {

namespace {

using core::ModelDescription;

core::Activation activation(const JsonKeys& keys, const std::string& key) {
  static const std::map<std::string, core::Activation> names{
      {"silu", core::Activation::silu},          {"swish", core::Activation::silu},
      {"gelu", core::Activation::gelu},          {"gelu_pytorch_tanh", core::Activation::gelu},
      {"relu2", core::Activation::relu_squared}, {"squared_relu", core::Activation::relu_squared}};
  const auto found = names.find(keys.text(key));
  if (found == names.end()) {
    keys.mistake(key, fmt::format("found '{}', allowed silu, gelu, relu2", keys.text(key)));
  }
  return found->second;
}

void read_common(const JsonKeys& keys, ModelDescription& model, bool tied_by_default) {
  model.hidden_size = keys.count("hidden_size");
  model.vocabulary_size = keys.count("vocab_size");
  model.tie_embeddings = keys.flag_or("tie_word_embeddings", tied_by_default);
}

core::AttentionDescription read_attention(const JsonKeys& keys, std::uint64_t head_size, bool rotary) {
  core::AttentionDescription attention;
  attention.heads = keys.count("num_attention_heads");
  attention.kv_heads = keys.count_or("num_key_value_heads", attention.heads);
  attention.head_size = head_size;
  attention.rotary = rotary;
  attention.projection_bias = keys.flag_or("attention_bias", false);
  return attention;
}

ModelDescription read_nemotron_h(const JsonKeys& keys) {
  ModelDescription model;
  read_common(keys, model, false);
  model.pattern = keys.text("hybrid_override_pattern");
  if (model.pattern.find_first_not_of("M*-") != std::string::npos) {
    keys.mistake("hybrid_override_pattern", "found '" + model.pattern + "', allowed are layers M, * and -");
  }
  core::MambaDescription mamba;
  mamba.head_size = keys.count("mamba_head_dim");
  mamba.inner_size = keys.count("mamba_num_heads") * mamba.head_size;
  mamba.state_size = keys.count("ssm_state_size");
  mamba.groups = keys.count("n_groups");
  mamba.conv_kernel = keys.count("conv_kernel");
  mamba.conv_bias = keys.flag_or("use_conv_bias", true);
  mamba.projection_bias = keys.flag_or("mamba_proj_bias", false);
  model.mamba = mamba;
  const std::uint64_t head_size = keys.has("attention_head_dim") ? keys.count("attention_head_dim")
                                  : keys.has("head_dim")
                                      ? keys.count("head_dim")
                                      : model.hidden_size / keys.count("num_attention_heads");
  model.attention = read_attention(keys, head_size, false);
  model.mlp = core::MlpDescription{keys.count("intermediate_size"), 2, activation(keys, "mlp_hidden_act")};
  return model;
}

std::vector<std::uint64_t> hybrid_layers(const JsonKeys& keys) {
  std::vector<std::uint64_t> layers;
  if (keys.has("hybrid_layer_ids")) return keys.at("hybrid_layer_ids").get<std::vector<std::uint64_t>>();
  const auto& types = keys.at("layers_block_type");
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] == "hybrid") layers.push_back(i);
  }
  return layers;
}

// Keys that are left out have the defaults of transformers' configuration_zamba2.py.
ModelDescription read_zamba2(const JsonKeys& keys) {
  ModelDescription model;
  read_common(keys, model, true);
  model.pattern = "M";
  model.pattern_repeat = keys.count("num_hidden_layers");
  core::MambaDescription mamba;
  mamba.inner_size = keys.count_or("mamba_expand", 2) * model.hidden_size;
  mamba.head_size = mamba.inner_size / keys.count_or("n_mamba_heads", 8);
  mamba.state_size = keys.count_or("mamba_d_state", 64);
  mamba.groups = keys.count_or("mamba_ngroups", 1);
  mamba.conv_kernel = keys.count_or("mamba_d_conv", 4);
  mamba.conv_bias = keys.flag_or("use_conv_bias", true);
  mamba.projection_bias = keys.flag_or("add_bias_linear", false);
  model.mamba = mamba;
  const std::uint64_t heads = keys.count("num_attention_heads");
  model.attention = read_attention(keys, keys.count_or("attention_head_dim", 2 * model.hidden_size / heads),
                                   keys.flag_or("use_mem_rope", false));
  model.mlp =
      core::MlpDescription{keys.count_or("intermediate_size", 4 * model.hidden_size), 3,
                           keys.has("hidden_act") ? activation(keys, "hidden_act") : core::Activation::gelu};
  core::SharedBlocksDescription shared;
  shared.count = keys.count_or("num_mem_blocks", 1);
  shared.layers = hybrid_layers(keys);
  shared.mlp_lora_rank = keys.count_or("adapter_rank", 128);
  if (keys.flag_or("use_shared_attention_adapter", false)) shared.attention_lora_rank = shared.mlp_lora_rank;
  model.shared_blocks = shared;
  return model;
}

ModelDescription read_llama(const JsonKeys& keys) {
  ModelDescription model;
  read_common(keys, model, false);
  model.pattern = "*-";
  model.pattern_repeat = keys.count("num_hidden_layers");
  model.attention = read_attention(
      keys, keys.count_or("head_dim", model.hidden_size / keys.count("num_attention_heads")), true);
  model.mlp = core::MlpDescription{keys.count("intermediate_size"), 3, activation(keys, "hidden_act")};
  return model;
}

ModelDescription read_mamba(const JsonKeys& keys) {
  ModelDescription model;
  read_common(keys, model, true);
  model.pattern = "M";
  model.pattern_repeat = keys.count("num_hidden_layers");
  core::MambaDescription mamba;
  mamba.version =
      keys.text("model_type") == "mamba2" ? core::MambaVersion::mamba2 : core::MambaVersion::mamba1;
  const bool second = mamba.version == core::MambaVersion::mamba2;
  mamba.inner_size = keys.count_or("intermediate_size", keys.count_or("expand", 2) * model.hidden_size);
  mamba.head_size = second ? keys.count("head_dim") : 1;
  mamba.state_size = keys.count("state_size");
  mamba.groups = second ? keys.count("n_groups") : 1;
  mamba.conv_kernel = keys.count_or("conv_kernel", 4);
  mamba.conv_bias = keys.flag_or("use_conv_bias", true);
  mamba.projection_bias = keys.flag_or("use_bias", false);
  if (!second) {
    const bool given = keys.has("time_step_rank") && keys.at("time_step_rank").is_number();
    mamba.delta_rank = given ? keys.count("time_step_rank") : (model.hidden_size + 15) / 16;
  }
  model.mamba = mamba;
  return model;
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Defaults of mamba_ssm/models/config_mamba.py, modules/mamba_simple.py and modules/mamba2.py.
ModelDescription read_state_spaces(const JsonKeys& keys, const std::string& source) {
  ModelDescription model;
  model.hidden_size = keys.count("d_model");
  model.vocabulary_size =
      round_up(keys.count_or("vocab_size", 50277), keys.count_or("pad_vocab_size_multiple", 8));
  model.tie_embeddings = keys.flag_or("tie_embeddings", true);
  model.pattern = "M";
  model.pattern_repeat = keys.count("n_layer");
  if (keys.count_or("d_intermediate", 0) > 0) keys.mistake("d_intermediate", "found an MLP, allowed 0");
  if (keys.has("attn_layer_idx") && !keys.at("attn_layer_idx").empty()) {
    keys.mistake("attn_layer_idx", "found attention layers, allowed an empty list");
  }
  const nlohmann::json ssm = keys.has("ssm_cfg") ? keys.at("ssm_cfg") : nlohmann::json::object();
  const JsonKeys inner(ssm, source + ": ssm_cfg");
  const bool second = inner.has("layer") && inner.text("layer") == "Mamba2";
  core::MambaDescription mamba;
  mamba.version = second ? core::MambaVersion::mamba2 : core::MambaVersion::mamba1;
  mamba.inner_size = inner.count_or("expand", 2) * model.hidden_size;
  mamba.head_size = inner.count_or("headdim", 64);
  mamba.state_size = inner.count_or("d_state", second ? 128 : 16);
  mamba.groups = inner.count_or("ngroups", 1);
  mamba.conv_kernel = inner.count_or("d_conv", 4);
  if (!second) mamba.delta_rank = inner.count_or("dt_rank", (model.hidden_size + 15) / 16);
  model.mamba = mamba;
  return model;
}

}  // namespace

ModelDescription import_model(const nlohmann::json& config, const std::string& name,
                              const std::string& source) {
  if (!config.is_object()) throw core::UserError(source + ": found no object, allowed a config.json");
  const JsonKeys keys(config, source);
  static const std::map<std::string, std::function<ModelDescription(const JsonKeys&)>> families{
      {"nemotron_h", read_nemotron_h}, {"zamba2", read_zamba2}, {"llama", read_llama},
      {"mistral", read_llama},         {"mamba", read_mamba},   {"mamba2", read_mamba}};
  ModelDescription model;
  if (!keys.has("model_type") && keys.has("d_model")) {
    model = read_state_spaces(keys, source);
  } else {
    const auto family = families.find(keys.text("model_type"));
    if (family == families.end()) {
      keys.mistake("model_type",
                   fmt::format("found '{}', allowed nemotron_h, zamba2, llama, mistral, mamba, mamba2",
                               keys.text("model_type")));
    }
    model = family->second(keys);
  }
  model.name = name;
  model.source = source;
  core::check(model);
  return model;
}

std::string model_yaml(const ModelDescription& model) {
  const auto size = workload::model_size(model);
  return fmt::format(
      "# {} parameters, {} bytes of KV cache per token, {} bytes of SSM and conv state per sequence\n{}",
      size.parameters, size.kv_bytes_per_token,
      size.ssm_state_bytes_per_sequence + size.conv_state_bytes_per_sequence,
      block_yaml(to_config_node(model)));
}

}  // namespace duet::platform
