// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "duet/core/field.hpp"
#include "duet/platform/config/config_document.hpp"
#include "duet/platform/config/config_types.hpp"
#include "duet/platform/config/mistakes.hpp"
#include "duet/platform/config/nearest_match.hpp"
#include "duet/platform/config/scalar_reader.hpp"
#include "duet/platform/config/type_model.hpp"

namespace duet::platform {

/// Fills self-describing structs (core/field.hpp) from configuration nodes. Keys that are not written
/// keep the value that the object has. All mistakes are collected.
class ConfigReader {
 public:
  explicit ConfigReader(Mistakes& mistakes) : mistakes_(mistakes) {}

  template <core::Described T>
  void read(const ConfigNode& node, const std::string& path, T& value);

 private:
  // What a struct's visitor sees of the map that it is read from.
  struct Fields {
    const ConfigNode& node;
    const std::string& path;
    std::vector<std::string> known;
  };

  template <class T>
  void read_value(const ConfigNode& node, const std::string& path, const core::FieldInfo& info, T& value);
  template <class T>
  void read_scalar(const ScalarReader& scalar, const core::FieldInfo& info, T& value);
  template <class T>
  void read_field(Fields& fields, std::string_view key, const core::FieldInfo& info, T& value);
  template <class T>
  void read_list(const ConfigNode& node, const std::string& path, const core::FieldInfo& info, T& list);
  template <class T>
  void read_map(const ConfigNode& node, const std::string& path, const core::FieldInfo& info,
                std::map<std::string, T>& map);

  void report_missing(const Fields& fields, std::string_view key, const ValueModel& value);
  void report_unknown_keys(const Fields& fields, const std::string& structure);
  bool is_mistyped_override(const ConfigNode& map, const ConfigEntry& entry, const std::string& path);
  bool check_item_count(const ConfigNode& node, const std::string& path, size_t count, size_t least,
                        std::optional<size_t> exactly);

  Mistakes& mistakes_;
};

/// Reads a struct from a document. Throws core::UserError with one line for each mistake.
template <core::Described T>
T read_config(const ConfigDocument& document) {
  Mistakes mistakes;
  T value{};
  ConfigReader(mistakes).read(document.root(), "", value);
  mistakes.throw_if_any();
  return value;
}

/// Runs a check of structs that were read from the document. It throws core::UserError with
/// "path.of.key: found X, allowed Y", and the mistake gets its place in the document.
template <class Check>
auto check_with_places(const ConfigDocument& document, Check&& check) {
  try {
    return check();
  } catch (const core::UserError& error) {
    throw document.located(error);
  }
}

/// Reads a struct from a YAML file with its includes and the overrides ("path=value") of `--set`.
template <core::Described T>
T load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides = {}) {
  return read_config<T>(ConfigDocument::from_file(file, overrides));
}

// ---------------------------------------------------------------------------------------------

