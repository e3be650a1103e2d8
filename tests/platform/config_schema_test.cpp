// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
// valijson reads nlohmann's values through this adapter; its headers are not clean under our warnings.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <filesystem>
#include <fstream>

#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/json_schema.hpp"
#include "duet/platform/config/start_file.hpp"

using namespace duet::platform;
using nlohmann::json;

namespace {

// What an editor's YAML server sees, made without our own reader.
json scalar_json(const YAML::Node& node) {
  const std::string text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  const char* end = text.data() + text.size();
  long long whole = 0;
  if (const auto parsed = std::from_chars(text.data(), end, whole);
      parsed.ec == std::errc{} && parsed.ptr == end)
    return whole;
  double number = 0;
  if (const auto parsed = std::from_chars(text.data(), end, number);
      parsed.ec == std::errc{} && parsed.ptr == end)
    return number;
  return text;
}

json to_json(const YAML::Node& node) {
  if (node.IsScalar()) return scalar_json(node);
  json result;
  if (node.IsSequence()) {
    result = json::array();
    for (const auto& item : node) result.push_back(to_json(item));
  } else if (node.IsMap()) {
    result = json::object();
    for (const auto& pair : node) result[pair.first.Scalar()] = to_json(pair.second);
  }
  return result;
}

class Checker {
 public:
  explicit Checker(std::string_view kind) {
    const json document = json_schema(find_root(kind).model(), std::string(kind));
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema_);
  }

  bool accepts(const YAML::Node& yaml) {
    const json value = to_json(yaml);
    valijson::ValidationResults results;
    valijson::Validator validator;
    const bool valid = validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(value), &results);
    valijson::ValidationResults::Error error;
    for (; results.popError(error);) {
      reasons_ += error.description + " at";
      for (const std::string& step : error.context) reasons_ += " " + step;
      reasons_ += "\n";
    }
    return valid;
  }

  [[nodiscard]] const std::string& reasons() const { return reasons_; }

 private:
  valijson::Schema schema_;
  std::string reasons_;
};

const std::string broken = DUET_SOURCE_DIR "/tests/platform/broken/";

}  // namespace

TEST_CASE("every shipped file follows the schema of its kind and names it") {
  size_t files = 0;
  for (const DescribedRoot& root : described_roots()) {
    const std::filesystem::path folder = std::filesystem::path(DUET_SOURCE_DIR) / "configs" / root.folder;
    Checker checker(root.name);
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".yaml") continue;
      ++files;
      INFO(entry.path());
      const bool accepted = checker.accepts(YAML::LoadFile(entry.path().string()));
      INFO(checker.reasons());
      CHECK(accepted);
      std::ifstream stream(entry.path());
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      CHECK_THAT(text, Catch::Contains("# yaml-language-server: $schema=../schema/" + std::string(root.name) +
                                       ".schema.json\n"));
    }
  }
  CHECK(files > 0);
}

TEST_CASE("the starts that 'new' writes follow the schema") {
  for (const DescribedRoot& root : described_roots()) {
    Checker checker(root.name);
    const bool accepted = checker.accepts(YAML::Load(start_file(root.name, "x")));
    INFO(checker.reasons());
    CHECK(accepted);
  }
}

TEST_CASE("the schema finds what an editor can find") {
  Checker platform("platform");
  CHECK(platform.accepts(YAML::LoadFile(broken + "base.yaml")));
  for (const char* name : {"unknown_root_key",
                           "unknown_nested_key",
                           "unknown_key_in_list_item",
                           "missing_root_key",
                           "missing_key_in_list_item",
                           "list_for_map",
                           "text_for_map",
                           "map_for_list",
                           "text_for_list",
                           "map_for_number",
                           "unit_missing",
                           "unit_of_other_dimension",
                           "unit_in_wrong_case",
                           "unit_unknown",
                           "unit_without_number",
                           "unit_where_none_belongs",
                           "text_for_number",
                           "fraction_for_whole_number",
                           "negative_count",
                           "count_below_range",
                           "count_above_range",
                           "number_in_quotes",
                           "yes_for_boolean",
                           "number_for_boolean",
                           "boolean_for_text",
                           "choice_mistyped",
                           "list_for_choice",
                           "range_of_words",
                           "include_of_map",
                           "empty",
                           "root_is_list"}) {
    INFO(name);
    CHECK_FALSE(platform.accepts(YAML::LoadFile(broken + name + ".yaml")));
  }
}
