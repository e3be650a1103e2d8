// SPDX-License-Identifier: Apache-2.0
#include "duet/core/memory_description.hpp"

#include <algorithm>

namespace duet::core {

const DramStandard& standard_of(const MemoryDescription& memory) {
  return dram_standard(memory.standard);
}

uint64_t capacity_bytes(const MemoryDescription& memory) {
  return memory.stacks * standard_of(memory).organisation.stack_bytes();
}

double peak_bytes_per_second(const MemoryDescription& memory) {
  return memory.stacks * standard_of(memory).stack_bytes_per_second();
}

uint64_t idle_latency_ps(const MemoryDescription& memory) {
  const DramStandard& standard = standard_of(memory);
  const uint64_t wanted = memory.idle_latency_ps != 0 ? memory.idle_latency_ps : standard.idle_latency_ps;
  return std::max(wanted, standard.device_read_latency_ps());
}

uint32_t pseudo_channels(const MemoryDescription& memory) {
  const DramOrganisation& organisation = standard_of(memory).organisation;
  return memory.stacks * organisation.channels_per_stack * organisation.pseudo_channels;
}

MemoryDescription hbm3e_node() {
  MemoryDescription memory;
  memory.standard = "hbm3e_8000";
  return memory;
}

MemoryDescription gddr7_node() {
  MemoryDescription memory;
  memory.standard = "gddr7_32000";
  memory.stacks = 2;
  return memory;
}

}  // namespace duet::core