namespace config_detail {

inline bool is_null(const ConfigNode& node) {
  return node.kind == ConfigNode::Kind::null || (node.kind == ConfigNode::Kind::scalar && !node.quoted &&
                                                 (node.scalar == "null" || node.scalar == "~"));
}

inline std::string child_path(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

}  // namespace config_detail

template <core::Described T>
void ConfigReader::read(const ConfigNode& node, const std::string& path, T& value) {
  if (node.kind != ConfigNode::Kind::map) {
    if (!config_detail::is_null(node)) {
      mistakes_.add(node.location, path, fmt::format("found {}, allowed a map of keys", node.found()));
      return;
    }
  }
  Fields fields{node, path, {}};
  T::fields([&](std::string_view key, auto member, const core::FieldInfo& info) {
    fields.known.emplace_back(key);
    read_field(fields, key, info, value.*member);
  });
  report_unknown_keys(fields, config_detail::description_name<T>());
}

template <class T>
void ConfigReader::read_field(Fields& fields, std::string_view key, const core::FieldInfo& info, T& value) {
  const std::string path = config_detail::child_path(fields.path, key);
  if (const ConfigNode* node = fields.node.find(key)) {
    read_value(*node, path, info, value);
  } else if (info.required) {
    report_missing(fields, key, config_detail::value_model<T>(info));
  } else if constexpr (core::Described<T> && !core::TextCoded<T>) {
    // A struct that is left out altogether may still have keys that are required.
    ConfigNode empty;
    empty.location = fields.node.location;
    read(empty, path, value);
  }
}

template <class T>
void ConfigReader::read_value(const ConfigNode& node, const std::string& path, const core::FieldInfo& info,
                              T& value) {
  if constexpr (config_detail::is_optional<T>::value) {
    if (config_detail::is_null(node)) {
      value.reset();
      return;
    }
    typename T::value_type inner = value.value_or(typename T::value_type{});
    read_value(node, path, info, inner);
    value = std::move(inner);
  } else if constexpr (config_detail::is_list<T>::value) {
    read_list(node, path, info, value);
  } else if constexpr (config_detail::is_map<T>::value) {
    read_map(node, path, info, value);
  } else if constexpr (core::Described<T> && !core::TextCoded<T>) {
    read(node, path, value);
  } else {
    read_scalar(ScalarReader(mistakes_, node, path), info, value);
  }
}

template <class T>
void ConfigReader::read_scalar(const ScalarReader& scalar, const core::FieldInfo& info, T& value) {
  if constexpr (core::TextCoded<T>) {
    if (const auto text = scalar.raw(core::TextCodec<T>::hint)) {
      try {
        value = core::TextCodec<T>::parse(*text);
      } catch (const core::UserError& error) {
        scalar.mistake(error.what());
      }
    }
  } else if constexpr (std::is_same_v<T, bool>) {
    if (const auto read = scalar.boolean()) value = *read;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (const auto read = scalar.text()) value = *read;
  } else if constexpr (std::is_enum_v<T>) {
    if (const auto read = scalar.choice(config_detail::enum_names<T>()))
      value = std::begin(core::EnumNames<T>::values)[*read].first;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (const auto read = scalar.number(info)) value = static_cast<T>(*read);
  } else if constexpr (std::is_unsigned_v<T>) {
    if (const auto read = scalar.unsigned_integer(info, std::numeric_limits<T>::max()))
      value = static_cast<T>(*read);
  } else {
    static_assert(std::is_integral_v<T>, "a field of this type needs a core::TextCodec or fields()");
    if (const auto read =
            scalar.signed_integer(info, std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()))
      value = static_cast<T>(*read);
  }
}

template <class T>
void ConfigReader::read_list(const ConfigNode& node, const std::string& path, const core::FieldInfo& info,
                             T& list) {
  if (node.kind != ConfigNode::Kind::sequence) {
    mistakes_.add(node.location, path, fmt::format("found {}, allowed a list", node.found()));
    return;
  }
  if constexpr (config_detail::is_array<T>::value) {
    if (!check_item_count(node, path, node.items.size(), 0, list.size())) return;
  } else {
    if (!check_item_count(node, path, node.items.size(), info.min_items, std::nullopt)) return;
    list.clear();
    list.resize(node.items.size());
  }
  for (size_t i = 0; i < node.items.size(); ++i) {
    // std::vector<bool> has no addressable elements.
    typename T::value_type item = list[i];
    read_value(node.items[i], fmt::format("{}[{}]", path, i), info, item);
    list[i] = std::move(item);
  }
}

template <class T>
void ConfigReader::read_map(const ConfigNode& node, const std::string& path, const core::FieldInfo& info,
                            std::map<std::string, T>& map) {
  if (node.kind != ConfigNode::Kind::map) {
    mistakes_.add(node.location, path, fmt::format("found {}, allowed a map from names", node.found()));
    return;
  }
  if (!check_item_count(node, path, node.entries.size(), info.min_items, std::nullopt)) return;
  map.clear();
  for (const ConfigEntry& entry : node.entries) {
    if (is_mistyped_override(node, entry, path)) continue;
    read_value(entry.value, config_detail::child_path(path, entry.key), info, map[entry.key]);
  }
}

}  // namespace duet::platform
