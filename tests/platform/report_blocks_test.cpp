// SPDX-License-Identifier: Apache-2.0
// The blocks of a result that the report draws, from a real run.
#include "duet/platform/report/result_blocks.hpp"

#include <catch2/catch.hpp>

#include "duet/platform/report/report.hpp"
#include "small_run.hpp"

using namespace duet::platform;
using Json = nlohmann::ordered_json;

TEST_CASE("the blocks of a run agree with what the run counted") {
  duet::test::SmallRun small;
  PackageModule& package = small.simulation.package(small.prefill);
  const PackageActivity before = activity_of(package);
  const ProgramRun run = small.run_prefill();
  REQUIRE(run.ok);
  const PackageActivity after = activity_of(package);
  const double time_s = static_cast<double>(run.end_ps - run.start_ps) * 1e-12;

  const Json kinds = layer_kinds_block(run, small.prompt);
  double sum_s = 0;
  double macs = 0;
  uint64_t count = 0;
  for (const Json& kind : kinds) {
    sum_s += kind["time_s"].get<double>();
    macs += kind["macs"].get<double>();
    count += kind["count"].get<uint64_t>();
  }
  // What is left is the driver's wait for the last interrupt.
  CHECK(sum_s <= time_s);
  CHECK(sum_s == Approx(time_s).epsilon(0.05));
  CHECK(count == small.prompt.stages.size());
  double planned_macs = 0;
  for (const auto& stage : small.prompt.stages) planned_macs += static_cast<double>(stage.macs);
  CHECK(macs == Approx(planned_macs));

  const Json floorplan = floorplan_block(package, before, after);
  CHECK(floorplan["nodes"].size() == package.layout().nodes.size());
  CHECK(floorplan["links"].size() > 0);
  for (const char* list : {"nodes", "links"}) {
    for (const Json& entry : floorplan[list]) {
      if (!entry.contains("utilisation")) continue;
      CHECK(entry["utilisation"].get<double>() >= 0);
      CHECK(entry["utilisation"].get<double>() <= 1);
    }
  }

  const Json means = utilisation_block(package, before, after);
  const double peak = package.layout().peak_memory_bytes_per_second();
  const auto bytes = static_cast<double>(run.memory.bytes_read + run.memory.bytes_written);
  CHECK(means["memory"].get<double>() == Approx(bytes / (peak * time_s)).epsilon(0.02));
  CHECK(means["arrays"].get<double>() > 0);

  const Json timeline = timeline_block(run, small.prompt, package.layout());
  CHECK(timeline.size() == run.records.size());
  for (const Json& event : timeline) {
    CHECK(event["start_s"].get<double>() + event["duration_s"].get<double>() <= time_s * 1.000001);
  }
  CHECK(timeline_block(run, small.prompt, package.layout(), 5).size() == 5);
  CHECK(timeline_dropped(run, 5) == run.records.size() - 5);

  const Json over_time = utilisation_over_time_block(package, {before, after});
  CHECK(over_time["interval_s"].get<double>() == Approx(time_s).epsilon(0.02));
  CHECK(over_time["series"][2]["values"][0] == means["memory"]);

  // And a report takes them.
  const Json result = {{"points",
                        {{{"batch", 1},
                          {"ttft_s", time_s},
                          {"prefill",
                           {{"layer_kinds", kinds},
                            {"floorplan", floorplan},
                            {"timeline", timeline},
                            {"utilisation_over_time", over_time}}}}}}};
  const std::string page = render_report({{"run", result}});
  CHECK(page.find("mamba ssm") != std::string::npos);
}
