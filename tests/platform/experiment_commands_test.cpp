// SPDX-License-Identifier: Apache-2.0
// The commands that experiments run besides `run`: area, roofline, estimate-array.
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "duet/platform/experiment/child_process.hpp"

using duet::platform::ChildProcess;
using nlohmann::json;

namespace {

ChildProcess finished(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), DUET_BINARY_DIR "/duet-vp");
  ChildProcess process(arguments);
  while (!process.finished()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return process;
}

json output_of(const std::vector<std::string>& arguments) {
  const ChildProcess process = finished(arguments);
  INFO(process.error_output());
  REQUIRE(process.exit_code() == 0);
  return json::parse(process.output());
}

json roofline(const std::string& phase, const std::string& layer, const std::string& batch) {
  return output_of({"roofline", "--model", "nemotron-h-56b", "--phase", phase, "--layer", layer, "--batch",
                    batch, "--tokens", "4096", "--json", "-"});
}

}  // namespace

TEST_CASE("area of the shipped platform against the paper's limits") {
  const json area = output_of({"area", "duet", "--json", "-"});
  for (const char* package : {"prefill", "decode"}) {
    INFO(package);
    CHECK(area[package]["hydra"]["overhead_share_mm2"] < 121);
    CHECK(area[package]["scaled_one_link"]["overhead_added_mm2"] < 121);
    CHECK(area[package]["interposer_mm2"] < 3000);
    CHECK(area[package]["links"] == 4);
  }
  // duet.md section 4: 935 mW and 3446 mW an array.
  CHECK(area["prefill"]["array_power_28nm_w"].get<double>() == Approx(192 * 0.935));
  CHECK(area["decode"]["array_power_28nm_w"].get<double>() == Approx(96 * 3.446));
}

TEST_CASE("more arrays take more area") {
  const json area =
      output_of({"area", "duet", "--set", "node_types.prefill_chiplet.systolic.count=384", "--json", "-"});
  CHECK(area["prefill"]["scaled"]["overhead_added_mm2"] > 121);
}

TEST_CASE("decode is bound by memory even at batch 80, prefill by compute") {
  for (const char* layer : {"mamba", "mlp", "attention"}) {
    INFO(layer);
    CHECK(roofline("decode", layer, "80")["bound"] == "memory");
    CHECK(roofline("prefill", layer, "1")["bound"] == "compute");
  }
  // Two bytes and two operations a weight: one operation a byte and sequence, less the activations.
  CHECK(roofline("decode", "mlp", "1")["flop_per_byte"].get<double>() == Approx(1).epsilon(0.001));
  CHECK(roofline("decode", "mlp", "80")["flop_per_byte"].get<double>() == Approx(80).epsilon(0.02));
}

TEST_CASE("commands name what they do not know") {
  CHECK(finished({"area", "dute"}).exit_code() == 2);
  CHECK_THAT(finished({"area", "dute"}).error_output(), Catch::Contains("did you mean 'duet'?"));
  CHECK(finished({"roofline", "--model", "mamba-2.8b", "--layer", "mlp"}).exit_code() == 2);
  CHECK(finished({"estimate-array", "systolic", "--set", "row=64"}).exit_code() == 2);
  CHECK(finished({"estimate-array", "vector", "--set", "lanes=12"}).exit_code() == 2);
  CHECK(finished({"estimate-array", "vector", "--set", "local_buffer=32 B"}).exit_code() == 2);
}
