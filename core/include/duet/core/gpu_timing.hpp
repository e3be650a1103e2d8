// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/core/operation_timing.hpp"

namespace duet::core {

/// Time of one kernel on a node's multiprocessors, launch latency included, operands in L2. `stall_cycles`
/// are those in which a product's tensor cores wait for L2 or shared memory, `sram_bytes` what leaves L2.
OperationTiming gpu_operation_timing(const duet_descriptor& descriptor, const GpuDescription& gpu,
                                     double clock_hz, uint64_t argument0);

}  // namespace duet::core
