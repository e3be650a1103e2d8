// SPDX-License-Identifier: Apache-2.0
// A whole run's VCD, timeline and transaction log, read back.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/report/simulation_tracer.hpp"
#include "small_run.hpp"
#include "support/chrome_trace_schema.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet;
using namespace duet::platform;
using duet::test::read_text;
using duet::test::TemporaryFolder;

namespace {

constexpr uint64_t never = ~uint64_t{0};

struct Outcome {
  uint64_t prefill_ps = 0;
  uint64_t decode_ps = 0;
  TraceSizes estimated;
  std::vector<std::string> sentences;
};

// One prefill and one decode step of a small model on DUET.
Outcome run(const TraceOptions& options) {
  test::SmallRun small;
  SimulationTracer tracer(options);
  tracer.attach(small.simulation);
  tracer.set_program(small.prefill, small.prompt);
  tracer.set_program(small.decode, small.step);
  const TraceSizes prefill = tracer.estimate(small.prefill, small.prompt);
  const TraceSizes decode = tracer.estimate(small.decode, small.step);
  const TraceSizes estimated{prefill.vcd + decode.vcd, prefill.timeline + decode.timeline,
                             prefill.transactions + decode.transactions};
  const ProgramRun first = small.run_prefill();
  REQUIRE(first.ok);
  const ProgramRun second = small.run_decode();
  REQUIRE(second.ok);
  return {first.end_ps - first.start_ps, second.end_ps - second.start_ps, estimated, tracer.finish()};
}

// The first change of any signal whose name begins and ends so, to `value` ("" = any but "x" and "0").
uint64_t first_change(const test::VcdFile& vcd, const std::string& begin, const std::string& end,
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

TEST_CASE("the traces of a run show a layer's path through the platform, and change nothing") {
  const TemporaryFolder folder;
  const Outcome outcome = run({.vcd = folder.file("run.vcd"),
                               .timeline = folder.file("run.json"),
                               .transactions = folder.file("run.csv")});
  CHECK(outcome.sentences.empty());
  const std::pair<const char*, uint64_t> sizes[] = {{"run.vcd", outcome.estimated.vcd},
                                                    {"run.json", outcome.estimated.timeline},
                                                    {"run.csv", outcome.estimated.transactions}};
  for (const auto& [name, estimated] : sizes) {
    INFO(name);
    const auto bytes = static_cast<double>(read_text(folder.file(name)).size());
    CHECK(static_cast<double>(estimated) > bytes / 4);
    CHECK(static_cast<double>(estimated) < bytes * 4);
  }

  {
    INFO("in one VCD, from the doorbell to the other package, in order");
    const auto vcd = test::read_vcd(folder.file("run.vcd"));
    const uint64_t doorbell = first_change(vcd, "prefill.chiplet", ".doorbell", "1", 0);
    const uint64_t mode = first_change(vcd, "prefill.chiplet", ".mode_bits", "", doorbell);
    const uint64_t memory = first_change(vcd, "prefill.memory", ".transactions", "", doorbell);
    const uint64_t link = first_change(vcd, "prefill.noi.link", ".transactions", "", doorbell);
    const uint64_t weights =
        first_change(vcd, "prefill.chiplet", ".systolic.operands_arrived", "1", doorbell);
    const uint64_t compute = first_change(vcd, "prefill.chiplet", ".systolic.state", "compute", weights);
    const uint64_t ssm_mode = first_change(vcd, "prefill.chiplet", ".systolic.state", "switch_mode", compute);
    const uint64_t hand_over = first_change(vcd, "inter_package_link", ".from_prefill", "", compute);
    const uint64_t decode_doorbell = first_change(vcd, "decode.chiplet", ".doorbell", "1", hand_over);
    const uint64_t decode_compute =
        first_change(vcd, "decode.chiplet", ".vector.state", "compute", decode_doorbell);
    CHECK(doorbell < never);
    CHECK(doorbell <= mode);
    CHECK(doorbell <= memory);
    CHECK(memory < weights);
    CHECK(link < weights);
    CHECK(weights <= compute);
    CHECK(compute < ssm_mode);
    CHECK(mode <= ssm_mode);
    CHECK(compute < hand_over);
    CHECK(hand_over < decode_doorbell);
    CHECK(decode_doorbell < decode_compute);
    CHECK(decode_compute < never);
    // At the end nothing is under way.
    for (const auto& [name, signal] : vcd.signals) {
      if (!name.ends_with(".transactions") || signal.changes.empty()) continue;
      INFO(name);
      CHECK((signal.changes.back().second == "0" || signal.changes.back().second == "x"));
    }
  }
  {
    INFO("on the timeline, with names, and every transaction in the log");
    const auto trace = nlohmann::json::parse(read_text(folder.file("run.json")));
    CHECK(test::chrome_trace_errors(trace) == "");
    std::map<std::string, size_t> categories;
    for (const auto& event : trace["traceEvents"]) {
      if (event["ph"] == "X") ++categories[event["cat"].get<std::string>()];
    }
    CHECK(categories["ssm_prefill"] > 0);
    CHECK(categories["ssm_decode"] > 0);
    const std::string log = read_text(folder.file("run.csv"));
    CHECK(log.find(",prefill.chiplet") != std::string::npos);
    CHECK(log.find(",prefill.inter_package_link[0],decode,write,") != std::string::npos);
    CHECK(static_cast<size_t>(std::count(log.begin(), log.end(), '\n')) >=
          categories["read"] + categories["write"]);
  }
  {
    INFO("without changing its time");
    const Outcome without = run({});
    CHECK(outcome.prefill_ps == without.prefill_ps);
    CHECK(outcome.decode_ps == without.decode_ps);
  }
}

TEST_CASE("a selection and a window narrow a run's trace") {
  const TemporaryFolder folder;
  run({.vcd = folder.file("a.vcd"), .select = "prefill.chiplet_x1_y0.systolic", .window = "1 us..20 us"});
  const auto vcd = test::read_vcd(folder.file("a.vcd"));
  CHECK(vcd.signals.size() == 3);
  CHECK(vcd.stamps.front() == 1'000'000);
  CHECK(vcd.stamps.back() < 20'000'000);
}

TEST_CASE("a trace that selects no part of the platform says so") {
  const TemporaryFolder folder;
  test::SmallRun small;
  SimulationTracer tracer({.vcd = folder.file("b.vcd"), .select = "gpu"});
  tracer.attach(small.simulation);
  const auto sentences = tracer.finish();
  REQUIRE(sentences.size() == 1);
  CHECK(sentences[0].find("'gpu' selects none of") != std::string::npos);
}

TEST_CASE("bad trace options say what is allowed") {
  CHECK_THROWS_WITH(TraceOptions{.window = "5 us"}.begin_ps(),
                    Catch::Contains("--trace-window: found '5 us', allowed"));
  CHECK_THROWS_WITH(TraceOptions{.window = "5..6 us"}.begin_ps(),
                    Catch::Contains("--trace-window: found '5' (no unit)"));
  CHECK_THROWS_AS(TraceOptions{.limit = "much"}.max_bytes(), core::UserError);
  CHECK(TraceOptions{.window = "..6 us"}.begin_ps() == 0);
  CHECK(TraceOptions{.window = "..6 us"}.end_ps() == 6'000'000);
  CHECK(TraceOptions{}.max_bytes() == 1'000'000'000);
}
