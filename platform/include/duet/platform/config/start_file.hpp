// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace duet::platform {

/// A small but complete file of that kind (see described_roots()) in which every key is explained, and
/// keys that are not used stand commented out with their defaults. It loads as it is.
std::string start_file(std::string_view kind, const std::string& schema);

}  // namespace duet::platform
