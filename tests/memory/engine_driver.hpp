// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/memory/transfer.hpp"

namespace duet::test {

struct DriveResult {
  double bytes_per_second = 0;
  double mean_latency_ps = 0;  ///< submission to last data
};

/// Runs transfers through an engine as a closed loop: up to `window` outstanding, no think time.
DriveResult drive(memory::TransferEngine& engine, std::vector<memory::Transfer> transfers, size_t window);

}  // namespace duet::test
