// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <string>
#include <string_view>

#include "duet/platform/config/config_types.hpp"

namespace duet::platform::config_detail {

std::string structure_name(std::string_view cpp_name) {
  const size_t scope = cpp_name.rfind("::");
  std::string_view name = scope == std::string_view::npos ? cpp_name : cpp_name.substr(scope + 2);
  for (const std::string_view suffix : {"Description", "Parameters", "Config"}) {
    if (name.ends_with(suffix) && name.size() > suffix.size()) name.remove_suffix(suffix.size());
  }
  std::string snake;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto is_upper = [&](size_t at) { return std::isupper(static_cast<unsigned char>(name[at])) != 0; };
    const bool starts_word =
        i > 0 && is_upper(i) && (!is_upper(i - 1) || (i + 1 < name.size() && !is_upper(i + 1)));
    if (starts_word) snake.push_back('_');
    snake.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(name[i]))));
  }
  return snake;
}

}  // namespace duet::platform::config_detail
