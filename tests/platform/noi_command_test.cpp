// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace {

struct Outcome {
  int status;
  std::string output;
};

/// Runs duet-vp noi with these arguments; standard output and error together.
Outcome noi(const std::string& arguments) {
  std::string command = DUET_BINARY_DIR;
  command.append("/duet-vp noi ").append(arguments).append(" 2>&1");
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Outcome outcome{0, {}};
  std::array<char, 4096> buffer{};
  while (const size_t count = fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.output.append(buffer.data(), count);
  outcome.status = WEXITSTATUS(pclose(pipe));
  return outcome;
}

}  // namespace

TEST_CASE("noi prints a latency-load curve as JSON, the same each time") {
  const std::string arguments =
      "--mesh 4x4 --traffic uniform --vcs 4 --buffer-flits 8 --packet-flits 8 --link-cycles 1 --pipeline p4 "
      "--load 0.1,0.3 --seed 1 --level flit --cycles 10000 --json -";
  const Outcome first = noi(arguments);
  REQUIRE(first.status == 0);
  const auto json = nlohmann::json::parse(first.output);
  REQUIRE(json.at("points").size() == 2);
  // BookSim's 28.14 and 33.27 cycles.
  CHECK(json["points"][0].at("packet_latency_cycles").get<double>() == Approx(28.14).epsilon(0.02));
  CHECK(json["points"][1].at("packet_latency_cycles").get<double>() == Approx(33.27).epsilon(0.03));
  CHECK(json["points"][1].at("accepted_flits_per_node_cycle").get<double>() == Approx(0.3).epsilon(0.03));
  CHECK(json["points"][1].at("stable").get<bool>());
  CHECK(json["points"][0].at("load").get<double>() == 0.1);
  CHECK(noi(arguments).output == first.output);
}

TEST_CASE("a platform's network is measured at the platform's level unless another one is asked for") {
  const std::string platform = std::string(DUET_SOURCE_DIR).append("/configs/platforms/duet.yaml");
  const std::string arguments = "--platform " + platform + " --package decode --load 0.05 --cycles 2000";
  const Outcome own = noi(arguments + " --json -");
  REQUIRE(own.status == 0);
  CHECK(nlohmann::json::parse(own.output).at("level") == "packet");
  // Its links are faster than a flit of 256 B a cycle.
  const Outcome refused = noi(arguments + " --level flit");
  CHECK(refused.status == 2);
  CHECK(refused.output.find("flit_bytes") != std::string::npos);
  const Outcome larger =
      noi(arguments + " --level flit --set 'packages.decode.noi.flit_bytes=1024 B' --json -");
  REQUIRE(larger.status == 0);
  CHECK(nlohmann::json::parse(larger.output).at("level") == "flit");
}

TEST_CASE("a packet of any length is one packet of the network") {
  // One virtual channel gives at most L / (L + routing + VC allocation + switch allocation - 1) of a link:
  // 0.97 for 64 flits, 0.89 if they went as packets of 16.
  const Outcome outcome = noi(
      "--mesh 2x1 --traffic neighbour --vcs 1 --buffer-flits 16 --packet-flits 64 --load 0.85 --warmup 2000 "
      "--cycles 20000 --json -");
  REQUIRE(outcome.status == 0);
  CHECK(nlohmann::json::parse(outcome.output)["points"][0].at("stable").get<bool>());
}

TEST_CASE("noi knows all patterns at both levels and draws a heat map") {
  const std::string svg = std::string(DUET_BINARY_DIR).append("/noi_command_test.svg");
  for (const char* traffic : {"uniform", "transpose", "hotspot:5:5", "neighbour"}) {
    for (const char* level : {"flit", "packet"}) {
      std::ostringstream arguments;
      arguments << "--mesh 5x3 --traffic " << traffic << " --level " << level
                << " --load 0.1 --warmup 500 --cycles 2000 --json - --svg " << svg;
      INFO(arguments.str());
      const Outcome outcome = noi(arguments.str());
      REQUIRE(outcome.status == 0);
      CHECK(nlohmann::json::parse(outcome.output)["points"][0]["stable"].get<bool>());
    }
  }
  std::ifstream file(svg);
  std::stringstream text;
  text << file.rdbuf();
  size_t links = 0;
  for (size_t at = text.str().find("<line"); at != std::string::npos; at = text.str().find("<line", at + 1))
    ++links;
  CHECK(links == 2 * (4 * 3 + 5 * 2));
}

TEST_CASE("noi runs a trace") {
  const std::string trace = std::string(DUET_BINARY_DIR).append("/noi_command_test.csv");
  std::ofstream(trace) << "# cycle,source,destination,bytes\n0,0,15,256\n100,3,3,256\n";
  const Outcome outcome = noi(std::string("--mesh 4x4 --json - --trace ").append(trace));
  REQUIRE(outcome.status == 0);
  // 7 + 6 * 5 cycles and 7 cycles.
  CHECK(nlohmann::json::parse(outcome.output)["points"][0]["packet_latency_cycles"].get<double>() == 22.0);
}

TEST_CASE("noi measures the network of a package") {
  std::string arguments = "--platform ";
  arguments.append(DUET_SOURCE_DIR)
      .append(
          "/configs/platforms/duet.yaml --package decode --level packet --load 0.1 --cycles 2000 --json -");
  const Outcome outcome = noi(arguments);
  INFO(outcome.output);
  REQUIRE(outcome.status == 0);
  const auto json = nlohmann::json::parse(outcome.output);
  CHECK(json.at("columns").get<int>() * json.at("rows").get<int>() >= 20);
}

TEST_CASE("a user's mistake in noi has exit code 2 and says what is allowed") {
  for (const char* arguments : {"--mesh 4by4", "--traffic sideways", "--traffic hotspot:99:2",
                                "--level fluid", "--pipeline p7", "--load 2", "--trace /nonexistent"}) {
    INFO(arguments);
    const Outcome outcome = noi(arguments);
    CHECK(outcome.status == 2);
    CHECK_THAT(outcome.output, Catch::Contains("allowed") || Catch::Contains("cannot read"));
  }
}
