// SPDX-License-Identifier: Apache-2.0
#include "memory_need.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace duet::platform {
namespace {

MemoryNeed need_of(const core::PackageLayout& package, const workload::Program& program) {
  MemoryNeed need;
  need.package = package.name;
  need.weight_bytes = program.weight_bytes;
  need.cache_bytes = program.cache_bytes;
  need.activation_bytes = program.memory_used_bytes -
                          std::min(program.memory_used_bytes, program.weight_bytes + program.cache_bytes);
  need.capacity_bytes = program.memory_capacity_bytes;
  return need;
}

double gigabytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) * 1e-9;
}

}  // namespace

std::vector<MemoryNeed> memory_needs(const Machine& machine, const workload::Program& prefill,
                                     const workload::Program& decode) {
  MemoryNeed first = need_of(machine.prefill(), prefill);
  const MemoryNeed second = need_of(machine.decode(), decode);
  if (machine.hands_over()) return {first, second};
  first.weight_bytes = std::max(first.weight_bytes, second.weight_bytes);
  first.cache_bytes = std::max(first.cache_bytes, second.cache_bytes);
  first.activation_bytes = std::max(first.activation_bytes, second.activation_bytes);
  return {first};
}

std::string why_not(const std::vector<MemoryNeed>& needs, bool placed) {
  const auto full =
      std::ranges::find_if(needs, [](const MemoryNeed& need) { return need.sum() > need.capacity_bytes; });
  if (full != needs.end()) {
    return fmt::format(
        "package {}: weights {:.1f} GB + caches {:.1f} GB + activations {:.1f} GB = {:.1f} GB exceed "
        "{:.1f} GB",
        full->package, gigabytes(full->weight_bytes), gigabytes(full->cache_bytes),
        gigabytes(full->activation_bytes), gigabytes(full->sum()), gigabytes(full->capacity_bytes));
  }
  if (!placed) return "the memory is so full that the interleaved placement leaves no room for all tensors";
  return {};
}

}  // namespace duet::platform
