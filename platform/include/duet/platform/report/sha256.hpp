// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace duet::platform {

/// SHA-256 (FIPS 180-4), for the hashes of the report's content policy.
std::array<uint8_t, 32> sha256(std::string_view data);
/// Base64 (RFC 4648, section 4) of a hash, as a content policy wants it.
std::string base64(const std::array<uint8_t, 32>& hash);

}  // namespace duet::platform
