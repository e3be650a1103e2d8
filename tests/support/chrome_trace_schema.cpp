// SPDX-License-Identifier: Apache-2.0
#include "support/chrome_trace_schema.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

namespace duet::test {

std::string chrome_trace_errors(const nlohmann::json& trace) {
  std::ifstream in(DUET_SOURCE_DIR "/tests/reference/chrome_trace.schema.json");
  const nlohmann::json text = nlohmann::json::parse(in);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
  valijson::ValidationResults results;
  if (valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(trace), &results))
    return "";
  std::string errors;
  valijson::ValidationResults::Error error;
  for (int i = 0; i < 10 && results.popError(error); ++i) {
    for (const std::string& level : error.context) errors += level;
    errors += ": " + error.description + "\n";
  }
  return errors.empty() ? "does not conform" : errors;
}

}  // namespace duet::test
