// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "duet/platform/run/result_output.hpp"
#include "run_fixture.hpp"
#include "support/temporary_folder.hpp"

using namespace duet;
using namespace duet::test;
using Json = nlohmann::json;

namespace {

struct Output {
  int exit_code = 0;
  std::string text;
};

/// duet-vp with these arguments; `text` is standard output, or error output with `2>&1 >/dev/null`.
Output duet_vp(const std::string& arguments) {
  const std::string command = std::string(DUET_BINARY_DIR) + "/duet-vp " + arguments;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Output output;
  std::array<char, 4096> buffer{};
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.text.append(buffer.data(), count);
  output.exit_code = WEXITSTATUS(::pclose(pipe));
  return output;
}

const std::string short_run = "run duet --model nemotron-h-56b --workload chat --set model.pattern=M-M*- ";

TEST_CASE("JSON has what readers rely on", "[run][output]") {
  const Output output = duet_vp(short_run + "--batch 1,2,100000 --json -");
  REQUIRE(output.exit_code == 0);
  const Json json = Json::parse(output.text);
  CHECK(json.at("platform") == "duet");
  CHECK(json.at("prompt_tokens") == 90);
  CHECK(json.at("levels").at("arrays") == "tile");
  REQUIRE(json.at("points").size() == 3);
  for (const Json& point : json.at("points")) {
    if (point.at("batch") == 100000) {
      CHECK(point.at("fits") == false);
      CHECK(point.at("reason").get<std::string>().find("GB") != std::string::npos);
      CHECK_FALSE(point.contains("ttft_s"));
      continue;
    }
    CHECK(point.at("fits") == true);
    CHECK(point.at("ttft_s") > 0);
    CHECK(point.at("throughput_tokens_per_s").get<double>() ==
          Approx(point.at("batch").get<double>() / point.at("tbt_s").get<double>()));
    for (const char* name : {"prefill", "decode"}) {
      const Json& phase = point.at(name);
      CHECK(phase.at("memory_bandwidth_utilisation") > 0);
      CHECK(phase.at("flop_per_s").get<double>() == Approx(2 * phase.at("macs_per_s").get<double>()));
      CHECK_FALSE(phase.at("bound").get<std::string>().empty());
      CHECK(phase.at("layer_kinds").size() == 5);
      CHECK(phase.at("floorplan").at("nodes").size() > 20);
      double sum_s = 0;
      for (const Json& kind : phase.at("layer_kinds")) sum_s += kind.at("time_s").get<double>();
      CHECK(sum_s <= phase.at("time_s").get<double>() * 1.000001);
    }
  }
  const double mean =
      (json["points"][0]["ttft_s"].get<double>() + json["points"][1]["ttft_s"].get<double>()) / 2;
  CHECK(json.at("summary").at("mean_ttft_s").get<double>() == Approx(mean));
  CHECK(json.at("summary").contains("median_tbt_s"));
}

TEST_CASE("The summary fits 100 columns and begins with the answer", "[run][output]") {
  const Output output = duet_vp(short_run + "--batch 1,8");
  REQUIRE(output.exit_code == 0);
  std::istringstream lines(output.text);
  std::string line;
  size_t number = 0;
  while (std::getline(lines, line)) {
    INFO(line);
    CHECK(line.size() <= 100);
    if (number == 2) CHECK(line.find("TTFT") != std::string::npos);
    ++number;
  }
  CHECK(number > 20);
  CHECK(output.text.find('\x1b') == std::string::npos);
}

TEST_CASE("A result file is whole or not there", "[run][output]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("result.json");
  REQUIRE(duet_vp(short_run + "--batch 1 --json " + path + " --csv " + path + ".csv").exit_code == 0);
  std::ifstream file(path);
  CHECK_NOTHROW(Json::parse(file));
  // Nothing is left beside it.
  const auto entries =
      std::distance(std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()), {});
  CHECK(entries == 2);
  const Output refused =
      duet_vp(short_run + "--batch 1 --json " + folder.file("no/x.json") + " 2>&1 >/dev/null");
  CHECK(refused.exit_code == 2);
  CHECK(refused.text.find("cannot be written") != std::string::npos);
  // Found before the run, not after it.
  CHECK(duet_vp(short_run + "--batch 1 --csv " + folder.file("") + " 2>/dev/null").text.empty());
}

TEST_CASE("CSV has as many fields in each line", "[run][output]") {
  platform::RunRequest request = short_request();
  request.batches = {1, 100000};
  const std::string csv = platform::result_csv(platform::evaluate(request));
  std::istringstream lines(csv);
  std::string line;
  std::vector<long> commas;
  while (std::getline(lines, line)) commas.push_back(std::ranges::count(line, ','));
  REQUIRE(commas.size() == 3);
  CHECK(commas[1] == commas[0]);
  CHECK(commas[2] == commas[0]);
}

TEST_CASE("User mistakes exit with 2 and name the culprit", "[run][output]") {
  struct Mistake {
    std::string arguments;
    std::string expected;
  };
  const auto mistake = GENERATE(values<Mistake>({
      {"run duet --model nemotron-h-65b --workload chat", "nemotron-h-56b"},
      {"run duet --model nemotron-h-56b --workload caht", "chat"},
      {"run duett --model nemotron-h-56b --workload chat", "duet"},
      {"run duet --model nemotron-h-56b --workload chat --set mapping.stepz=3", "steps"},
      {"run duet --model nemotron-h-56b --workload chat --set model.hidden_sise=3", "hidden_size"},
      {"run duet --model nemotron-h-56b --workload chat --set workload.prompt_tokens=0",
       "--set workload.prompt_tokens=0: prompt_tokens: "},
      {"run duet --model nemotron-h-56b --workload chat --granularity 3", "unit"},
      {"run duet --model nemotron-h-56b --workload chat --batch 0", "batch"},
      {"run duet --model nemotron-h-56b --workload chat --set model.pattern_repeat=3",
       ": packages.prefill.nodes: found 329.4 GB of weights of model nemotron-h-56b, allowed up to 206.2 GB"},
      {"run duet --model nemotron-h-8b --workload chat --set inter_package_link=null",
       "packages.decode.nodes: found 2 inter_package_link nodes, allowed none where the platform has no "},
      {"run duet --model nemotron-h-8b --workload chat --set inter_package_link=null "
       "--set 'packages.decode.nodes=[{type: decode_chiplet, x: 1, y: 0}, {type: hbm3e_stack, x: 0, y: 0}]' "
       "--set 'packages.prefill.nodes=[{type: prefill_chiplet, x: 1, y: 0}, {type: gddr7_phy, x: 0, y: 0}]'",
       "inter_package_link: found nothing, allowed a link, because package prefill hands its caches"},
  }));
  INFO(mistake.arguments);
  const Output output = duet_vp(mistake.arguments + " 2>&1 >/dev/null");
  CHECK(output.exit_code == 2);
  CHECK(output.text.find(mistake.expected) != std::string::npos);
}

TEST_CASE("explain prints choice, prediction and measurement of every stage", "[run][output]") {
  const Output output =
      duet_vp("explain duet --model nemotron-h-56b --workload chat --set model.pattern=M-M*- --batch 2");
  REQUIRE(output.exit_code == 0);
  CHECK(output.text.find("predicted") != std::string::npos);
  CHECK(output.text.find("by heads") != std::string::npos);
  CHECK(output.text.find("rows x columns") != std::string::npos);
}

}  // namespace
