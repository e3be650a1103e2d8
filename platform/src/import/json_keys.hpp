// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "duet/core/error.hpp"

namespace duet::platform {

/// Reads keys of a config.json with messages that name file and key.
class JsonKeys {
 public:
  JsonKeys(const nlohmann::json& object, std::string source) : object_(object), source_(std::move(source)) {}

  [[nodiscard]] bool has(const std::string& key) const {
    return object_.contains(key) && !object_.at(key).is_null();
  }
  [[nodiscard]] const nlohmann::json& at(const std::string& key) const {
    if (!has(key)) mistake(key, "missing");
    return object_.at(key);
  }
  [[nodiscard]] std::uint64_t count(const std::string& key) const {
    const auto& value = at(key);
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0)
      mistake(key, fmt::format("found {}, allowed a count", value.dump()));
    return value.get<std::uint64_t>();
  }
  [[nodiscard]] std::uint64_t count_or(const std::string& key, std::uint64_t otherwise) const {
    return has(key) ? count(key) : otherwise;
  }
  [[nodiscard]] bool flag_or(const std::string& key, bool otherwise) const {
    if (!has(key)) return otherwise;
    if (!at(key).is_boolean()) mistake(key, fmt::format("found {}, allowed true or false", at(key).dump()));
    return at(key).get<bool>();
  }
  [[nodiscard]] std::string text(const std::string& key) const {
    if (!at(key).is_string()) mistake(key, fmt::format("found {}, allowed a text", at(key).dump()));
    return at(key).get<std::string>();
  }
  [[noreturn]] void mistake(const std::string& key, const std::string& message) const {
    throw core::UserError(fmt::format("{}: {}: {}", source_, key, message));
  }

 private:
  const nlohmann::json& object_;
  std::string source_;
};

}  // namespace duet::platform
