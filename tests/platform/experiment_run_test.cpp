// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/child_process.hpp"
#include "duet/platform/experiment/design_space.hpp"
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

int finish(ChildProcess& process) {
  while (!process.finished()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return process.exit_code();
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

TEST_CASE("results of another program stay until it has run everything again") {
  test::TemporaryFolder folder;
  const auto experiment = batches_experiment();
  const PointStore store(folder.path / "out");
  const auto points_of = [&](const std::string& program) {
    return plan_points(experiment, configs, test::write_program(folder, program));
  };
  const auto old_points = points_of(fake_run);
  CHECK(rows_to_lose(old_points, store) == 0);  // there are no results yet
  run_locally(old_points, store, {folder.path / "program.sh", 2, 60, {}});
  collect_results(experiment, old_points, store, "1");
  CHECK(rows_to_lose(old_points, store) == 0);

  const auto points = points_of("[ $1 = 5 ] && exit 2\n" + std::string(fake_run));
  CHECK(rows_to_lose(points, store) == 5);
  run_locally({points[0], points[4]}, store, {folder.path / "program.sh", 2, 60, {}});
  CHECK(rows_to_lose(points, store) ==
        3);  // the fifth has failed: what it was before is no result of this program
  auto larger = experiment;
  larger.batches = {1, 6};
  CHECK(rows_to_lose(plan_points(larger, configs, folder.path / "program.sh"), store) == 0);
  run_locally(store.missing(points), store, {folder.path / "program.sh", 2, 60, {}});
  CHECK(rows_to_lose(points, store) == 0);
}

TEST_CASE("collecting with another program refuses and leaves the results as they are") {
  test::TemporaryFolder folder;
  const auto file = folder.path / "space.yaml", output = folder.path / "out";
  const std::string other = (folder.path / "duet-vp").string();  // the same but for a byte behind its end
  std::filesystem::copy_file(duet_vp, other);
  std::ofstream(other, std::ios::app) << '\n';
  test::write_file(
      file,
      "name: space\ncommand: [estimate-array, vector, --json, '-']\naxes: {rows: [2, 4], lanes: [8, 16]}\n"
      "tables: [{name: t, value: latency_s, rows: rows, columns: [lanes]}]\n");
  const auto start = [&](const std::string& program, const std::vector<std::string>& more) {
    std::vector<std::string> command{program, "experiment", file.string(), "-o", output.string(), "-j", "1"};
    command.insert(command.end(), more.begin(), more.end());
    return ChildProcess(command);
  };
  ChildProcess nothing = start(duet_vp, {"--collect"});
  CHECK(finish(nothing) == 2);
  CHECK_THAT(nothing.error_output(), Catch::Contains("found no point"));
  CHECK_FALSE(std::filesystem::exists(output / "results.json"));
  ChildProcess first = start(duet_vp, {});
  REQUIRE(finish(first) == 0);
  const std::string before = read_file(output / "results.json"), table = read_file(output / "tables/t.csv");
  ChildProcess refused = start(other, {"--collect"});
  CHECK(finish(refused) == 2);
  CHECK_THAT(refused.error_output(),
             Catch::Contains("results.json stays as it is: 4 of its points have not run") &&
                 Catch::Contains("0 of 4"));
  CHECK(read_file(output / "results.json") == before);
  CHECK(read_file(output / "tables/t.csv") == table);
  ChildProcess own = start(duet_vp, {"--collect"});
  CHECK(finish(own) == 0);
  ChildProcess again = start(other, {});
  CHECK(finish(again) == 0);
  CHECK(point_files(output) == 8);
  ChildProcess collected = start(other, {"--collect"});
  CHECK(finish(collected) == 0);
  CHECK(read_file(output / "tables/t.csv") == table);
}

TEST_CASE("the paper's arrays lie on the fronts of their design spaces, or within 5 %") {
  const bool vector = GENERATE(false, true);
  const std::map<std::string, std::string> chosen =
      vector ? std::map<std::string, std::string>{{"rows", "16"}, {"columns", "8"}, {"lanes", "32"}}
             : std::map<std::string, std::string>{{"rows", "64"}, {"columns", "32"}};
  test::TemporaryFolder folder;
  const std::string name = vector ? "figure5b" : "figure5a";
  ChildProcess process({duet_vp, "experiment", name, "-o", folder.path.string(), "-j", "2", "--set",
                        vector ? "axes.states=[256]" : "name=figure5a"});
  CHECK(finish(process) == 0);
  const auto results = load_results(folder.path / "results.json");
  CHECK(results.rows().size() == (vector ? 200 : 36));
  std::size_t found = 0;
  for (const ResultRow& row : results.rows()) {
    if (!row.matches(chosen)) continue;
    ++found;
    for (const ResultRow& other : results.rows()) {
      if (other.text("bypass") != row.text("bypass")) continue;
      INFO(nlohmann::json(other.inputs).dump());
      if (*other.number("area_mm2") <= *row.number("area_mm2"))
        CHECK(*other.number("latency_s") >= *row.number("latency_s") / 1.05);
      // Fewer columns need fewer SFUs for one token, so smaller vector-unit arrays are as fast; see the
      // page's least area.
      if (!vector && *other.number("latency_s") <= *row.number("latency_s"))
        CHECK(*other.number("area_mm2") >= *row.number("area_mm2") / 1.05);
    }
  }
  CHECK(found == (vector ? 2 : 1));
  const auto spaces = load_design_spaces(folder.path / "results.json");
  const std::string section = design_space_section(spaces, 0.05);
  CHECK(spaces.size() == found);
  CHECK_THAT(section, Catch::Contains("(met)") && !Catch::Contains("missed"));
}
