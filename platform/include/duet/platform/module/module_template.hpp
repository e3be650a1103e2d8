// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace duet::platform {

/// The files of a start of a user's own module: file name and text. It is a source of background traffic: it
/// reads blocks from the package's memories in turn and answers reads and writes of 64 bytes. `name` is in
/// snake case, `platform` the platform file that its own builds on; throws core::UserError otherwise.
std::vector<std::pair<std::string, std::string>> module_template(const std::string& name,
                                                                 const std::string& platform);

}  // namespace duet::platform
