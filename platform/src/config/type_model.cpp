// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/type_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "duet/platform/config/scalar_reader.hpp"

namespace duet::platform {

std::string value_text(const ValueModel& value) {
  switch (value.kind) {
    case ValueKind::boolean:
      return "true or false";
    case ValueKind::integer:
      return allowed_number(value.info, true);
    case ValueKind::number:
      return allowed_number(value.info, false);
    case ValueKind::text:
      return "text";
    case ValueKind::choice:
      return fmt::format("{}", fmt::join(value.choices, " | "));
    case ValueKind::coded:
      return value.hint;
    case ValueKind::list:
      if (value.exact_items)
        return fmt::format("a list of {}, each {}", *value.exact_items, value_text(*value.element));
      return fmt::format("a list, each {}", value_text(*value.element));
    case ValueKind::map:
      return fmt::format("a map from names, each {}", value_text(*value.element));
    case ValueKind::structure:
      return fmt::format("a map of `{}`", value.structure().name);
  }
  return "";
}

const StructModel* nested_structure(const ValueModel& value) {
  if (value.kind == ValueKind::structure) return &value.structure();
  return value.element ? nested_structure(*value.element) : nullptr;
}

std::vector<const StructModel*> all_structures(const StructModel& root) {
  std::vector<const StructModel*> found{&root};
  for (size_t i = 0; i < found.size(); ++i) {
    for (const KeyModel& key : found[i]->keys) {
      const StructModel* nested = nested_structure(key.value);
      if (nested && std::find(found.begin(), found.end(), nested) == found.end()) found.push_back(nested);
    }
  }
  return found;
}

}  // namespace duet::platform
