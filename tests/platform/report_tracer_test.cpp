// SPDX-License-Identifier: Apache-2.0
// A whole run's VCD, timeline and transaction log, read back.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/config/load.hpp"
#include "duet/platform/report/simulation_tracer.hpp"
#include "duet/workload/mapping/decode_mapper.hpp"
#include "duet/workload/mapping/prefill_mapper.hpp"
#include "support/chrome_trace_schema.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet;
using namespace duet::platform;
using duet::test::read_text;
using duet::test::TemporaryFolder;

namespace {

constexpr uint64_t prompt_tokens = 64;
constexpr uint64_t never = ~uint64_t{0};
const std::string configs = DUET_SOURCE_DIR "/configs/";

struct Outcome {
  uint64_t prefill_ps = 0;
  uint64_t decode_ps = 0;
  std::vector<std::string> sentences;
};

// One prefill and one decode step of a small model on DUET.
Outcome run(const TraceOptions& options) {
  const auto platform = load_platform(ConfigDocument::from_file(configs + "platforms/duet.yaml", {}));
  const auto model = load_model(ConfigDocument::from_file(configs + "models/mamba2-130m.yaml"));
  Simulation simulation(platform);
  unsigned prefill = 0;
  unsigned decode = 0;
  for (const auto& layout : simulation.layouts()) {
    if (layout.description->role == core::PackageRole::prefill) prefill = layout.index;
    if (layout.description->role == core::PackageRole::decode) decode = layout.index;
  }
  const core::MappingDescription mapping;
  std::vector<workload::Placement> caches;
  const workload::Program step = workload::map_decode({simulation.layouts()[decode],
                                                       simulation.map(),
                                                       model,
                                                       mapping,
                                                       1,
                                                       prompt_tokens,
                                                       prompt_tokens,
                                                       prompt_tokens + 1,
                                                       workload::CachePolicy::keep,
                                                       {},
                                                       0},
                                                      caches);
  const workload::Program prompt = workload::map_prefill(
      {simulation.layouts()[prefill], simulation.map(), model, mapping, 1, prompt_tokens, 0, 0,
       workload::CachePolicy::hand_over, caches, platform.inter_package_link->bandwidth});
  SimulationTracer tracer(options, simulation);
  tracer.set_program(prefill, prompt);
  tracer.set_program(decode, step);
  const ProgramRun first = simulation.run(prefill, prompt, {0, 1, 0, 0});
  REQUIRE(first.ok);
  const ProgramRun second = simulation.run(decode, step, {prompt_tokens, 1, 0, 0});
  REQUIRE(second.ok);
  return {first.end_ps - first.start_ps, second.end_ps - second.start_ps, tracer.finish()};
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

TEST_CASE("one VCD of a run shows a layer's path through the platform, in order") {
  const TemporaryFolder folder;
  const Outcome outcome = run({.vcd = folder.file("run.vcd")});
  CHECK(outcome.sentences.empty());
  const auto vcd = test::read_vcd(folder.file("run.vcd"));
  const uint64_t doorbell = first_change(vcd, "prefill.chiplet", ".doorbell", "1", 0);
  const uint64_t weights = first_change(vcd, "prefill.chiplet", ".systolic.operands_arrived", "1", doorbell);
  const uint64_t link = first_change(vcd, "prefill.noi.link", ".transactions", "", doorbell);
  const uint64_t memory = first_change(vcd, "prefill.memory", ".transactions", "", doorbell);
  const uint64_t compute = first_change(vcd, "prefill.chiplet", ".systolic.state", "compute", weights);
  const uint64_t ssm_mode = first_change(vcd, "prefill.chiplet", ".systolic.state", "switch_mode", compute);
  const uint64_t hand_over = first_change(vcd, "inter_package_link", ".from_prefill", "", compute);
  const uint64_t decode_doorbell = first_change(vcd, "decode.chiplet", ".doorbell", "1", hand_over);
  const uint64_t decode_compute =
      first_change(vcd, "decode.chiplet", ".vector.state", "compute", decode_doorbell);
  CHECK(doorbell < memory);
  CHECK(memory <= weights);
  CHECK(link <= weights);
  CHECK(weights <= compute);
  CHECK(compute < ssm_mode);
  CHECK(ssm_mode < never);
  CHECK(compute < hand_over);
  CHECK(hand_over < decode_doorbell);
  CHECK(decode_doorbell < decode_compute);
  CHECK(decode_compute < never);
  // What was rung for is done at the end, and nothing is under way.
  for (const auto& [name, signal] : vcd.signals) {
    if (name.ends_with(".transactions")) {
      INFO(name);
      CHECK((signal.changes.back().second == "0" || signal.changes.back().second == "x"));
    }
  }
}

TEST_CASE("who looks on does not change the run") {
  const TemporaryFolder folder;
  const Outcome without = run({});
  const Outcome with = run(
      {.vcd = folder.file("a.vcd"), .timeline = folder.file("a.json"), .transactions = folder.file("a.csv")});
  CHECK(with.prefill_ps == without.prefill_ps);
  CHECK(with.decode_ps == without.decode_ps);
}

TEST_CASE("a run's timeline names its layers, and its log has every transaction") {
  const TemporaryFolder folder;
  run({.timeline = folder.file("a.json"), .transactions = folder.file("a.csv"), .select = "prefill"});
  const auto trace = nlohmann::json::parse(read_text(folder.file("a.json")));
  CHECK(test::chrome_trace_errors(trace) == "");
  size_t reads = 0;
  bool has_ssm = false;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    reads += event["cat"] == "read";
    has_ssm = has_ssm || event["cat"] == "ssm_prefill";
  }
  CHECK(has_ssm);
  CHECK(reads > 100);
  const std::string log = read_text(folder.file("a.csv"));
  CHECK(log.find(",prefill.chiplet") != std::string::npos);
  CHECK(static_cast<size_t>(std::count(log.begin(), log.end(), '\n')) > reads);
}

TEST_CASE("a selection and a window narrow a run's trace, and one of nothing says so") {
  const TemporaryFolder folder;
  const Outcome outcome =
      run({.vcd = folder.file("a.vcd"), .select = "prefill.chiplet_x1_y0.systolic", .window = "1 us..20 us"});
  const auto vcd = test::read_vcd(folder.file("a.vcd"));
  CHECK(vcd.signals.size() == 3);
  CHECK(vcd.stamps.front() == 1'000'000);
  CHECK(vcd.stamps.back() < 20'000'000);
  const Outcome nothing = run({.vcd = folder.file("b.vcd"), .select = "gpu"});
  REQUIRE(nothing.sentences.size() == 1);
  CHECK(nothing.sentences[0].find("'gpu' selects none of") != std::string::npos);
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
