// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/config/start_file.hpp"

#include <fmt/format.h>

#include <map>

#include "duet/platform/config/config_document.hpp"
#include "duet/platform/config/described_roots.hpp"
#include "duet/platform/config/yaml_writer.hpp"

namespace duet::platform {
namespace {

// Two packages as in the DUET paper, cut down to 2 x 2 compute chiplets each.
constexpr const char* platform_values = R"(
name: my-platform
description: two packages of 2 x 2 compute chiplets
node_types:
  prefill_chiplet:
    clock: 700 MHz
    systolic: {count: 16, rows: 64, columns: 32, sram: 1 MiB, sram_bandwidth: 256 GB/s}
  decode_chiplet:
    clock: 700 MHz
    vector: {count: 8, rows: 16, columns: 8, lanes: 32, sram: 1 MiB, sram_bandwidth: 1024 GB/s}
  gddr7_phy:
    memory: {standard: gddr7_32000, stacks: 2}
  hbm3e_stack:
    memory: {standard: hbm3e_8000, stacks: 1}
packages:
  prefill:
    role: prefill
    noi: {columns: 4, rows: 3, link: {bandwidth: 256 GB/s}}
    nodes:
      - {type: prefill_chiplet, x: 1..2, y: 0..1}
      - {type: gddr7_phy, x: 0, y: 0..1}
      - {type: gddr7_phy, x: 3, y: 0..1}
      - {type: inter_package_link, x: 0..3, y: 2}
    driver: {kind: native}
  decode:
    role: decode
    noi: {columns: 4, rows: 3, link: {bandwidth: 1024 GB/s}}
    nodes:
      - {type: decode_chiplet, x: 1..2, y: 0..1}
      - {type: hbm3e_stack, x: 0, y: 0..1}
      - {type: hbm3e_stack, x: 3, y: 0..1}
      - {type: inter_package_link, x: 0..3, y: 2}
    driver: {kind: native}
inter_package_link: {bandwidth: 900 GB/s, latency: 500 ns}
)";

constexpr const char* model_values = R"(
name: my-model
source: made up
hidden_size: 2048
vocabulary_size: 32000
pattern: "M-M-M-M*-"
pattern_repeat: 4
mamba: {version: mamba2, inner_size: 4096, head_size: 64, state_size: 128, groups: 8}
attention: {heads: 16, kv_heads: 4, head_size: 128}
mlp: {intermediate_size: 8192, matrices: 2, activation: relu_squared}
)";

constexpr const char* workload_values = R"(
name: my-workload
source: made up
prompt_tokens: 1000
output_tokens: 100
batch_sizes: [1, 8, 64]
)";

const std::map<std::string_view, const char*> start_values{
    {"platform", platform_values}, {"model", model_values}, {"workload", workload_values}};

}  // namespace

std::string start_file(std::string_view kind, const std::string& schema) {
  const DescribedRoot& root = find_root(kind);
  const ConfigDocument values = ConfigDocument::from_text(start_values.at(root.name), "start");
  return fmt::format(
      "# yaml-language-server: $schema={}\n# {}. Check with: duet-vp check FILE. Keys that are commented out "
      "show their "
      "defaults.\n\n{}",
      schema, root.text, commented_yaml(values.root(), root.model()));
}

}  // namespace duet::platform
