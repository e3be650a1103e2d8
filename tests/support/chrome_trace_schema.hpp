// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace duet::test {

/// Checks a trace against tests/reference/chrome_trace.schema.json. Empty if it conforms, otherwise
/// the first complaints.
std::string chrome_trace_errors(const nlohmann::json& trace);

}  // namespace duet::test
