// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "duet/core/quantity.hpp"

namespace duet::core {

/// Everything that is known of one key of a configuration struct besides its C++ type. From this
/// one description come YAML reading and checking, the JSON Schema, `describe` and the reference.
struct FieldInfo {
  Unit unit = Unit::none;
  double min = -std::numeric_limits<double>::infinity();  ///< in the struct's unit, inclusive
  double max = std::numeric_limits<double>::infinity();   ///< in the struct's unit, inclusive
  std::string_view text = {};                             ///< one sentence: meaning, source or *assumed*
  bool required = false;
  std::string_view example = {};  ///< YAML text of a value, for required keys in generated starts
  std::size_t min_items = 0;      ///< of a list or map
};

/// A struct describes itself by a static member template that names each field once:
///
///     struct SfuDescription {
///       unsigned units = 64;
///       template <class Visitor> static void fields(Visitor&& visit) {
///         visit("units", &SfuDescription::units, {.min = 1, .max = 4096, .text = "..."});
///       }
///     };
///
/// Defaults are those of a default-constructed struct. Fields may be arithmetic types, bool,
/// std::string, enums (see EnumNames), types with a TextCodec, std::optional, std::vector,
/// std::map<std::string, T>, or another described struct. Integers and doubles hold the value in
/// FieldInfo::unit; unit and range of a list or map are those of its elements.
///
/// Optional static members: `description_name` (default: the C++ name in snake case without
/// "Description") and `description_text` (one sentence), both std::string_view.
struct FieldProbe {
  template <class Member>
  void operator()(std::string_view, Member, const FieldInfo&) const {}
};

template <class T>
concept Described = std::is_class_v<T> && requires(FieldProbe probe) {
  T::fields(probe);
};

/// Names of an enum's values in YAML. Specialise with
/// `static constexpr std::pair<E, std::string_view> values[] = {{E::tile, "tile"}, ...};`.
template <class E>
struct EnumNames;

/// Types written as one scalar of their own form ("1..4"). Specialise with
/// `static T parse(std::string_view)` (throws UserError "found X, allowed Y"),
/// `static std::string format(const T&)`, `static constexpr std::string_view pattern` (an anchored
/// ECMAScript regular expression of the same texts) and `... hint` ("an index or range such as '1..4'").
template <class T>
struct TextCodec;

template <class T>
concept TextCoded = requires(std::string_view text, const T& value) {
  { TextCodec<T>::parse(text) } -> std::same_as<T>;
  { TextCodec<T>::format(value) } -> std::same_as<std::string>;
  { TextCodec<T>::pattern } -> std::convertible_to<std::string_view>;
  { TextCodec<T>::hint } -> std::convertible_to<std::string_view>;
};

template <class E>
std::string_view enum_name(E value) {
  for (const auto& [candidate, name] : EnumNames<E>::values) {
    if (candidate == value) return name;
  }
  return "?";
}

}  // namespace duet::core
