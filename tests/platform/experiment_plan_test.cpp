// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/experiment_plan.hpp"

#include <catch2/catch.hpp>

#include "duet/core/error.hpp"
#include "platform/experiment_support.hpp"

using namespace duet;
using platform::plan_points;
using test::experiment_from;

namespace {

const platform::ConfigLibrary configs(DUET_SOURCE_DIR "/configs");
const std::filesystem::path program = "/bin/sh";

}  // namespace

TEST_CASE("an experiment crosses all inputs, batches fastest") {
  const auto points = plan_points(
      experiment_from("name: e\n"
                      "models: [llama3-8b, zamba2-7b]\n"
                      "workloads: [chat]\n"
                      "batches: [1, 2, 4]\n"
                      "command: [run, --model, '{model}', --batch, '{batch}', 'x-{workload}']\n"
                      "axes: {packages.prefill.clock: [700 MHz, 1 GHz]}\n"
                      "variants: [{name: plain}, {name: two, set: [model.mlp.matrices=2, a=b]}]\n"),
      configs, program);
  REQUIRE(points.size() == 2 * 3 * 2 * 2);
  CHECK(points[0].inputs.at("model") == "llama3-8b");
  CHECK(points[1].inputs.at("batch") == "2");
  CHECK(points[0].arguments[2] == (configs.root() / "models/llama3-8b.yaml").string());
  CHECK(points[0].arguments[5] == "x-" + (configs.root() / "workloads/chat.yaml").string());
  const auto& last = points.back();
  CHECK(last.inputs.at("variant") == "two");
  const std::vector<std::string> settings(last.arguments.begin() + 6, last.arguments.end());
  CHECK(settings == std::vector<std::string>{"--set", "packages.prefill.clock=1 GHz", "--set",
                                             "model.mlp.matrices=2", "--set", "a=b"});
  for (std::size_t i = 0; i < points.size(); ++i) CHECK(points[i].index == i);
}

TEST_CASE("a point's key follows what it depends on") {
  test::TemporaryFolder folder;
  const auto model = folder.path / "m.yaml";
  const auto base = folder.path / "base.yaml";
  test::write_file(base, "hidden_size: 4\n");
  test::write_file(model, "include: base.yaml\nname: m\n");
  const auto tool = test::write_program(folder, "echo 1");
  const auto key = [&](const std::string& more) {
    return plan_points(experiment_from("name: e\nmodels: [" + model.string() +
                                       "]\ncommand: [run, '{model}']\n" + more),
                       configs, tool)
        .front()
        .key;
  };
  const std::string first = key("");
  CHECK(key("") == first);
  CHECK(key("description: words do not matter\n") == first);
  CHECK(key("axes: {a: [1]}\n") != first);
  test::write_file(base, "hidden_size: 8\n");
  const std::string changed = key("");
  CHECK(changed != first);
  test::write_program(folder, "echo 2");
  CHECK(key("") != changed);
}

TEST_CASE("mistakes of an experiment are found before anything runs") {
  const auto plan = [](const std::string& yaml) {
    return plan_points(experiment_from(yaml), configs, program);
  };
  CHECK_THROWS_WITH(plan("name: e\nmodels: [llama3-8c]\n"),
                    Catch::Contains("found 'llama3-8c'") && Catch::Contains("did you mean 'llama3-8b'?"));
  CHECK_THROWS_WITH(plan("name: e\nmodels: [llama3-8b]\n"), Catch::Contains("{platform} has no values"));
  CHECK_THROWS_WITH(plan("name: e\ncommand: [a]\naxes: {b: [1, 1]}\n"),
                    Catch::Contains("found a value twice"));
  CHECK_THROWS_AS(plan("name: e\ncommand: [a]\nvariants: [{name: x}, {name: y}]\n"), core::UserError);
  CHECK_THROWS_WITH(experiment_from("name: e\nmodel: [llama3-8b]\n"),
                    Catch::Contains("did you mean 'models'?"));
}

TEST_CASE("every shipped experiment loads") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(configs.root() / "experiments")) {
    if (entry.path().extension() != ".yaml" || entry.path().stem() == "published") continue;
    INFO(entry.path());
    const auto experiment = platform::load_config<platform::ExperimentDescription>(entry.path());
    CHECK(experiment.name == entry.path().stem());
    ++count;
  }
  CHECK(count >= 2);
}
