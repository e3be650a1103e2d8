// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/platform/run/run_observer.hpp"

namespace duet::platform {

/// "batch 8 (4 of 8): decode 43 %, about 12 s left"; of a point that is done, "batch 8 (4 of 8): 1.9 s".
std::string progress_text(const RunProgress& progress);

/// Rounded for a reader who waits: "12 s", "4 min", "1.5 h".
std::string duration_text(double seconds);

}  // namespace duet::platform
