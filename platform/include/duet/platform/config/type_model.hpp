// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "duet/core/field.hpp"
#include "duet/platform/config/config_node.hpp"
#include "duet/platform/config/config_types.hpp"
#include "duet/platform/config/node_writer.hpp"

namespace duet::platform {

/// What may stand as a value in YAML, seen at run time: the schema, `describe`, the commented starts
/// and the reference pages are made from this and not from the C++ types.
enum class ValueKind { boolean, integer, number, text, choice, coded, list, map, structure };

struct StructModel;

struct ValueModel {
  ValueKind kind = ValueKind::text;
  core::FieldInfo info;                         ///< unit and range, also narrowed by the C++ type
  bool optional = false;                        ///< may be null
  std::vector<std::string> choices;             ///< of a choice
  std::string pattern;                          ///< of a coded value
  std::string hint;                             ///< of a coded value
  std::optional<size_t> exact_items;            ///< of a list of fixed length
  std::shared_ptr<const ValueModel> element;    ///< of a list or map
  const StructModel& (*structure)() = nullptr;  ///< of a structure
};

struct KeyModel {
  std::string name;
  ValueModel value;
  ConfigNode default_value;  ///< what an object has without the key
};

struct StructModel {
  std::string name;  ///< snake case: "systolic_array"
  std::string text;  ///< one sentence, or ""
  std::vector<KeyModel> keys;
};

/// "a whole number from 1 to 4096", "a list of chiplet", "pe or tile".
std::string value_text(const ValueModel& value);

/// The structure that a value is, or that its elements are; null otherwise.
const StructModel* nested_structure(const ValueModel& value);

/// The structure and all that it contains, each once, in the order of first use.
std::vector<const StructModel*> all_structures(const StructModel& root);

template <core::Described T>
const StructModel& struct_model();

// ---------------------------------------------------------------------------------------------

namespace config_detail {

template <class T>
ValueModel value_model(core::FieldInfo info) {
  ValueModel model;
  if constexpr (is_optional<T>::value) {
    model = value_model<typename T::value_type>(info);
    model.optional = true;
    return model;
  } else if constexpr (is_list<T>::value) {
    model.kind = ValueKind::list;
    if constexpr (is_array<T>::value) model.exact_items = std::tuple_size_v<T>;
    model.element = std::make_shared<ValueModel>(value_model<typename T::value_type>(info));
  } else if constexpr (is_map<T>::value) {
    model.kind = ValueKind::map;
    model.element = std::make_shared<ValueModel>(value_model<typename T::mapped_type>(info));
  } else if constexpr (core::TextCoded<T>) {
    model.kind = ValueKind::coded;
    model.pattern = core::TextCodec<T>::pattern;
    model.hint = core::TextCodec<T>::hint;
  } else if constexpr (core::Described<T>) {
    model.kind = ValueKind::structure;
    model.structure = &struct_model<T>;
  } else if constexpr (std::is_same_v<T, bool>) {
    model.kind = ValueKind::boolean;
  } else if constexpr (std::is_same_v<T, std::string>) {
    model.kind = ValueKind::text;
  } else if constexpr (std::is_enum_v<T>) {
    model.kind = ValueKind::choice;
    model.choices = enum_names<T>();
  } else if constexpr (std::is_floating_point_v<T>) {
    model.kind = ValueKind::number;
  } else {
    model.kind = ValueKind::integer;
    if (std::is_unsigned_v<T>) info.min = std::max(info.min, 0.0);
  }
  model.info = info;
  return model;
}

}  // namespace config_detail

template <core::Described T>
const StructModel& struct_model() {
  static const StructModel model = [] {
    StructModel made;
    made.name = config_detail::description_name<T>();
    if constexpr (requires { T::description_text; }) made.text = T::description_text;
    const T defaults{};
    T::fields([&](std::string_view name, auto member, const core::FieldInfo& info) {
      using Value = std::remove_cvref_t<decltype(defaults.*member)>;
      made.keys.push_back({std::string(name), config_detail::value_model<Value>(info),
                           config_detail::value_node(defaults.*member, info)});
    });
    return made;
  }();
  return model;
}

}  // namespace duet::platform
