// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "duet/platform/run/evaluate.hpp"
#include "duet/platform/run/load_request.hpp"

namespace duet::test {

/// A shipped model on a shipped platform, as the command line loads it; all layers are simulated.
platform::RunRequest shipped_request(const std::string& platform, const std::string& model,
                                     const std::string& workload, std::vector<std::string> overrides = {});

/// Nemotron-H-56B on DUET with the pattern "M-M*-": each kind of layer, in a second.
platform::RunRequest short_request(std::vector<std::string> overrides = {});

/// A small platform given as YAML with a model of a few million parameters.
platform::RunRequest small_request(const std::string& platform_yaml,
                                   const std::vector<std::string>& overrides = {});

/// One package of 2 x 2 systolic chiplets with two memory nodes, 32 tokens in and 9 out.
std::string small_platform_yaml();

}  // namespace duet::test
