// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace duet::platform {

/// A result as `duet-vp run --json` or `duet-vp experiment` writes it (docs/reference/result-json.md).
// NOLINTNEXTLINE(bugprone-exception-escape): the assertions in the move of a JSON value do not throw.
struct ReportInput {
  std::string name;  ///< of the file, for messages and as a label of last resort
  nlohmann::ordered_json result;
};

/// Reads a result. Throws UserError if the file is missing, is no JSON, or is no result.
ReportInput read_report_input(const std::string& path);

/// One HTML page of all results: self-contained, without network, under a content policy that allows
/// only the page's own scripts and styles by their hashes. Blocks that a result lacks are named in the
/// page. The same results give the same bytes. Throws UserError for an input that is no result.
std::string render_report(const std::vector<ReportInput>& inputs);

}  // namespace duet::platform
