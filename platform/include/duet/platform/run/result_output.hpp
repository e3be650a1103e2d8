// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "duet/platform/run/run_result.hpp"

namespace duet::platform {

/// The document of docs/reference/result-json.md.
nlohmann::ordered_json result_json(const RunResult& result);

/// One line per batch size under a line of column names; times in seconds, empty where a batch does not fit.
std::string result_csv(const RunResult& result);

/// For a terminal of 100 columns: the answer first, then what held the largest batch that fits.
std::string result_text(const RunResult& result);

/// The mapper's choice and prediction of every stage of a phase beside the simulated time. Stages of
/// identical layers are one line.
std::string explain_text(const PhaseResult& phase);

/// Writes the text under a temporary name beside `path` and renames it, so that nobody sees half a
/// file. "-" is standard output. Throws core::UserError when the file cannot be written.
void write_whole(const std::string& path, const std::string& text);

/// Throws core::UserError when write_whole() could not write there: asked before a long run. An empty path
/// and
/// "-" are fine.
void require_writable(const std::string& path);

}  // namespace duet::platform
