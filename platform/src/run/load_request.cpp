// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/load_request.hpp"

#include <string_view>

#include "duet/platform/config/load.hpp"
#include "duet/platform/run/evaluate.hpp"

namespace duet::platform {
namespace {

/// Those of the overrides that begin with the prefix, without it.
std::vector<std::string> take(std::vector<std::string>& overrides, std::string_view prefix) {
  std::vector<std::string> taken;
  for (const std::string& text : overrides) {
    if (text.starts_with(prefix)) taken.push_back(text.substr(prefix.size()));
  }
  std::erase_if(overrides, [&](const std::string& text) { return text.starts_with(prefix); });
  return taken;
}

}  // namespace

RunRequest load_request(const ConfigLibrary& library, const RunFiles& files) {
  std::vector<std::string> overrides = files.overrides;
  const std::vector<std::string> of_model = take(overrides, "model.");
  const std::vector<std::string> of_workload = take(overrides, "workload.");
  RunRequest request;
  const PlatformFile platform = load_platform(
      ConfigDocument::from_file(library.find("platforms", files.platform, "PLATFORM"), overrides));
  request.platform = platform;
  request.modules = platform.modules;
  request.model =
      load_model(ConfigDocument::from_file(library.find("models", files.model, "--model"), of_model));
  request.workload = load_workload(
      ConfigDocument::from_file(library.find("workloads", files.workload, "--workload"), of_workload));
  check(request);
  return request;
}

}  // namespace duet::platform
