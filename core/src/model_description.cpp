// SPDX-License-Identifier: Apache-2.0
#include "duet/core/model_description.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "duet/core/error.hpp"

namespace duet::core {

namespace {

void require(bool condition, const ModelDescription& model, std::string_view key, std::string_view message) {
  if (!condition) throw UserError(fmt::format("model '{}': {}: {}", model.name, key, message));
}

void check_pattern(const ModelDescription& model) {
  const auto bad = model.pattern.find_first_not_of("M*-");
  require(!model.pattern.empty(), model, "pattern", "found no layer, allowed the characters 'M', '*', '-'");
  if (bad != std::string::npos) {
    require(false, model, "pattern",
            fmt::format("found '{}' at position {}, allowed 'M' (Mamba), '*' (attention), '-' (MLP)",
                        model.pattern[bad], bad));
  }
  const auto uses = [&](char layer) { return model.pattern.find(layer) != std::string::npos; };
  const bool shared = model.shared_blocks.has_value();
  require(!uses('M') || model.mamba, model, "mamba", "found nothing, but the pattern has 'M' layers");
  require((!uses('*') && !shared) || model.attention, model, "attention",
          "found nothing, but the model has attention layers");
  require((!uses('-') && !shared) || model.mlp, model, "mlp", "found nothing, but the model has MLP layers");
}

void check_mamba(const ModelDescription& model) {
  const MambaDescription& mamba = *model.mamba;
  if (mamba.version == MambaVersion::mamba1) {
    require(mamba.delta_rank > 0, model, "mamba.delta_rank", "found 0, allowed at least 1 for Mamba-1");
    return;
  }
  require(mamba.inner_size % mamba.head_size == 0, model, "mamba.head_size",
          fmt::format("found {}, but it must divide inner_size {}", mamba.head_size, mamba.inner_size));
  require(mamba.heads() % mamba.groups == 0, model, "mamba.groups",
          fmt::format("found {}, but it must divide the {} heads", mamba.groups, mamba.heads()));
}

void check_shared_blocks(const ModelDescription& model) {
  const SharedBlocksDescription& shared = *model.shared_blocks;
  const std::uint64_t layers = model.layers().size();
  require(std::is_sorted(shared.layers.begin(), shared.layers.end()) &&
              std::adjacent_find(shared.layers.begin(), shared.layers.end()) == shared.layers.end(),
          model, "shared_blocks.layers",
          "found another order, allowed ascending positions without repetition");
  for (const std::uint64_t position : shared.layers) {
    require(position < layers, model, "shared_blocks.layers",
            fmt::format("found {}, allowed positions below {}", position, layers));
    require(model.layers()[position] == 'M', model, "shared_blocks.layers",
            fmt::format("found {}, allowed positions of Mamba layers", position));
  }
}

}  // namespace

std::uint64_t MambaDescription::heads() const {
  return version == MambaVersion::mamba2 ? inner_size / head_size : inner_size;
}

std::uint64_t MambaDescription::conv_channels() const {
  return version == MambaVersion::mamba2 ? inner_size + 2 * groups * state_size : inner_size;
}

std::uint64_t MambaDescription::in_projection_columns() const {
  return version == MambaVersion::mamba2 ? inner_size + conv_channels() + heads() : 2 * inner_size;
}

std::string ModelDescription::layers() const {
  std::string all;
  all.reserve(pattern.size() * pattern_repeat);
  for (std::uint64_t i = 0; i < pattern_repeat; ++i) all += pattern;
  return all;
}

void check(const ModelDescription& model) {
  check_pattern(model);
  if (model.mamba) check_mamba(model);
  if (model.attention) {
    require(model.attention->heads % model.attention->kv_heads == 0, model, "attention.kv_heads",
            fmt::format("found {}, but it must divide the {} heads", model.attention->kv_heads,
                        model.attention->heads));
  }
  if (model.shared_blocks) check_shared_blocks(model);
  require(model.ssm_state_bytes != 3, model, "ssm_state_bytes", "found 3, allowed 2 and 4");
}

}  // namespace duet::core
