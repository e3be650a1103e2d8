// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/child_process.hpp"
#include "duet/platform/experiment/local_engine.hpp"
#include "duet/platform/experiment/run_experiment.hpp"
#include "platform/experiment_support.hpp"

using namespace duet;
using namespace duet::platform;
using test::experiment_from;
using test::read_file;

namespace {

const platform::ConfigLibrary configs(DUET_SOURCE_DIR "/configs");
const std::string duet_vp = DUET_BINARY_DIR "/duet-vp";

/// Prints what `run` prints for one batch size, which is the first argument.
const char* const fake_run =
    "printf '{\"version\": \"1\", \"wall_time_s\": %s, \"points\": [{\"batch\": %s, \"ttft_s\": 0.%s}]}' $$ "
    "$1 $1\n";

ExperimentDescription batches_experiment() {
  return experiment_from(
      "name: e\nbatches: [1, 2, 3, 4, 5]\ncommand: ['{batch}']\n"
      "tables: [{name: t, value: ttft_s, rows: batch, columns: []}]\n");
}

std::size_t point_files(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "points")) {
    count += entry.path().extension() == ".json";
  }
  return count;
}

}  // namespace

TEST_CASE("points run as processes and their results are collected") {
  test::TemporaryFolder folder;
  const auto program = test::write_program(folder, fake_run);
  const auto experiment = batches_experiment();
  const auto points = plan_points(experiment, configs, program);
  const PointStore store(folder.path / "out");
  std::vector<std::size_t> progress;
  run_locally(points, store, {program, 3, 60, [&](std::size_t done, std::size_t, std::size_t) {
                                progress.push_back(done);
                              }});
  CHECK(progress == std::vector<std::size_t>{1, 2, 3, 4, 5});
  const auto outcome = collect_results(experiment, points, store, "1.2");
  CHECK(outcome.failures.empty());
  REQUIRE(outcome.results.rows().size() == 5);
  CHECK(outcome.results.rows()[3].number("ttft_s") == 0.4);
  CHECK(outcome.results.rows()[3].text("version") == "1");
  CHECK_FALSE(outcome.results.rows()[3].text("wall_time_s"));
  CHECK(read_file(folder.path / "out/results.csv").find("\n4,0.4,1\n") != std::string::npos);
  CHECK(read_file(folder.path / "out/tables/t.csv") == "batch,ttft_s\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n5,0.5\n");
  CHECK(load_results(folder.path / "out/results.json").rows().size() == 5);
  const auto document = nlohmann::json::parse(read_file(folder.path / "out/results.json"));
  CHECK(document.at("runs").at(0).at("version") == "1");  // what was run
}

TEST_CASE("published figures stand beside the results that were made") {
  test::TemporaryFolder folder;
  const auto program = test::write_program(folder, fake_run);
  auto experiment = batches_experiment();
  experiment.platforms = {"duet", "b200"};
  experiment.models = {"nemotron-h-8b"};
  experiment.workloads = {"chat"};
  const auto points = plan_points(experiment, configs, program);
  const PointStore store(folder.path / "out");
  run_locally(points, store, {program, 2, 60, {}});
  PublishedDescription published;
  published.base = "duet";
  published.metrics.emplace_back().name = "ttft_s";
  published.cells = {{"ttft_s", "nemotron-h-8b", "chat", 0.001, {{"duet", 200}, {"b200", 600}}},
                     {"ttft_s", "llama3-8b", "chat", 0.001, {{"duet", 12}}}};
  collect_results(experiment, points, store, "1", &published);
  const auto rows = nlohmann::json::parse(read_file(folder.path / "out/results.json")).at("published");
  REQUIRE(rows.size() == 2);  // nobody ran llama3-8b
  for (const auto& row : rows) {
    CHECK(row.at("model") == "nemotron-h-8b");
    CHECK(row.at("unit") == "s");
    CHECK(row.at("measured").get<double>() == Approx(0.3));  // mean of 0.1 to 0.5
    CHECK(row.at("published").get<double>() == Approx(row.at("system") == "duet" ? 0.2 : 0.6));
  }
}

