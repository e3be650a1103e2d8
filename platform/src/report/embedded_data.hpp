// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "result_view.hpp"

namespace duet::platform {

/// The results as JSON for the page's script, safe inside a script element. Timelines become compact:
/// {"tracks": [...], "names": [...], "categories": [...], "events": [track, name, category, start_ps,
/// duration_ps, ...]}, sorted by track and start.
std::string embedded_data(const ResultSet& set);

}  // namespace duet::platform
