// SPDX-License-Identifier: Apache-2.0
#include "duet/core/trace/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace duet::core {

void append_json_string(BufferedFile& file, std::string_view text) {
  file.append('"');
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  if (std::all_of(text.begin(), text.end(), plain)) {
    file.append(text);
  } else {
    for (const char c : text) {
      if (plain(c)) {
        file.append(c);
      } else if (c == '"' || c == '\\') {
        file.append('\\');
        file.append(c);
      } else {
        file.append(fmt::format("\\u{:04x}", static_cast<unsigned>(c)));
      }
    }
  }
  file.append('"');
}

void append_json_number(BufferedFile& file, double value) {
  if (!std::isfinite(value)) {
    file.append("null");
    return;
  }
  char* at = file.reserve(40);
  file.commit(fmt::format_to(at, "{}", value));
}

void append_json_number(BufferedFile& file, uint64_t value) {
  const fmt::format_int text(value);
  file.append(std::string_view(text.data(), text.size()));
}

}  // namespace duet::core
