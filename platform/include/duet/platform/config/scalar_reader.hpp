// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "duet/core/field.hpp"
#include "duet/platform/config/config_node.hpp"
#include "duet/platform/config/mistakes.hpp"

namespace duet::platform {

/// What a number of this field may be, for messages and help: "a bandwidth such as '256 GB/s', at
/// least 1 GB/s", "a whole number from 1 to 4096".
std::string allowed_number(const core::FieldInfo& info, bool whole);

/// Reads scalars. A mistake is added to `mistakes` and nothing is returned.
class ScalarReader {
 public:
  ScalarReader(Mistakes& mistakes, const ConfigNode& node, const std::string& path)
      : mistakes_(mistakes), node_(node), path_(path) {}

  /// A number in the unit of the field, inside the field's range.
  [[nodiscard]] std::optional<double> number(const core::FieldInfo& info) const;

  /// A whole number of the field's unit, between the limits of the member's type too.
  [[nodiscard]] std::optional<long long> signed_integer(const core::FieldInfo& info, long long lowest,
                                                        long long highest) const;
  [[nodiscard]] std::optional<unsigned long long> unsigned_integer(const core::FieldInfo& info,
                                                                   unsigned long long highest) const;

  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::string> text() const;

  /// Index into `names`.
  [[nodiscard]] std::optional<size_t> choice(const std::vector<std::string>& names) const;

  /// The scalar as written, for types with a form of their own.
  [[nodiscard]] std::optional<std::string> raw(std::string_view allowed) const;

  void mistake(const std::string& message) const { mistakes_.add(node_.location, path_, message); }
  void found_instead_of(std::string_view allowed) const;

 private:
  [[nodiscard]] std::optional<double> quantity(const core::FieldInfo& info) const;
  [[nodiscard]] bool in_range(double value, const core::FieldInfo& info, bool whole) const;
  template <class Integer>
  [[nodiscard]] std::optional<Integer> integer(const core::FieldInfo& info, Integer lowest,
                                               Integer highest) const;

  Mistakes& mistakes_;
  const ConfigNode& node_;
  const std::string& path_;
};

}  // namespace duet::platform
