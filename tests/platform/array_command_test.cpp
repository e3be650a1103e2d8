// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet::test;

namespace {

struct Outcome {
  int code = 0;
  std::string text;
};

Outcome run(const std::string& arguments) {
  const std::string command = "timeout 20 '" DUET_BINARY_DIR "/duet-vp' array " + arguments + " 2>&1";
  Outcome outcome;
  std::FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  size_t count = 0;
  while ((count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0)
    outcome.text.append(buffer.data(), count);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

nlohmann::json json_of(const std::string& arguments) {
  const Outcome outcome = run(arguments + " --json -");
  INFO(outcome.text);
  REQUIRE(outcome.code == 0);
  return nlohmann::json::parse(outcome.text);
}

}  // namespace

TEST_CASE("array gemm prints the output-stationary cycles, at both levels alike") {
  const std::string kernel =
      "gemm --rows 64 --cols 32 --m 128 --k 256 --n 64 --sram-bandwidth unlimited --schedule plain";
  nlohmann::json tile = json_of(kernel + " --level tile");
  CHECK(tile["compute_cycles"] == 4 * (256 + 64 + 32 - 2));
  CHECK(tile["cycles"] == 4 * (256 + 64 + 32 - 2) + 32);
  CHECK(tile["utilisation"].get<double>() <= 1.0);
  nlohmann::json pe = json_of(kernel + " --level pe");
  pe.erase("checksum");
  pe.erase("level");
  tile.erase("level");
  CHECK(pe == tile);
}

TEST_CASE("all kernels run at both levels with the same figures") {
  for (const std::string kernel :
       {"ssm --rows 16 --cols 8 --tokens 40 --channels 30 --states 20 --chunk 16 --sram-bandwidth '40 GB/s'",
        "ssm --rows 16 --cols 8 --tokens 20 --channels 20 --states 8 --mamba1",
        "gemv --rows 4 --cols 2 --lanes 8 --n 70 --k 90 --vectors 3 --sram-bandwidth '60 GB/s'",
        "attention --rows 4 --cols 2 --lanes 8 --queries 3 --head-size 20 --context 70 --sfu-units 4",
        "ssm-decode --rows 4 --cols 2 --lanes 8 --channels 40 --states 24 --fuse false"}) {
    INFO(kernel);
    nlohmann::json tile = json_of(kernel + " --level tile");
    nlohmann::json pe = json_of(kernel + " --level pe");
    for (nlohmann::json* json : {&tile, &pe}) {
      json->erase("checksum");
      json->erase("level");
    }
    CHECK(pe == tile);
    CHECK(tile["traffic"]["sram_read_bytes"] > 0);
  }
}

TEST_CASE("segments of the SFU change values and no cycle, units change cycles") {
  const std::string kernel = "ssm --rows 16 --cols 8 --tokens 20 --channels 16 --states 8 --level pe ";
  nlohmann::json exact = json_of(kernel + "--sfu-exact");
  nlohmann::json coarse = json_of(kernel + "--sfu-segments 4");
  CHECK(exact["checksum"] != coarse["checksum"]);
  CHECK(exact["cycles"] == coarse["cycles"]);
  const nlohmann::json slow = json_of(kernel + "--sfu-units 1");
  CHECK(slow["cycles"] > exact["cycles"]);
  CHECK(slow["stalls"]["sfu"] > 0);
}

TEST_CASE("an SSM with --fuse false moves the intermediates, the same one fused moves none") {
  const std::string kernel = "ssm --tokens 64 --channels 64 --states 32";
  const nlohmann::json fused = json_of(kernel)["traffic"];
  const nlohmann::json unfused = json_of(kernel + " --fuse false")["traffic"];
  const auto total = [](const nlohmann::json& traffic) {
    return traffic["sram_read_bytes"].get<uint64_t>() + traffic["sram_write_bytes"].get<uint64_t>();
  };
  CHECK(fused["intermediate_bytes"] == 0);
  CHECK(unfused["intermediate_bytes"] == 7 * 4 * 64 * 64 * 32);
  CHECK(total(unfused) == total(fused) + unfused["intermediate_bytes"].get<uint64_t>());
}

TEST_CASE("utilisation is never above one, arrays that are not square included") {
  for (const std::string size : {"--rows 4 --cols 64", "--rows 64 --cols 4", "--rows 1 --cols 128"}) {
    for (const std::string schedule : {"plain", "overlapped"}) {
      const nlohmann::json json = json_of("gemm --m 256 --k 4096 --n 256 --sram-bandwidth unlimited " + size +
                                          " --schedule " + schedule);
      CHECK(json["utilisation"] <= 1.0);
      CHECK(json["compute_utilisation"] <= 1.0);
      CHECK(json["utilisation"] > 0.9);
    }
  }
}

TEST_CASE("waveforms of a scope and a window, with a savefile beside them") {
  const TemporaryFolder folder;
  const std::string vcd = folder.file("ssm.vcd");
  const Outcome outcome = run("ssm --rows 8 --cols 8 --tokens 64 --channels 8 --states 8 --level pe --vcd '" +
                              vcd + "' --vcd-scope 'array.pe[0..3][0..3]' --vcd-window 10:100");
  INFO(outcome.text);
  REQUIRE(outcome.code == 0);
  const VcdFile file = read_vcd(vcd);
  CHECK(file.signals.count("array.pe[3][3].ssm1") == 1);
  CHECK(file.signals.count("array.pe[4][0].ssm1") == 0);
  CHECK(file.signals.at("array.pe[1][1].accumulator").changes.size() > 20);
  CHECK(read_text(folder.file("ssm.gtkw")).find("ssm1") != std::string::npos);
}

TEST_CASE("mistakes on the command line end with exit code 2 and say what is allowed") {
  const auto fails = [](const std::string& arguments, const std::string& expected) {
    const Outcome outcome = run(arguments);
    INFO(outcome.text);
    CHECK(outcome.code == 2);
    CHECK(outcome.text.find(expected) != std::string::npos);
  };
  fails("gemm --m 3 --k 3 --n 3 --sram-bandwidth 256", "256 GB/s");
  fails("gemm --m 3 --k 3 --n 3 --schedule best", "plain, overlapped");
  fails("gemm --m 0 --k 3 --n 3", "--m");
  fails("gemm --m 3 --k 3", "--n");
  fails("gemm --m 3 --k 3 --n 3 --vcd x.vcd", "--level pe");
  fails("gemm --m 3 --k 3 --n 3 --level pe --vcd /tmp/x.vcd --vcd-window 9", "100:400");
  fails("gemv --n 3 --k 3 --lanes 12", "power of two");
  fails("attention --head-size 3", "--context");
  fails("gemm --m 3 --k 3 --n 3 --vcd-window 1:9", "--vcd");
  fails("gemm --m 3 --k 3 --n 3 --level pe --vcd-scope array", "--vcd");
  fails("gemm --m 3 --k 3 --n 3 --clock 0Hz", "1 MHz to 10 GHz");
  fails("ssm --tokens 3 --channels 3 --states 3 --clock '-1 MHz'", "1 MHz to 10 GHz");
  fails("ssm --tokens 3 --channels 3 --states 3 --chunk -1", "--chunk");
  fails("gemv --n 3 --k 3 --local-buffer 63", "at least 64");
  fails("gemm --m 16777216 --k 16777216 --n 16777216", "at most 1e+17");
  fails("ssm --tokens 16777216 --channels 16777216 --states 16777216", "at most 1e+17");
}
