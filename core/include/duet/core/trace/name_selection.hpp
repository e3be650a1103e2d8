// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace duet::core {

/// Selects hierarchical names ("prefill.chiplet[3].array[0].mode") by patterns.
///
///     array.pe[0..3][0..3]     an inclusive range of indices in brackets, also lists: [0,2,8..11]
///     prefill.chiplet[*].mode  '*' stands for any characters of one level, '?' for one
///     **.mode                  '**' stands for any number of levels
///     prefill.noi              a name selects everything below it, and all of its indices
///
/// Several patterns are separated by commas outside brackets; a name is selected when any matches.
class NameSelection {
 public:
  /// Selects everything.
  NameSelection() : NameSelection("**") {}
  /// Throws UserError, with what was found and what is allowed, for an empty or malformed pattern.
  explicit NameSelection(std::string_view patterns);

  [[nodiscard]] bool matches(std::string_view name) const;
  /// False only if no name below `scope` can match, so that a large part can skip its signals.
  [[nodiscard]] bool may_match_below(std::string_view scope) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  enum class Kind { character, any_character, any_in_level, any_levels, indices };
  struct Token {
    Kind kind;
    char character = 0;
    std::vector<std::pair<uint64_t, uint64_t>> ranges;  // inclusive
  };
  using Pattern = std::vector<Token>;

  static Pattern compile(std::string_view text);
  static bool match(const Pattern& pattern, size_t token, std::string_view rest, bool prefix_suffices);

  std::string text_;
  std::vector<Pattern> patterns_;
};

}  // namespace duet::core
