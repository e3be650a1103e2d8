// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "duet/core/model_description.hpp"
#include "duet/core/platform_description.hpp"
#include "duet/platform/module/node_modules.hpp"
#include "duet/platform/simulation/simulation.hpp"
#include "duet/platform/values/weight_source.hpp"
#include "duet/workload/mapping/value_mapper.hpp"

namespace duet::platform {

/// A prompt that a model goes on with, on a machine. `platform.values` says whether values are computed.
struct GenerationRequest {
  core::PlatformDescription platform;
  NodeModuleDescriptions modules = {};
  core::ModelDescription model;
  std::vector<std::vector<std::uint32_t>> prompt;  ///< per sequence, equally long
  std::uint64_t new_tokens = 1;                    ///< per sequence; the first one comes from the prefill
  std::uint64_t seed = 0;                          ///< of the weights
  std::filesystem::path weights = {};  ///< folder of their files (see WeightSource); empty: generated
};

/// What one run of a program gave.
struct GenerationStep {
  std::string package;
  ProgramRun run;
  std::vector<std::uint32_t> tokens;  ///< one per sequence; empty in timing mode
};

/// Digest of the activations and caches of one program, all placements of its tensors in their order.
struct MemoryDigest {
  std::string package;
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// Prefill, hand-over of the caches and decode steps in one simulation, with programs whose descriptors
/// define every value (docs/models/values.md).
class Generation {
 public:
  /// Maps the model and loads weights and prompt. Throws core::UserError.
  explicit Generation(const GenerationRequest& request);

  /// The prefill first, then one decode step a call. Throws std::runtime_error when the driver reports a
  /// failure.
  GenerationStep step();
  /// The next decode step takes these tokens, one per sequence, instead of those of the arg-max.
  void force(const std::vector<std::uint32_t>& tokens);
  [[nodiscard]] std::uint64_t steps() const { return request_.new_tokens; }

  /// The last step's logits, [sequence][vocabulary].
  [[nodiscard]] std::vector<std::vector<float>> logits();
  /// A chiplet's part of a tensor of the last step, such as "layer.0.mamba.y", as FP16 words.
  [[nodiscard]] std::vector<std::uint16_t> tensor(const std::string& name, unsigned participant);
  /// Of the prefill's and the decode's memory.
  [[nodiscard]] std::vector<MemoryDigest> digests();

  Simulation& simulation() { return simulation_; }

 private:
  [[nodiscard]] bool functional() const { return request_.platform.values == core::ValuesMode::functional; }
  [[nodiscard]] unsigned package_for(core::PackageRole role) const;
  [[nodiscard]] workload::MappingInput mapping_input(unsigned package) const;
  void load(const workload::ValueProgram& program, WeightSource& source);
  void write(std::uint64_t address, const void* data, std::uint64_t bytes);
  void read(std::uint64_t address, void* data, std::uint64_t bytes);
  void access(tlm::tlm_command command, std::uint64_t address, unsigned char* data, std::uint64_t bytes);
  [[nodiscard]] const workload::ValueProgram& last() const { return steps_done_ > 1 ? decode_ : prefill_; }

  GenerationRequest request_;
  Simulation simulation_;
  unsigned prefill_package_;
  unsigned decode_package_;
  workload::ValueProgram decode_;
  workload::ValueProgram prefill_;
  std::uint64_t steps_done_ = 0;
};

}  // namespace duet::platform
