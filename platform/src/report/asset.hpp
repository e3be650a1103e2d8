// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace duet::platform {

/// Files of report/ that are linked into the program, so that an installed duet-vp needs none of them.
std::string_view chart_bundle();
std::string_view chart_license();
std::string_view chart_notice();
std::string_view page_style();
/// The page's own scripts, one after another.
std::string page_script();

}  // namespace duet::platform
