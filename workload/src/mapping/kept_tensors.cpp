// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/mapping/kept_tensors.hpp"

#include <algorithm>

namespace duet::workload {
namespace {

struct Candidate {
  const TensorUse* tensor;
  std::size_t made;
  std::size_t last_use;
};

/// Results that a later array stage reads, with the last one that does.
std::vector<Candidate> candidates_of(const std::vector<Stage>& stages) {
  std::map<std::string, std::size_t> last_use;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    if (stages[s].is_move()) continue;
    for (const TensorUse& input : stages[s].inputs) last_use[input.name] = s;
  }
  std::vector<Candidate> result;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    for (const TensorUse& output : stages[s].outputs) {
      const auto use = last_use.find(output.name);
      if (use != last_use.end() && use->second > s) result.push_back({&output, s, use->second});
    }
  }
  return result;
}

}  // namespace

KeptTensors choose_kept(const std::vector<Stage>& stages, unsigned parts, std::uint64_t limit_bytes) {
  KeptTensors result;
  result.bytes.assign(stages.size(), 0);
  std::vector<Candidate> candidates = candidates_of(stages);
  std::ranges::stable_sort(candidates, {}, [](const Candidate& c) { return c.last_use - c.made; });
  for (const Candidate& candidate : candidates) {
    const std::uint64_t bytes = (candidate.tensor->bytes() + parts - 1) / parts;
    const auto first = result.bytes.begin() + static_cast<std::ptrdiff_t>(candidate.made);
    const auto end = result.bytes.begin() + static_cast<std::ptrdiff_t>(candidate.last_use) + 1;
    if (std::any_of(first, end, [&](std::uint64_t taken) { return taken + bytes > limit_bytes; })) continue;
    std::for_each(first, end, [&](std::uint64_t& taken) { taken += bytes; });
    result.last_use.emplace(candidate.tensor->name, candidate.last_use);
  }
  return result;
}

}  // namespace duet::workload
