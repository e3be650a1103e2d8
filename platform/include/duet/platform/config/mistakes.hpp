// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "duet/core/error.hpp"
#include "duet/platform/config/config_node.hpp"

namespace duet::platform {

/// "file:line:column: path.of.key: message"; the path is left out when empty.
std::string located_message(const ConfigLocation& location, std::string_view path, std::string_view message);

/// Collects mistakes so that one run shows all of them.
class Mistakes {
 public:
  void add(const ConfigLocation& location, std::string_view path, std::string_view message);
  [[nodiscard]] bool empty() const { return messages_.empty(); }

  /// Throws core::UserError with one message per line if there are any.
  void throw_if_any() const;

 private:
  std::vector<std::string> messages_;
};

}  // namespace duet::platform
