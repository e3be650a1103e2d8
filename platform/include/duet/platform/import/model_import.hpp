// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "duet/core/model_description.hpp"

namespace duet::platform {

/// Reads the shapes of a language model from a checkpoint's config.json: `model_type` nemotron_h,
/// zamba2, llama, mistral, mamba, mamba2 (Hugging Face transformers), or the form of the
/// state-spaces/mamba checkpoints (d_model, n_layer, ssm_cfg). `source` names the file in messages and
/// in the result; `name` is the model's name. Throws core::UserError for a family that is not known,
/// a missing or wrong key, and for parts that the platform does not have (experts, sliding windows are
/// read as full attention).
core::ModelDescription import_model(const nlohmann::json& config, const std::string& name,
                                    const std::string& source);

/// The model as a YAML file for configs/models, with its parameter count as a comment.
std::string model_yaml(const core::ModelDescription& model);

}  // namespace duet::platform
