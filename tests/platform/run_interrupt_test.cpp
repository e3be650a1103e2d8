// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, and what a user sees while waiting.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "duet/platform/report/report.hpp"
#include "duet/platform/run/progress_text.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

using namespace duet::platform;
using duet::test::read_text;
using duet::test::run_program;
using duet::test::TemporaryFolder;
using Json = nlohmann::ordered_json;

TEST_CASE("Ctrl-C ends a run with what is known, marked partial", "[run]") {
  const TemporaryFolder folder;
  // The first point is small; with every layer simulated the others take minutes.
  const auto outcome = run_program(
      "timeout --foreground --preserve-status -s INT 6 duet-vp run duet --model nemotron-h-56b --workload "
      "chat --batch "
      "1,64,128,64,128,64,128 --no-reuse-layers --json out.json --report out.html --timeline run.json",
      folder.file("."));
  INFO(outcome.output);
  CHECK(outcome.exit_code == 130);
  CHECK(outcome.output.find("interrupted: the result is partial") != std::string::npos);
  const Json result = Json::parse(read_text(folder.file("out.json")));
  CHECK(result["partial"] == true);
  CHECK(result["points"].size() < 7);
  CHECK(result["points"].back()["partial"] == true);
  CHECK_FALSE(result["points"].back().contains("tbt_s"));
  CHECK(read_text(folder.file("out.html")).find("Interrupted: the figures cover only") != std::string::npos);
  // Traces are whole files up to where the run stood.
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("."))) {
    if (entry.path().filename().string().starts_with("run."))
      CHECK_NOTHROW(Json::parse(read_text(entry.path().string())));
  }
}

TEST_CASE("Ctrl-C ends an experiment with the points that are done", "[run]") {
  const TemporaryFolder folder;
  // The first point takes a second, the second one much longer.
  std::ofstream(folder.file("long.yaml"))
      << "name: long\nplatforms: [duet]\nmodels: [mamba2-130m, nemotron-h-56b]\nworkloads: [chat]\n"
         "batches: [64]\ncommand: [run, '{platform}', --model, '{model}', --workload, '{workload}',\n"
         "  --batch, '{batch}', --no-reuse-layers, --brief, --json, '-']\n";
  const auto outcome = run_program(
      "timeout --foreground --preserve-status -s INT 8 duet-vp experiment long.yaml --output out --jobs 1",
      folder.file("."));
  INFO(outcome.output);
  CHECK(outcome.exit_code == 130);
  CHECK(outcome.output.find(" of 2 points are done and in ") != std::string::npos);
  CHECK(std::filesystem::exists(folder.file("out/results.json")));
}

TEST_CASE("progress says which point, how far, and how much longer", "[run]") {
  RunProgress progress;
  progress.batch = 8;
  progress.phase = "decode";
  progress.phase_share = 0.43;
  CHECK(progress_text(progress) == "batch 8: decode 43 %");
  progress.point = 3;
  progress.points = 8;
  progress.remaining_s = 12.3;
  CHECK(progress_text(progress) == "batch 8 (4 of 8): decode 43 %, about 12 s left");
  progress.remaining_s = 600;
  CHECK(progress_text(progress) == "batch 8 (4 of 8): decode 43 %, about 10 min left");
  progress.point_done = true;
  progress.point_wall_s = 1.94;
  CHECK(progress_text(progress) == "batch 8 (4 of 8): 1.9 s");
}

TEST_CASE("on a terminal a run shows its progress, elsewhere a line a point", "[run]") {
  const TemporaryFolder folder;
  const std::string command =
      "duet-vp run duet --model mamba2-130m --workload chat --batch 1,2 --csv out.csv";
  const auto plain = run_program(command, folder.file("."));
  INFO(plain.output);
  CHECK(run_program("duet-vp run duet --model mamba2-130m --workload chat --batch 1,100000", folder.file("."))
            .output.find("batch 100000 (2 of 2): ") != std::string::npos);
  CHECK(plain.output.find("batch 2 (2 of 2): ") != std::string::npos);
  CHECK(plain.output.find('\x1b') == std::string::npos);
  const auto quiet = run_program(command + " --quiet", folder.file("."));
  CHECK(quiet.output.find("(2 of 2)") == std::string::npos);
  const auto terminal = run_program("script -qec '" + command + "' /dev/null", folder.file("."));
  INFO(terminal.output);
  CHECK(terminal.output.find("batch 2 (2 of 2): prefill ") != std::string::npos);
  CHECK(terminal.output.find(" left") != std::string::npos);
  const auto quiet_terminal =
      run_program("script -qec '" + command + " --quiet' /dev/null", folder.file("."));
  CHECK(quiet_terminal.output.find("(2 of 2)") == std::string::npos);
}
