// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace duet::core {

/// std::llround of what fits into int64_t, without a call into the library: half away from zero.
[[nodiscard]] constexpr int64_t round_to_int(double value) {
  const auto whole = static_cast<int64_t>(value);
  const double rest = value - static_cast<double>(whole);  // exact
  return whole + static_cast<int64_t>(rest >= 0.5) - static_cast<int64_t>(rest <= -0.5);
}

}  // namespace duet::core
