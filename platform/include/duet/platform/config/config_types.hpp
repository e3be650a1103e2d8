// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "duet/core/field.hpp"

namespace duet::platform::config_detail {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_list : std::false_type {};
template <class T>
struct is_list<std::vector<T>> : std::true_type {};
template <class T, size_t size>
struct is_list<std::array<T, size>> : std::true_type {};
template <class T>
struct is_array : std::false_type {};
template <class T, size_t size>
struct is_array<std::array<T, size>> : std::true_type {};
template <class T>
struct is_map : std::false_type {};
template <class T>
struct is_map<std::map<std::string, T>> : std::true_type {};

template <class E>
std::vector<std::string> enum_names() {
  std::vector<std::string> names;
  for (const auto& entry : core::EnumNames<E>::values) names.emplace_back(entry.second);
  return names;
}

template <class T>
constexpr std::string_view cpp_name() {
  const std::string_view text = __PRETTY_FUNCTION__;
  const size_t start = text.find("T = ") + 4;
  return text.substr(start, text.find_first_of(";]", start) - start);
}

/// "duet::core::SystolicArrayDescription" becomes "systolic_array".
std::string structure_name(std::string_view cpp_name);

/// Name of a described struct in help and messages.
template <class T>
std::string description_name() {
  if constexpr (requires { T::description_name; }) {
    return std::string(T::description_name);
  } else {
    return structure_name(cpp_name<T>());
  }
}

}  // namespace duet::platform::config_detail
