// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/run/load_request.hpp"

#include "duet/platform/config/load.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/run/evaluate.hpp"

namespace duet::platform {

RunRequest load_request(const ConfigLibrary& library, const RunFiles& files) {
  const std::vector<std::string> kinds{"platform", "model", "workload"};
  const auto document = [&](const std::string& kind, const std::string& file, const std::string& option) {
    return ConfigDocument::from_file(library.find(kind + "s", file, option), files.overrides, kind, kinds);
  };
  RunRequest request;
  const ConfigDocument machine = document("platform", files.platform, "PLATFORM");
  const PlatformFile platform = load_platform(machine);
  request.platform = platform;
  request.modules = platform.modules;
  request.model = load_model(document("model", files.model, "--model"));
  request.workload = load_workload(document("workload", files.workload, "--workload"));
  check_with_places(machine, [&] { check(request); });
  return request;
}

}  // namespace duet::platform
