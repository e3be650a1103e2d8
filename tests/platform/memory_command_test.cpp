// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace {

struct Outcome {
  std::string output;
  int exit_code = -1;
};

Outcome memory_command(const std::string& arguments) {
  const std::string command = "timeout 60 '" DUET_BINARY_DIR "/duet-vp' memory " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  Outcome outcome;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) outcome.output += buffer.data();
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::string micro = DUET_SOURCE_DIR "/tests/reference/dram/micro/";

}  // namespace

TEST_CASE("duet-vp memory runs a peer's trace and writes completions and JSON") {
  const std::string completions = DUET_BINARY_DIR "/memory_command_test.txt";
  const Outcome outcome = memory_command(
      "--standard hbm2_2000 --mapping mapB --scheduler frfcfs --queue 32,32 --refresh none --trace " + micro +
      "hbm2_m2_hit_same_bg.txt --json - --completions " + completions);
  REQUIRE(outcome.exit_code == 0);
  const auto json = nlohmann::json::parse(outcome.output);
  CHECK(json["requests"] == 4);
  CHECK(json["sim_time_ns"] == 44.0);
  CHECK(json["row_hit_rate"] == 0.75);
  CHECK(json["read_latency"]["from_offer"]["max_ns"] == 41.0);
  CHECK(json["energy_pJ"]["read"] == 4 * 891.0);
  CHECK(read_file(completions) ==
        "0 0.000 0.000 32.000\n1 1.000 1.000 36.000\n2 2.000 2.000 40.000\n3 3.000 3.000 44.000\n");
  std::filesystem::remove(completions);
}

TEST_CASE("duet-vp memory writes a VCD with changes and a command trace, and checks the rules") {
  const std::string base = DUET_BINARY_DIR "/memory_command_test";
  const Outcome outcome = memory_command(
      "--standard gddr7_32000 --refresh per-bank --pattern mixed --count 500 --check --mapping " +
      std::string(DUET_SOURCE_DIR "/configs/memory/gddr7_xor.yaml") + " --vcd " + base + ".vcd --commands " +
      base + ".cmd");
  INFO(outcome.output);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output.find("broken timing rules          none") != std::string::npos);
  const std::string vcd = read_file(base + ".vcd");
  CHECK(vcd.find("$enddefinitions") != std::string::npos);
  CHECK(std::count(vcd.begin(), vcd.end(), '#') > 500);
  const std::string commands = read_file(base + ".cmd");
  CHECK(commands.find(" ACT pc0 ") != std::string::npos);
  CHECK(commands.find(" WR pc0 ") != std::string::npos);
  for (const char* suffix : {".vcd", ".gtkw", ".cmd"}) std::filesystem::remove(base + suffix);
}

TEST_CASE("duet-vp memory names what the user got wrong and exits with 2") {
  const auto fails = [](const std::string& arguments, const std::string& message) {
    const Outcome outcome = memory_command(arguments);
    INFO(outcome.output);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.find(message) != std::string::npos);
  };
  fails("--standard hbm9 --pattern random", "found 'hbm9', allowed hbm3e_8000");
  fails("--refresh weekly --pattern random", "found 'weekly', allowed: none, all-bank, per-bank");
  fails("--queue 0,1 --pattern random", "found '0,1'");
  fails("--pattern random --mapping mapZ", "found 'mapZ'");
  fails("--trace /nonexistent", "'/nonexistent' cannot be read");
  fails("--standard ddr4_2400 --refresh per-bank --pattern random",
        "found 'per_bank', which ddr4_2400 does not have");
  fails("", "exactly one of --trace FILE and --pattern NAME");
}
