// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/json_schema.hpp"

#include <fmt/format.h>

#include <cmath>

#include "duet/core/quantity.hpp"
#include "duet/platform/config/yaml_writer.hpp"

namespace duet::platform {
namespace {

using nlohmann::ordered_json;

std::string quantity_pattern(core::Unit unit) {
  std::string symbols;
  for (const auto symbol : core::unit_symbols(unit))
    symbols += fmt::format("{}{}", symbols.empty() ? "" : "|", symbol);
  return fmt::format("^[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)? *({})$", symbols);
}

void add_range(ordered_json& schema, const core::FieldInfo& info) {
  if (std::isfinite(info.min)) schema["minimum"] = info.min;
  if (std::isfinite(info.max)) schema["maximum"] = info.max;
}

ordered_json number_schema(const ValueModel& value) {
  const core::Unit unit = value.info.unit;
  ordered_json schema;
  if (unit == core::Unit::none) {
    schema["type"] = value.kind == ValueKind::integer ? "integer" : "number";
    add_range(schema, value.info);
  } else if (unit == core::Unit::ratio) {
    schema["type"] = {"number", "string"};
    schema["pattern"] = "^[-+]?[0-9.]+([eE][-+]?[0-9]+)? *%?$";
    add_range(schema, value.info);
  } else {
    schema["type"] = "string";
    schema["pattern"] = quantity_pattern(unit);
  }
  return schema;
}

ordered_json value_schema(const ValueModel& value, bool list_item);

// A list's items are never merged with others, so that a required key must stand in each.
ordered_json structure_schema(const StructModel& model, bool list_item) {
  ordered_json reference{{"$ref", "#/definitions/" + model.name}};
  ordered_json required = ordered_json::array();
  for (const KeyModel& key : model.keys) {
    if (key.value.info.required) required.push_back(key.name);
  }
  if (!list_item || required.empty()) return reference;
  ordered_json schema;
  schema["allOf"] = ordered_json::array({reference});
  schema["anyOf"] = ordered_json::array({{{"required", required}}, {{"required", {"include"}}}});
  return schema;
}

ordered_json plain_schema(const ValueModel& value, bool list_item) {
  ordered_json schema;
  switch (value.kind) {
    case ValueKind::boolean:
      schema["type"] = "boolean";
      break;
    case ValueKind::integer:
    case ValueKind::number:
      return number_schema(value);
    case ValueKind::text:
      schema["type"] = {"string", "number"};
      break;
    case ValueKind::choice:
      schema["enum"] = value.choices;
      break;
    case ValueKind::coded:
      schema["type"] = {"string", "number"};
      schema["pattern"] = value.pattern;
      break;
    case ValueKind::list:
      schema["type"] = "array";
      schema["items"] = value_schema(*value.element, true);
      if (value.exact_items) schema["minItems"] = schema["maxItems"] = *value.exact_items;
      if (value.info.min_items > 0) schema["minItems"] = value.info.min_items;
      break;
    case ValueKind::map:
      schema["type"] = "object";
      schema["properties"]["include"] = ordered_json{{"$ref", "#/definitions/include"}};
      schema["additionalProperties"] = value_schema(*value.element, false);
      break;
    case ValueKind::structure:
      return structure_schema(value.structure(), list_item);
  }
  return schema;
}

ordered_json value_schema(const ValueModel& value, bool list_item) {
  ordered_json schema = plain_schema(value, list_item);
  if (!value.optional) return schema;
  return {{"anyOf", ordered_json::array({schema, {{"type", "null"}}})}};
}

ordered_json key_schema(const KeyModel& key) {
  ordered_json schema = value_schema(key.value, false);
  // Neighbours of "$ref" are ignored.
  if (schema.contains("$ref")) schema = {{"allOf", ordered_json::array({schema})}};
  std::string text = fmt::format("{} ({}", key.value.info.text, value_text(key.value));
  if (key.value.info.required) text += "; required";
  const bool has_default = !key.value.info.required && key.default_value.kind == ConfigNode::Kind::scalar;
  if (has_default && !key.default_value.scalar.empty())
    text += fmt::format("; default {}", flow_yaml(key.default_value));
  schema["description"] = text + ")";
  return schema;
}

ordered_json definition(const StructModel& model) {
  ordered_json schema;
  if (!model.text.empty()) schema["description"] = model.text;
  schema["type"] = {"object", "null"};
  schema["properties"] = ordered_json::object();
  for (const KeyModel& key : model.keys) schema["properties"][key.name] = key_schema(key);
  schema["properties"]["include"] = ordered_json{{"$ref", "#/definitions/include"}};
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace

ordered_json json_schema(const StructModel& root, const std::string& title) {
  ordered_json schema;
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = title;
  schema.update(definition(root));
  schema["type"] = "object";
  schema["patternProperties"]["^x-"] = ordered_json{{"description", "Ignored: a place for YAML anchors"}};
  schema["anyOf"] =
      structure_schema(root, true).value("anyOf", ordered_json::array({ordered_json::object()}));
  schema["definitions"]["include"] = {
      {"description", "File or list of files, relative to this one, whose keys this map takes over"},
      {"type", {"string", "array"}},
      {"items", {{"type", "string"}}}};
  for (const StructModel* model : all_structures(root)) {
    if (model != &root) schema["definitions"][model->name] = definition(*model);
  }
  return schema;
}

}  // namespace duet::platform
