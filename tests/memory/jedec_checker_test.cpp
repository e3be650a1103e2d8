// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <random>

#include "duet/memory/command/channel_controller.hpp"
#include "duet/memory/command/jedec_checker.hpp"
#include "duet/memory/trace_runner.hpp"

using namespace duet;
using memory::Command;
using memory::CommandKind;
using memory::Cycle;
using memory::JedecChecker;

namespace {

struct Step {
  Cycle gap;  ///< clocks after the step before
  CommandKind kind;
  uint32_t bank_group = 0, bank = 0, row = 0, pseudo_channel = 0, rank = 0;
};

/// Counts of violations of a command sequence, the last command `early` clocks too soon.
std::map<std::string_view, uint64_t> check(const core::DramStandard& standard, const std::vector<Step>& steps,
                                           Cycle early) {
  JedecChecker checker(standard);
  Cycle at = 100;
  for (size_t index = 0; index < steps.size(); ++index) {
    const Step& step = steps[index];
    at += step.gap - (index + 1 == steps.size() ? early : 0);
    checker.on_command({.cycle = at,
                        .kind = step.kind,
                        .pseudo_channel = step.pseudo_channel,
                        .rank = step.rank,
                        .bank_group = step.bank_group,
                        .bank = step.bank,
                        .row = step.row});
  }
  return checker.counts();
}

/// Random traffic in bursts of different kinds: hits, conflicts, all banks, reads and writes, pauses.
std::vector<memory::TraceRequest> random_traffic(const core::MemoryDescription& memory, size_t count,
                                                 uint64_t seed) {
  const core::DramOrganisation& organisation = core::standard_of(memory).organisation;
  const uint64_t bytes = organisation.channel_bytes();
  std::mt19937_64 random(seed);
  std::vector<memory::TraceRequest> trace;
  double time_ns = 0;
  uint64_t address = 0;
  while (trace.size() < count) {
    const uint64_t kind = random() % 4;
    const uint64_t writes = random() % 3;
    const uint64_t length = 1 + random() % 200;
    const uint64_t region = uint64_t{1} << (12 + random() % 20);
    for (uint64_t i = 0; i < length; ++i) {
      address = kind == 0   ? address + organisation.burst_bytes
                : kind == 1 ? random()
                : kind == 2 ? random() % region
                            : address + organisation.row_bytes() * organisation.banks_per_rank();
      address = address % bytes / organisation.burst_bytes * organisation.burst_bytes;
      trace.push_back(
          {.offer_ns = time_ns, .address = address, .write = writes != 0 && random() % 3 < writes});
    }
    if (random() % 8 == 0) time_ns += static_cast<double>(random() % 3000);
  }
  trace.resize(count);
  return trace;
}

core::MemoryDescription random_description(const std::string& standard, uint64_t seed) {
  core::MemoryDescription memory;
  memory.standard = standard;
  memory.row_policy = static_cast<core::RowPolicyKind>(seed % 3);
  memory.refresh = seed / 3 % 2 == 0 && core::standard_of(memory).timing.rfc_per_bank != 0
                       ? core::RefreshMode::per_bank
                       : core::RefreshMode::all_bank;
  memory.refresh_postpone = static_cast<uint32_t>(seed % 5);
  memory.scheduler = seed % 7 == 6 ? core::SchedulerKind::fcfs : core::SchedulerKind::frfcfs;
  memory.read_queue = 8 << seed % 4;
  memory.starvation_clocks = seed % 2 == 0 ? 300 : 2000;
  return memory;
}

/// Runs random traffic until at least `commands` commands were checked; returns the report.
void soak(const std::string& standard, uint64_t commands) {
  uint64_t checked = 0;
  for (uint64_t seed = 0; checked < commands; ++seed) {
    const core::MemoryDescription memory = random_description(standard, seed);
    memory::ChannelController controller(memory);
    JedecChecker checker(core::standard_of(memory), true);
    controller.observe(checker);
    const auto trace = random_traffic(memory, 20'000, seed);
    const auto outcomes = memory::run_trace(controller, trace, core::standard_of(memory).timing.tck_ps);
    INFO(standard << " seed " << seed << ": " << checker.report());
    REQUIRE(checker.counts().empty());
    size_t unfinished = 0;
    for (const auto& outcome : outcomes) unfinished += outcome.done <= outcome.accepted ? 1 : 0;
    REQUIRE(unfinished == 0);
    checked += checker.commands();
  }
}

const std::vector<std::string> all_standards{"hbm3e_8000", "gddr7_32000", "hbm3_6400", "gddr7_28000",
                                             "hbm2_2000",  "gddr6_14000", "ddr4_2400"};

}  // namespace

TEST_CASE("the checker is silent over random commands of every standard") {
  const std::string standard = GENERATE(from_range(all_standards));
  soak(standard, 500'000);
}

TEST_CASE("the checker is silent over 10 million random commands of every standard", "[.][soak]") {
  const std::string standard = GENERATE(from_range(all_standards));
  soak(standard, 10'000'000);
}

TEST_CASE("the checker finds each rule's violation, one clock too early, and nothing in time") {
  const core::DramStandard& s = core::dram_standard(GENERATE(from_range(all_standards)));
  const core::DramTiming& t = s.timing;
  const auto act = CommandKind::act, rd = CommandKind::rd, wr = CommandKind::wr, pre = CommandKind::pre;
  const Cycle far = 1000;                     // beyond any rule
  const Cycle act_in = t.act_bus_clocks - 1;  // from an ACT to others
  const Cycle column_in = t.column_bus_clocks - 1;
  const Cycle write_end = t.write_latency + t.burst;
  const uint32_t other_group = s.organisation.bank_groups > 1 ? 1 : 0;
  const uint32_t other_bank = s.organisation.bank_groups > 1 ? 0 : 1;
  struct Case {
    std::string rule;
    std::vector<Step> steps;
    bool exists = true;
  };
  const Step a{0, act};
  std::vector<Case> cases{
      {"tRCDRD", {a, {t.rcd_read + act_in - column_in, rd}}},
      {"tRCDWR", {a, {t.rcd_write + act_in - column_in, wr}}},
      {"tRAS", {a, {t.ras + act_in, pre}}},
      {"tRP", {a, {far, pre}, {t.rp - act_in, act}}},
      {"tRTP", {a, {far, rd}, {t.rtp + column_in, pre}}},
      {"tWR", {a, {far, wr}, {write_end + t.wr + column_in, pre}}},
      {"tRRD_S", {a, {t.rrd_s, act, other_group, other_bank}}},
      {"tRTW", {a, {far, rd}, {t.rd_to_wr, wr}}},
      {"tCCD_L", {a, {far, rd}, {t.ccd_l, rd}}},
      {"tWTR_L", {a, {far, wr}, {write_end + t.wtr_l, rd}}},
      {"tCCD_S", {a, {far, act, other_group, other_bank}, {far, rd}, {t.ccd_s, rd, other_group, other_bank}}},
      {"tWTR_S",
       {a,
        {far, act, other_group, other_bank},
        {far, wr},
        {write_end + t.wtr_s, rd, other_group, other_bank}}},
      {"tRRD_L", {a, {t.rrd_l, act, 0, 1}}, !t.long_scope_is_bank},
      {"tPPD", {a, {far, act, 0, 1}, {far, pre}, {t.ppd, pre, 0, 1}}, t.ppd > 1},
      {"tRFCab", {{0, CommandKind::refab}, {t.rfc_all_bank - act_in, act}}},
      {"tRFCab", {{0, CommandKind::refab}, {t.rfc_all_bank, CommandKind::refab}}},
      {"tRFCpb", {{0, CommandKind::refpb}, {t.rfc_per_bank - act_in, act}}, t.rfc_per_bank != 0},
      {"tRREFD", {{0, CommandKind::refpb}, {t.rrefd, CommandKind::refpb, 0, 1}}, t.rfc_per_bank != 0},
      {"tRREFD", {{0, CommandKind::refpb}, {t.rrefd - act_in, act, 0, 1}}, t.rfc_per_bank != 0},
      {"tRP", {a, {far, pre}, {t.rp, CommandKind::refab}}},
      {"tCCD_R",
       {a, {far, act, 0, 0, 0, 0, 1}, {far, rd}, {t.ccd_r, rd, 0, 0, 0, 0, 1}},
       t.ccd_r > t.ccd_s && s.organisation.ranks > 1},
      {"tRC", {a, {t.ras + act_in, pre}, {t.rc - t.ras - act_in, act}}, t.rc > t.ras + t.rp},
      {"tFAW",
       {a,
        {std::max(t.rrd_l, t.rrd_s), act, 0, 1},
        {std::max(t.rrd_l, t.rrd_s), act, 0, 2},
        {std::max(t.rrd_l, t.rrd_s), act, 0, 3},
        {t.faw - std::min(t.faw, 3 * std::max(t.rrd_l, t.rrd_s)), act, other_group, 0}},
       t.faw > 4 * std::max(t.rrd_l, t.rrd_s)},
      // Auto-precharge: the row closes by itself, tRP counts from there.
      {"tRP", {a, {far, CommandKind::rda}, {t.rtp + column_in + t.rp - act_in, act}}},
      {"tRP", {a, {far, CommandKind::wra}, {write_end + t.wr + column_in + t.rp - act_in, act}}},
  };
  for (const Case& test : cases) {
    if (!test.exists) continue;
    INFO(s.name << " " << test.rule);
    CHECK(check(s, test.steps, 0).empty());
    CHECK(check(s, test.steps, 1).contains(test.rule));
  }
}

TEST_CASE("the checker finds commands in the wrong state and buses used twice") {
  const core::DramStandard& s = core::dram_standard("hbm3e_8000");
  const auto found = [&](const std::vector<Step>& steps, const char* rule) {
    return check(s, steps, 0).contains(rule);
  };
  CHECK(found({{0, CommandKind::rd}}, "column command to a closed bank"));
  CHECK(found({{0, CommandKind::act}, {500, CommandKind::act}}, "ACT of an open bank"));
  CHECK(found({{0, CommandKind::act, 0, 0, 5}, {500, CommandKind::rd, 0, 0, 6}},
              "column command to another row"));
  CHECK(found({{0, CommandKind::act, 0, 0, 24576}}, "row out of range"));
  CHECK(found({{0, CommandKind::act}, {500, CommandKind::refab}}, "refresh of an open bank"));
  CHECK(found({{0, CommandKind::refpb}, {500, CommandKind::refpb}}, "bank refreshed twice in a round"));
  CHECK(found({{0, CommandKind::act}, {1, CommandKind::act, 0, 0, 0, 1}}, "command bus"));
  CHECK(found(
      {{0, CommandKind::act}, {500, CommandKind::act, 1}, {500, CommandKind::rd}, {1, CommandKind::rd, 1}},
      "data bus"));
}

TEST_CASE("the checker finds a missing refresh") {
  core::MemoryDescription memory;
  memory.refresh = core::RefreshMode::none;
  memory::ChannelController controller(memory);
  JedecChecker checker(core::standard_of(memory), true);
  controller.observe(checker);
  run_trace(controller, {{.offer_ns = 0}, {.offer_ns = 50'000, .address = 64}}, 500);
  CHECK(checker.counts().contains("refresh overdue"));
}

TEST_CASE("a controller that ignores one rule is caught by name") {
  // The controller runs on a table with one entry lowered; the checker has the true one.
  struct Entry {
    const char* rule;
    uint32_t core::DramTiming::*member;
  };
  const std::vector<Entry> entries{
      {"tRCDRD", &core::DramTiming::rcd_read}, {"tRCDWR", &core::DramTiming::rcd_write},
      {"tRP", &core::DramTiming::rp},          {"tRAS", &core::DramTiming::ras},
      {"tWR", &core::DramTiming::wr},          {"tRTP", &core::DramTiming::rtp},
      {"tCCD_L", &core::DramTiming::ccd_l},    {"tRRD_S", &core::DramTiming::rrd_s},
      {"tFAW", &core::DramTiming::faw},        {"tWTR_L", &core::DramTiming::wtr_l},
      {"tRTW", &core::DramTiming::rd_to_wr},   {"tRFCpb", &core::DramTiming::rfc_per_bank},
      {"tRREFD", &core::DramTiming::rrefd},    {"tWTR_S", &core::DramTiming::wtr_s},
  };
  for (const Entry& entry : entries) {
    core::MemoryDescription memory;
    memory.standard = "hbm3e_8000";
    core::DramStandard broken = core::standard_of(memory);
    broken.timing.*entry.member -= 1;
    memory::ChannelController controller(memory, broken);
    JedecChecker checker(core::standard_of(memory));
    controller.observe(checker);
    const auto trace = random_traffic(memory, 20'000, 3);
    memory::run_trace(controller, trace, 500);
    INFO(entry.rule << ": " << checker.report());
    CHECK(checker.counts().contains(entry.rule));
  }
}
