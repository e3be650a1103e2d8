// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/model_description.hpp"

namespace duet::test {

inline core::ModelDescription nemotron_h_56b() {
  core::ModelDescription model;
  model.name = "nemotron-h-56b";
  model.hidden_size = 8192;
  model.vocabulary_size = 131072;
  model.pattern = "M-M-M-M*-";
  for (int i = 0; i < 9; ++i) model.pattern += "M-M-M-M-M*-";
  model.pattern += "M-M-M-M-M-";
  model.mamba = core::MambaDescription{};
  model.mamba->inner_size = 16384;
  model.mamba->state_size = 256;
  model.mamba->groups = 8;
  model.attention = core::AttentionDescription{64, 8, 128, false, false};
  model.mlp = core::MlpDescription{32768, 2, core::Activation::relu_squared};
  return model;
}

inline core::ModelDescription nemotron_h_8b() {
  core::ModelDescription model = nemotron_h_56b();
  model.name = "nemotron-h-8b";
  model.hidden_size = 4096;
  model.pattern = "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-";
  model.mamba->inner_size = 8192;
  model.mamba->state_size = 128;
  model.attention->heads = 32;
  model.mlp->intermediate_size = 21504;
  return model;
}

inline core::ModelDescription zamba2_7b() {
  core::ModelDescription model;
  model.name = "zamba2-7b";
  model.hidden_size = 3584;
  model.vocabulary_size = 32000;
  model.tie_embeddings = true;
  model.pattern = "M";
  model.pattern_repeat = 81;
  model.mamba = core::MambaDescription{};
  model.mamba->inner_size = 7168;
  model.mamba->state_size = 64;
  model.mamba->groups = 2;
  model.attention = core::AttentionDescription{32, 32, 224, true, false};
  model.mlp = core::MlpDescription{14336, 3, core::Activation::gelu};
  model.shared_blocks = core::SharedBlocksDescription{};
  model.shared_blocks->layers = {6, 11, 17, 23, 29, 35, 41, 47, 53, 59, 65, 71, 77};
  model.shared_blocks->mlp_lora_rank = 128;
  return model;
}

inline core::ModelDescription llama3_8b() {
  core::ModelDescription model;
  model.name = "llama3-8b";
  model.hidden_size = 4096;
  model.vocabulary_size = 128256;
  model.pattern = "*-";
  model.pattern_repeat = 32;
  model.attention = core::AttentionDescription{32, 8, 128, true, false};
  model.mlp = core::MlpDescription{14336, 3, core::Activation::silu};
  return model;
}

inline core::ModelDescription mamba_2_8b() {
  core::ModelDescription model;
  model.name = "mamba-2.8b";
  model.hidden_size = 2560;
  model.vocabulary_size = 50280;
  model.tie_embeddings = true;
  model.pattern = "M";
  model.pattern_repeat = 64;
  model.mamba = core::MambaDescription{};
  model.mamba->version = core::MambaVersion::mamba1;
  model.mamba->inner_size = 5120;
  model.mamba->state_size = 16;
  model.mamba->delta_rank = 160;
  return model;
}

inline core::ModelDescription mamba2_2_7b() {
  core::ModelDescription model = mamba_2_8b();
  model.name = "mamba2-2.7b";
  model.vocabulary_size = 50288;
  model.mamba->version = core::MambaVersion::mamba2;
  model.mamba->state_size = 128;
  model.mamba->delta_rank = 0;
  return model;
}

}  // namespace duet::test
