// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace duet::platform {

/// The candidate that a mistyped word most likely means (restricted Damerau-Levenshtein distance of
/// at most a third of the length; case, '-' and '_' do not count), or "" when none is near.
std::string nearest_match(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean 'columns'?", or "".
std::string nearest_hint(std::string_view word, std::span<const std::string> candidates);

}  // namespace duet::platform
