// SPDX-License-Identifier: Apache-2.0
// The traces and the report of 'duet-vp run', as a user gets them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "duet/platform/report/run_tracer.hpp"
#include "support/chrome_trace_schema.hpp"
#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using duet::test::read_text;
using duet::test::run_program;
using duet::test::TemporaryFolder;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

const std::string small =
    "duet-vp run duet --model mamba2-130m --workload chat --set workload.prompt_tokens=64 --set "
    "model.pattern_repeat=6 ";

constexpr uint64_t never = ~uint64_t{0};

// The first change to `value` ("" = any but "x" and "0"), from a time on, of a signal whose name begins and
// ends so.
uint64_t first_change(const duet::test::VcdFile& vcd, const std::string& begin, const std::string& end,
                      const std::string& value, uint64_t from_ps) {
  uint64_t first_ps = never;
  for (const auto& [name, signal] : vcd.signals) {
    if (!name.starts_with(begin) || !name.ends_with(end)) continue;
    for (const auto& [time_ps, text] : signal.changes) {
      const bool wanted = value.empty() ? text != "x" && text != "0" : text == value;
      if (time_ps >= from_ps && wanted) first_ps = std::min(first_ps, time_ps);
    }
  }
  return first_ps;
}

}  // namespace

TEST_CASE("one VCD of a whole run shows a layer's path in order", "[run][trace]") {
  const TemporaryFolder folder;
  const auto outcome = run_program(
      small + "--batch 1 --no-reuse-layers --vcd run.vcd --timeline run.json --transactions run.csv",
      folder.file("."));
  INFO(outcome.output);
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.output.find("note: trace of the prefill, batch 1, estimated: VCD ") != std::string::npos);
  CHECK(outcome.output.find("warning") == std::string::npos);
  CHECK(fs::exists(folder.file("run.gtkw")));

  const auto vcd = duet::test::read_vcd(folder.file("run.vcd"));
  const uint64_t access = first_change(vcd, "prefill.driver", ".register_access", "1", 0);
  const uint64_t doorbell = first_change(vcd, "prefill.chiplet", ".doorbell", "1", access);
  const uint64_t mode = first_change(vcd, "prefill.chiplet", ".mode_bits", "", access);
  const uint64_t channel = first_change(vcd, "prefill.memory", ".transactions", "", doorbell);
  const uint64_t link = first_change(vcd, "prefill.noi.link", ".transactions", "", doorbell);
  const uint64_t weights = first_change(vcd, "prefill.chiplet", ".systolic.operands_arrived", "1", doorbell);
  const uint64_t compute = first_change(vcd, "prefill.chiplet", ".systolic.state", "compute", weights);
  const uint64_t ssm = first_change(vcd, "prefill.chiplet", ".systolic.state", "switch_mode", compute);
  const uint64_t hand_over = first_change(vcd, "inter_package_link", ".from_prefill", "", compute);
  const uint64_t decode_bell = first_change(vcd, "decode.chiplet", ".doorbell", "1", 0);
  const uint64_t decode_compute =
      first_change(vcd, "decode.chiplet", ".vector.state", "compute", decode_bell);
  CHECK(access <= doorbell);
  CHECK(doorbell <= mode);
  CHECK(doorbell <= channel);
  CHECK(channel < weights);
  CHECK(link < weights);
  CHECK(weights <= compute);
  CHECK(compute < ssm);
  CHECK(compute < hand_over);
  CHECK(hand_over < decode_bell);
  CHECK(decode_bell < decode_compute);
  CHECK(decode_compute < never);
  // Nothing is left under way when the hand-over is over, and at the end.
  for (const auto& [name, signal] : vcd.signals) {
    if (name.find(".from_") == std::string::npos) continue;
    INFO(name);
    CHECK((signal.changes.empty() || signal.changes.back().second == "0"));
  }

  const Json trace = Json::parse(read_text(folder.file("run.json")));
  CHECK(duet::test::chrome_trace_errors(trace) == "");
  const std::string log = read_text(folder.file("run.csv"));
  CHECK(log.find(",prefill.inter_package_link[0],decode,write,") != std::string::npos);
  CHECK(log.find(",decode.chiplet") != std::string::npos);
}

TEST_CASE("a run takes the same time with and without traces", "[run][trace]") {
  const TemporaryFolder folder;
  const auto result = [&](const std::string& options) {
    const auto outcome = run_program(small + "--batch 1 --json out.json " + options, folder.file("."));
    INFO(outcome.output);
    REQUIRE(outcome.exit_code == 0);
    return Json::parse(read_text(folder.file("out.json")))["points"][0];
  };
  const Json plain = result("--brief");
  const Json traced = result("--vcd a.vcd --transactions a.csv");
  CHECK(plain["ttft_s"] == traced["ttft_s"]);
  CHECK(plain["tbt_s"] == traced["tbt_s"]);
  CHECK(plain["prefill"]["delta_cycles"] == traced["prefill"]["delta_cycles"]);
  CHECK_FALSE(plain["prefill"].contains("timeline"));
  CHECK(traced["prefill"].contains("timeline"));
}

