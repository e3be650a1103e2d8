// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/core/mapping_description.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/simulation/simulation.hpp"
#include "duet/workload/mapping/decode_mapper.hpp"
#include "duet/workload/mapping/prefill_mapper.hpp"

namespace duet::test {

/// The shipped DUET platform with programs of a small shipped model: one prefill with hand-over, one
/// decode step.
struct SmallRun {
  static constexpr uint64_t prompt_tokens = 64;

  core::PlatformDescription description = platform::load_platform(
      platform::ConfigDocument::from_file(DUET_SOURCE_DIR "/configs/platforms/duet.yaml", {}));
  core::ModelDescription model = platform::load_model(
      platform::ConfigDocument::from_file(DUET_SOURCE_DIR "/configs/models/mamba2-130m.yaml"));
  platform::Simulation simulation{description};
  core::MappingDescription mapping{};
  unsigned prefill = package(core::PackageRole::prefill);
  unsigned decode = package(core::PackageRole::decode);
  std::vector<workload::Placement> caches{};
  workload::Program step = workload::map_decode({simulation.layouts()[decode],
                                                 simulation.map(),
                                                 model,
                                                 mapping,
                                                 1,
                                                 prompt_tokens,
                                                 prompt_tokens,
                                                 prompt_tokens + 1,
                                                 workload::CachePolicy::keep,
                                                 {},
                                                 0},
                                                caches);
  workload::Program prompt = workload::map_prefill(
      {simulation.layouts()[prefill], simulation.map(), model, mapping, 1, prompt_tokens, 0, 0,
       workload::CachePolicy::hand_over, caches, description.inter_package_link->bandwidth});

  platform::ProgramRun run_prefill() { return simulation.run(prefill, prompt, {0, 1, 0, 0}); }
  platform::ProgramRun run_decode() { return simulation.run(decode, step, {prompt_tokens, 1, 0, 0}); }

 private:
  [[nodiscard]] unsigned package(core::PackageRole role) const {
    for (const auto& layout : simulation.layouts()) {
      if (layout.description->role == role) return layout.index;
    }
    throw std::logic_error("no such package");
  }
};

}  // namespace duet::test
