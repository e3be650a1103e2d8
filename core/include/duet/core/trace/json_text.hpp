// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#include "duet/core/trace/buffered_file.hpp"

namespace duet::core {

/// Appends a string with quotes and escapes (RFC 8259, section 7).
void append_json_string(BufferedFile& file, std::string_view text);
/// Appends a number; not-a-number and infinity, which JSON lacks, become null.
void append_json_number(BufferedFile& file, double value);
void append_json_number(BufferedFile& file, uint64_t value);

}  // namespace duet::core
