// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "duet/platform/config/platform_summary.hpp"
#include "duet/workload/graph/model_size.hpp"

namespace duet::platform {

std::string model_summary(const core::ModelDescription& model) {
  const workload::ModelSize size = workload::model_size(model);
  const std::string layers = model.layers();
  const auto count = [&](char kind) { return std::ranges::count(layers, kind); };
  std::string text = fmt::format("{}: {} layers ({} Mamba, {} attention, {} MLP", model.name, layers.size(),
                                 count('M'), count('*'), count('-'));
  if (model.shared_blocks)
    text += fmt::format("; {} uses of shared blocks", model.shared_blocks->layers.size());
  text +=
      fmt::format(")\n  {:.4g} billion parameters, {:.4g} GB of weights\n",
                  static_cast<double>(size.parameters) / 1e9, static_cast<double>(size.weight_bytes) / 1e9);
  text += fmt::format(
      "  one sequence: {} B of KV cache a token, {:.4g} MB of SSM state, {:.4g} MB of conv state\n",
      size.kv_bytes_per_token, static_cast<double>(size.ssm_state_bytes_per_sequence) / 1e6,
      static_cast<double>(size.conv_state_bytes_per_sequence) / 1e6);
  return text;
}

std::string workload_summary(const core::WorkloadDescription& workload) {
  return fmt::format("{}: prompts of {} tokens, {} tokens of output, batches of {}\n", workload.name,
                     workload.prompt_tokens, workload.output_tokens, fmt::join(workload.batch_sizes, ", "));
}

}  // namespace duet::platform
