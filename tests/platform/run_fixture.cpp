// SPDX-License-Identifier: Apache-2.0
#include "run_fixture.hpp"

#include "duet/platform/config/load.hpp"

namespace duet::test {
namespace {

constexpr const char* small_model = R"(
name: small-hybrid
hidden_size: 512
vocabulary_size: 4096
pattern: "M-M*-"
mamba: {inner_size: 1024, head_size: 64, state_size: 64, groups: 4}
attention: {heads: 8, kv_heads: 4, head_size: 64}
mlp: {intermediate_size: 2048}
)";

constexpr const char* small_workload = R"(
name: short
prompt_tokens: 256
output_tokens: 65
)";

}  // namespace

platform::RunRequest shipped_request(const std::string& platform, const std::string& model,
                                     const std::string& workload, std::vector<std::string> overrides) {
  overrides.emplace_back("reuse_layers=false");
  return platform::load_request(platform::ConfigLibrary(DUET_SOURCE_DIR "/configs"),
                                {platform, model, workload, std::move(overrides)});
}

platform::RunRequest short_request(std::vector<std::string> overrides) {
  overrides.emplace_back("model.pattern=M-M*-");
  return shipped_request("duet", "nemotron-h-56b", "arxiv", std::move(overrides));
}

platform::RunRequest small_request(const std::string& platform_yaml,
                                   const std::vector<std::string>& overrides) {
  using platform::ConfigDocument;
  ConfigDocument document = ConfigDocument::from_text(platform_yaml, "small.yaml");
  for (const std::string& text : overrides) document.set(text);
  platform::RunRequest request;
  request.platform = platform::load_platform(document);
  request.platform.reuse_layers = false;
  request.model = platform::load_model(ConfigDocument::from_text(small_model, "model.yaml"));
  request.workload = platform::load_workload(ConfigDocument::from_text(small_workload, "workload.yaml"));
  platform::check(request);
  return request;
}

std::string small_platform_yaml() {
  return R"(
name: small
node_types:
  systolic:
    systolic: {count: 8, rows: 16, columns: 16, sram: 256 KiB, sram_bandwidth: 64 GB/s, sfu: {units: 16}}
  vector:
    vector: {count: 8, rows: 4, columns: 4, lanes: 16, sram: 256 KiB, sram_bandwidth: 256 GB/s, sfu: {units: 32}}
  mixed:
    systolic: {count: 4, rows: 16, columns: 16, sram: 256 KiB, sram_bandwidth: 64 GB/s, sfu: {units: 16}}
    vector: {count: 4, rows: 4, columns: 4, lanes: 16, sram: 256 KiB, sram_bandwidth: 256 GB/s, sfu: {units: 32}}
  hbm:
    memory: {standard: hbm3e_8000, stacks: 1}
packages:
  only:
    role: both
    noi: {columns: 4, rows: 2, link: {bandwidth: 256 GB/s}}
    nodes:
      - {type: systolic, x: 1..2, y: 0..1}
      - {type: hbm, x: 0, y: 0..1}
      - {type: hbm, x: 3, y: 0..1}
)";
}

}  // namespace duet::test
