// SPDX-License-Identifier: Apache-2.0
#include "duet/core/operation_timings.hpp"

namespace duet::core {
namespace {

/// Contexts that grow token by token bring new operations for ever.
constexpr size_t most_known = 4096;

}  // namespace

const OperationTiming& OperationTimings::of(const duet_descriptor& descriptor, uint64_t argument0) {
  const duet_shape& shape = descriptor.shape;
  const Operation operation{descriptor.opcode, descriptor.engine, argument0,      shape.m,
                            shape.k,           shape.n,           shape.heads,    shape.kv_heads,
                            shape.head_dim,    shape.states,      shape.n_stride, shape.k_blocks,
                            shape.sfu_passes,  shape.flags};
  const auto found = known_.find(operation);
  if (found != known_.end()) return found->second;
  if (known_.size() >= most_known) known_.clear();
  return known_.emplace(operation, operation_timing(descriptor, chiplet_, argument0)).first->second;
}

}  // namespace duet::core
