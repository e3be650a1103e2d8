// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/platform/config/load.hpp"
#include "duet/platform/config/nearest_match.hpp"
#include "duet/platform/config/node_writer.hpp"
#include "duet/platform/config/start_file.hpp"
#include "duet/platform/config/type_model.hpp"
#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/config/yaml_writer.hpp"

using namespace duet;
using platform::block_yaml;
using platform::ConfigDocument;
using platform::flow_yaml;
using platform::to_config_node;

namespace {

template <class T>
void check_round_trip(const T& value) {
  const std::string text = block_yaml(to_config_node(value));
  INFO(text);
  const T again = platform::read_config<T>(ConfigDocument::from_text(text, "again"));
  CHECK(flow_yaml(to_config_node(again)) == flow_yaml(to_config_node(value)));
}

}  // namespace

TEST_CASE("what is written reads back as the same object") {
  check_round_trip(
      platform::load_platform(ConfigDocument::from_file(DUET_SOURCE_DIR "/configs/platforms/duet.yaml")));
  check_round_trip(
      platform::load_model(ConfigDocument::from_file(DUET_SOURCE_DIR "/configs/models/zamba2-7b.yaml")));
  check_round_trip(
      platform::load_workload(ConfigDocument::from_file(DUET_SOURCE_DIR "/configs/workloads/arxiv.yaml")));
}

TEST_CASE("texts that YAML would misread are quoted") {
  for (const std::string text :
       {"", "true", "12", "null", "a: b", "# no comment", "it's", "line\nbreak", "- x", "~"}) {
    core::WorkloadDescription workload;
    workload.name = text;
    workload.prompt_tokens = 1;
    const std::string yaml = block_yaml(to_config_node(workload));
    INFO(yaml);
    CHECK(platform::read_config<core::WorkloadDescription>(ConfigDocument::from_text(yaml, "x")).name ==
          text);
  }
}

TEST_CASE("a start loads as it is and with every commented key taken in") {
  for (const std::string kind : {"model", "workload"}) {
    std::string text = platform::start_file(kind, "schema.json");
    const auto load = [&] {
      const ConfigDocument document = ConfigDocument::from_text(text, kind);
      if (kind == "model") {
        platform::load_model(document);
      } else {
        platform::load_workload(document);
      }
    };
    CHECK_NOTHROW(load());
    for (size_t at = text.find("#"); at != std::string::npos; at = text.find("#", at + 1)) {
      if (at + 1 < text.size() && std::islower(static_cast<unsigned char>(text[at + 1]))) text[at] = ' ';
    }
    // A blank before the key in place of '#' would be one column too deep.
    for (size_t at = text.find("\n "); at != std::string::npos; at = text.find("\n ", at + 1)) {
      const size_t start = text.find_first_not_of(' ', at + 1);
      if ((start - at - 1) % 2 == 1) text.erase(at + 1, 1);
    }
    INFO(text);
    CHECK_NOTHROW(load());
  }
}

TEST_CASE("the nearest match is the word that was meant, or nothing") {
  const std::vector<std::string> words{"columns", "rows", "bandwidth", "mac_interval_cycles"};
  CHECK(platform::nearest_match("colums", words) == "columns");
  CHECK(platform::nearest_match("zamba", std::vector<std::string>{"llama3-8b", "zamba2-7b"}) == "zamba2-7b");
  CHECK(platform::nearest_match("mamba", std::vector<std::string>{"mamba2-130m", "mamba2-2.7b"}).empty());
  CHECK(platform::nearest_match("Rows", words) == "rows");
  CHECK(platform::nearest_match("bandwdith", words) == "bandwidth");
  CHECK(platform::nearest_match("mac-interval-cycles", words) == "mac_interval_cycles");
  CHECK(platform::nearest_match("zebra", words).empty());
  CHECK(platform::nearest_match("", words).empty());
}

TEST_CASE("structures are called by their C++ name in snake case") {
  CHECK(platform::config_detail::structure_name("duet::core::SystolicArrayDescription") == "systolic_array");
  CHECK(platform::config_detail::structure_name("SfuDescription") == "sfu");
  CHECK(platform::config_detail::structure_name("NoCLinkConfig") == "no_c_link");
  CHECK(platform::config_detail::structure_name("HBMStack") == "hbm_stack");
}