TEST_CASE("each batch size has traces of its own", "[run][trace]") {
  const TemporaryFolder folder;
  const auto outcome =
      run_program(small + "--batch 1,2 --vcd t/run.vcd --trace-select '**.doorbell'", folder.file("."));
  CHECK(outcome.exit_code == 2);  // no such folder
  fs::create_directory(folder.file("t"));
  const auto second =
      run_program(small + "--batch 1,2 --vcd t/run.vcd --trace-select '**.doorbell'", folder.file("."));
  INFO(second.output);
  CHECK(second.exit_code == 0);
  CHECK(fs::exists(folder.file("t/run.batch1.vcd")));
  CHECK(fs::exists(folder.file("t/run.batch2.gtkw")));
  CHECK_FALSE(fs::exists(folder.file("t/run.vcd")));
  CHECK(duet::platform::path_of_batch("a.b/run", 3) == "a.b/run.batch3");
}

TEST_CASE("what a trace lacks is said", "[run][trace]") {
  const TemporaryFolder folder;
  const auto said = [&](const std::string& options) {
    return run_program(small + "--batch 1 --json out.json " + options, folder.file("."));
  };
  const auto nothing = said("--vcd a.vcd --trace-select gpu");
  CHECK(nothing.exit_code == 0);
  CHECK(nothing.output.find("warning: ") != std::string::npos);
  CHECK(nothing.output.find("'gpu' selects none of") != std::string::npos);
  CHECK(Json::parse(read_text(folder.file("out.json")))["warnings"][0].get<std::string>().find("'gpu'") !=
        std::string::npos);

  const auto cut = said("--transactions a.csv --trace-limit 20kB");
  CHECK(cut.output.find("be cut at --trace-limit 20kB") != std::string::npos);
  CHECK(fs::file_size(folder.file("a.csv")) < 21'000);

  const auto before = said("--vcd a.vcd --trace-window '5 parsecs..'");
  CHECK(before.exit_code == 2);
  CHECK(before.output.find("--trace-window: found '5 parsecs'") != std::string::npos);
}

TEST_CASE("a run's result has every block that the page draws", "[run][report]") {
  const TemporaryFolder folder;
  const auto outcome =
      run_program(small + "--batch 2 --no-reuse-layers --json out.json --report out.html", folder.file("."));
  INFO(outcome.output);
  REQUIRE(outcome.exit_code == 0);
  const Json result = Json::parse(read_text(folder.file("out.json")));
  REQUIRE(result["area"]["packages"].size() == 2);
  CHECK(result["area"]["packages"][1]["chiplet_mm2"].get<double>() == Approx(98.9).margin(0.2));
  for (const char* name : {"prefill", "decode"}) {
    INFO(name);
    const Json& phase = result["points"][0][name];
    const double length_s = std::max(phase["completion_s"].get<double>(), phase["time_s"].get<double>());
    std::map<std::string, size_t> kinds;
    for (const Json& event : phase["timeline"]) {
      const std::string track = event["track"];
      for (const char* kind : {"chiplet", "memory", "noi.link", "driver", "inter_package_link"})
        kinds[kind] += track.starts_with(kind) ? 1 : 0;
      CHECK(event["start_s"].get<double>() + event["duration_s"].get<double>() <= length_s * 1.001);
    }
    CHECK(kinds["chiplet"] > 0);
    CHECK(kinds["memory"] > 0);
    CHECK(kinds["noi.link"] > 0);
    CHECK(kinds["driver"] > 0);
    CHECK((kinds["inter_package_link"] > 0) == (std::string(name) == "prefill"));
    // The mean over time is the mean over the phase, as the counters at its end say.
    const Json& over_time = phase["utilisation_over_time"];
    REQUIRE(over_time["series"].size() == 3);
    for (const Json& series : over_time["series"]) {
      double sum = 0;
      for (const Json& value : series["values"]) sum += value.get<double>();
      const double mean = sum * over_time["interval_s"].get<double>() / length_s;
      const std::string part = series["name"];
      INFO(part);
      if (part != "memory")
        CHECK(mean == Approx(phase["utilisation"][part].get<double>()).epsilon(0.05).margin(0.01));
    }
  }
  const std::string page = read_text(folder.file("out.html"));
  CHECK(page.find("The result has no") == std::string::npos);
}
