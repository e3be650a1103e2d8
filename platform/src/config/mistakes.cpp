// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/mistakes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace duet::platform {

std::string located_message(const ConfigLocation& location, std::string_view path, std::string_view message) {
  if (path.empty()) return fmt::format("{}: {}", location.text(), message);
  return fmt::format("{}: {}: {}", location.text(), path, message);
}

void Mistakes::add(const ConfigLocation& location, std::string_view path, std::string_view message) {
  std::string text = located_message(location, path, message);
  // An alias or an include used twice shows the same mistake twice.
  if (std::find(messages_.begin(), messages_.end(), text) == messages_.end())
    messages_.push_back(std::move(text));
}

void Mistakes::throw_if_any() const {
  if (!messages_.empty()) throw core::UserError(fmt::format("{}", fmt::join(messages_, "\n")));
}

}  // namespace duet::platform
