// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "duet/core/field.hpp"
#include "duet/platform/config/config_node.hpp"
#include "duet/platform/config/config_types.hpp"

namespace duet::platform {

/// The configuration that reads back as exactly this object; optional values that are not set are
/// left out. The nodes have no places.
template <core::Described T>
ConfigNode to_config_node(const T& value);

namespace config_detail {

ConfigNode scalar_node(std::string text, bool quoted = false);
ConfigNode text_node(const std::string& text);  // quoted if YAML would take it for something else
ConfigNode number_node(double value, core::Unit unit);
ConfigNode whole_node(std::string digits, double value, core::Unit unit);

template <class T>
ConfigNode value_node(const T& value, const core::FieldInfo& info) {
  ConfigNode node;
  if constexpr (is_optional<T>::value) {
    if (value) node = value_node(*value, info);
  } else if constexpr (is_list<T>::value) {
    node.kind = ConfigNode::Kind::sequence;
    for (const auto& item : value) node.items.push_back(value_node<typename T::value_type>(item, info));
  } else if constexpr (is_map<T>::value) {
    node.kind = ConfigNode::Kind::map;
    for (const auto& [key, item] : value) node.entries.push_back({key, {}, value_node(item, info)});
  } else if constexpr (core::TextCoded<T>) {
    node = scalar_node(core::TextCodec<T>::format(value));
  } else if constexpr (core::Described<T>) {
    node = to_config_node(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    node = scalar_node(value ? "true" : "false");
  } else if constexpr (std::is_same_v<T, std::string>) {
    node = text_node(value);
  } else if constexpr (std::is_enum_v<T>) {
    node = scalar_node(std::string(core::enum_name(value)));
  } else if constexpr (std::is_floating_point_v<T>) {
    node = number_node(static_cast<double>(value), info.unit);
  } else {
    node = whole_node(std::to_string(value), static_cast<double>(value), info.unit);
  }
  return node;
}

}  // namespace config_detail

template <core::Described T>
ConfigNode to_config_node(const T& value) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::map;
  T::fields([&](std::string_view name, auto member, const core::FieldInfo& info) {
    ConfigNode child = config_detail::value_node(value.*member, info);
    if (child.kind != ConfigNode::Kind::null)
      node.entries.push_back({std::string(name), {}, std::move(child)});
  });
  return node;
}

}  // namespace duet::platform