TEST_CASE("what has run does not run again; what was cut short does") {
  test::TemporaryFolder folder;
  const auto program =
      test::write_program(folder, "echo x >> " + (folder.path / "log").string() + "\n" + fake_run);
  const auto experiment = batches_experiment();
  const auto points = plan_points(experiment, configs, program);
  const PointStore store(folder.path / "out");
  run_locally(store.missing(points), store, {program, 2, 60, {}});
  collect_results(experiment, points, store, "1");
  const std::string before = read_file(folder.path / "out/results.json");
  CHECK(store.missing(points).empty());
  // A part of a file, as a full disk leaves it, and a lost file.
  const auto file = [&](int i) { return folder.path / "out/points" / (points[i].key + ".json"); };
  std::filesystem::resize_file(file(1), 20);
  std::filesystem::remove(file(4));
  REQUIRE(store.missing(points).size() == 2);
  run_locally(store.missing(points), store, {program, 2, 60, {}});
  collect_results(experiment, points, store, "1");
  CHECK(read_file(folder.path / "out/results.json") == before);
  CHECK(read_file(folder.path / "log").size() == 2 * (5 + 2));
}

TEST_CASE("a point that fails is told and does not stop the others") {
  test::TemporaryFolder folder;
  const auto program = test::write_program(folder,
                                           "case $1 in\n"
                                           "  1) echo reading >&2; echo 'bad model' >&2; exit 2;;\n"
                                           "  2) kill -9 $$;;\n"
                                           "  3) exec sleep 60;;\n"
                                           "  4) echo no json;;\n"
                                           "esac\n" +
                                               std::string(fake_run));
  const auto experiment = batches_experiment();
  const auto points = plan_points(experiment, configs, program);
  const PointStore store(folder.path / "out");
  run_locally(points, store, {program, 5, 4.0, {}});
  const auto outcome = collect_results(experiment, points, store, "1");
  CHECK(outcome.results.rows().size() == 1);
  REQUIRE(outcome.failures.size() == 4);
  CHECK(outcome.failures[0] == "batch 1: exit code 2: bad model");
  CHECK(outcome.failures[1] == "batch 2: signal 9: ");
  CHECK(outcome.failures[2] == "batch 3: stopped after 4 s");
  CHECK_THAT(outcome.failures[3], Catch::StartsWith("batch 4: printed no JSON: no json"));
}

TEST_CASE("a killed experiment goes on where it was, with the same results") {
  test::TemporaryFolder folder;
  const auto whole = folder.path / "whole", cut = folder.path / "cut", file = folder.path / "space.yaml";
  test::write_file(file,
                   "name: space\n"
                   "command: [estimate-array, vector, --json, '-']\n"
                   "axes: {rows: [2, 4, 8, 16, 32], columns: [2, 4, 8, 16], lanes: [8, 16, 32, 64]}\n"
                   "figures: [{name: trade, x: area_mm2, y: latency_s, series: lanes, pareto: true}]\n");
  const auto command = [&](const std::filesystem::path& output) {
    return std::vector<std::string>{duet_vp, "experiment", file.string(), "-o", output.string(), "-j", "1"};
  };
  const auto finish = [](ChildProcess& process) {
    while (!process.finished()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return process.exit_code();
  };
  ChildProcess all(command(whole));
  REQUIRE(finish(all) == 0);
  std::size_t left = 0;
  {
    ChildProcess killed(command(cut));
    while (!std::filesystem::exists(cut / "points") || point_files(cut) < 3) {
      REQUIRE_FALSE(killed.finished());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    killed.kill();
    finish(killed);
    left = point_files(cut);
  }
  CHECK(left < 80);
  CHECK_FALSE(std::filesystem::exists(cut / "results.json"));
  ChildProcess resumed(command(cut));
  CHECK(finish(resumed) == 0);
  CHECK(read_file(cut / "results.json") == read_file(whole / "results.json"));
  CHECK(read_file(cut / "results.csv") == read_file(whole / "results.csv"));
  CHECK(read_file(cut / "figures/trade.svg") == read_file(whole / "figures/trade.svg"));
}

TEST_CASE("the paper's systolic array lies on the front of its design space") {
  test::TemporaryFolder folder;
  ChildProcess process({duet_vp, "experiment", "figure5a", "-o", folder.path.string(), "-j", "2"});
  while (!process.finished()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(process.exit_code() == 0);
  const auto results = load_results(folder.path / "results.json");
  double latency = 0, area = 0;
  for (const auto& row : results.rows()) {
    if (row.matches({{"rows", "64"}, {"columns", "32"}})) {
      latency = *row.number("latency_s");
      area = *row.number("area_mm2");
    }
  }
  REQUIRE(latency > 0);
  for (const auto& row : results.rows()) {
    INFO(row.inputs.at("rows") << " x " << row.inputs.at("columns"));
    if (*row.number("area_mm2") <= area) CHECK(*row.number("latency_s") >= latency / 1.05);
    if (*row.number("latency_s") <= latency) CHECK(*row.number("area_mm2") >= area / 1.05);
  }
}
