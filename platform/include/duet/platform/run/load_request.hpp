// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/platform/config/config_library.hpp"
#include "duet/platform/run/run_request.hpp"

namespace duet::platform {

/// What a user names on the command line. Each is a file, or the name of a shipped one.
struct RunFiles {
  std::string platform;
  std::string model;
  std::string workload;
  /// "path=value"; paths that begin with "model." or "workload." go there, all others to the
  /// platform ("mapping.steps=48" too, which is a key of it).
  std::vector<std::string> overrides;
};

/// Reads and checks everything. Throws core::UserError.
RunRequest load_request(const ConfigLibrary& library, const RunFiles& files);

}  // namespace duet::platform
