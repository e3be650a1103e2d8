// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "duet/core/trace/timeline_writer.hpp"
#include "support/chrome_trace_schema.hpp"
#include "support/temporary_folder.hpp"

using namespace duet::core;
using duet::test::read_text;
using duet::test::TemporaryFolder;
using nlohmann::json;

namespace {

json parse(const TemporaryFolder& folder, const char* name) {
  return json::parse(read_text(folder.file(name)));
}

json of_phase(const json& trace, const std::string& phase) {
  json found = json::array();
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] == phase) found.push_back(event);
  }
  return found;
}

void write_example(TimelineWriter& writer) {
  const TimelineTrack chiplet = writer.add_track("prefill", "chiplet[0]");
  const TimelineTrack link = writer.add_track("prefill", "noi.link[0->1]");
  const TimelineTrack driver = writer.add_track("driver", "prefill");
  const TimelineArgument arguments[] = {
      {"bytes", uint64_t{4096}}, {"utilisation", 0.5}, {"bound", std::string_view("memory \"PHY\"")}};
  writer.complete(driver, "doorbell", "driver", 0, 1'000'001);
  writer.flow(driver, "start", 7, 500'000, true);
  writer.complete(link, "weights", "transfer", 2'000'000, 5'000'000, arguments);
  writer.complete(link, "activations", "transfer", 3'000'000, 6'000'000);
  writer.complete(link, "weights", "transfer", 5'000'000, 7'000'000);
  writer.complete(chiplet, "in_proj", "gemm", 5'000'000, 123'456'789'012);
  writer.flow(chiplet, "start", 7, 5'000'000, false);
  writer.counter(link, "queue depth", 5'000'000, 3);
}

}  // namespace

TEST_CASE("a timeline is what Chrome's trace format says") {
  const TemporaryFolder folder;
  TimelineWriter writer({.path = folder.file("t.json")});
  write_example(writer);
  writer.close();
  const json trace = parse(folder, "t.json");
  CHECK(duet::test::chrome_trace_errors(trace) == "");
  const json complete = of_phase(trace, "X");
  REQUIRE(complete.size() == 5);
  CHECK(complete[4]["name"] == "in_proj");
  CHECK(complete[4]["ts"] == 5.0);
  CHECK(complete[4]["dur"] == 123451.789012);
  CHECK(complete[0]["dur"] == 1.000001);
  CHECK(complete[1]["args"] == json({{"bytes", 4096}, {"utilisation", 0.5}, {"bound", "memory \"PHY\""}}));
  CHECK(of_phase(trace, "C")[0]["args"]["value"] == 3);
  CHECK(writer.written_events() == 8);
  CHECK(writer.warning().empty());
}

TEST_CASE("every picosecond is exact in the text") {
  const TemporaryFolder folder;
  TimelineWriter writer({.path = folder.file("t.json")});
  const TimelineTrack track = writer.add_track("p", "t");
  writer.complete(track, "e", "c", 9'007'199'254'740'993, 9'007'199'254'740'994);
  writer.close();
  CHECK_THAT(read_text(folder.file("t.json")),
             Catch::Contains("\"ts\":9007199254.740993,") && Catch::Contains("\"dur\":0.000001"));
}

TEST_CASE("events that overlap on a track get lanes of their own") {
  const TemporaryFolder folder;
  TimelineWriter writer({.path = folder.file("t.json")});
  write_example(writer);
  writer.close();
  const json trace = parse(folder, "t.json");
  const json complete = of_phase(trace, "X");
  CHECK(complete[1]["tid"] == complete[3]["tid"]);
  CHECK(complete[1]["tid"] != complete[2]["tid"]);
  std::map<unsigned, std::string> threads;
  for (const json& event : of_phase(trace, "M")) {
    if (event["name"] == "thread_name") threads[event["tid"]] = event["args"]["name"];
  }
  CHECK(threads.at(complete[1]["tid"]) == "noi.link[0->1]");
  CHECK(threads.at(complete[2]["tid"]) == "noi.link[0->1] #2");
}

TEST_CASE("window and selection leave events out, and a timeline of nothing says so") {
  const TemporaryFolder folder;
  TimelineWriter some({.path = folder.file("t.json"),
                       .selection = NameSelection("prefill.noi"),
                       .begin_ps = 5'500'000,
                       .end_ps = 6'000'000});
  write_example(some);
  some.close();
  CHECK(some.offered_tracks() == 3);
  CHECK(some.selected_tracks() == 1);
  CHECK(of_phase(parse(folder, "t.json"), "X").size() == 2);
  TimelineWriter none({.path = folder.file("u.json"), .selection = NameSelection("decode")});
  write_example(none);
  none.close();
  CHECK(duet::test::chrome_trace_errors(parse(folder, "u.json")) == "");
  CHECK_THAT(none.warning(), Catch::Contains("'decode' selects none of 3 tracks"));
}

TEST_CASE("a timeline cut at its limit is still whole JSON and says so") {
  const TemporaryFolder folder;
  TimelineWriter writer({.path = folder.file("t.json"), .max_bytes = 5000});
  const TimelineTrack track = writer.add_track("p", "t");
  for (uint64_t i = 0; i < 1000; ++i) writer.complete(track, "event", "c", i * 10, i * 10 + 5);
  writer.close();
  CHECK(read_text(folder.file("t.json")).size() <= 5000);
  const json trace = parse(folder, "t.json");
  CHECK(duet::test::chrome_trace_errors(trace) == "");
  CHECK_THAT(trace["otherData"]["note"].get<std::string>(),
             Catch::Contains("cut at the limit of 5000 bytes"));
  CHECK_THAT(writer.warning(), Catch::Contains("reached its limit"));
}

TEST_CASE("the schema finds mistakes") {
  using duet::test::chrome_trace_errors;
  const json good = {{"ph", "X"}, {"name", "a"}, {"cat", "c"}, {"pid", 1},
                     {"tid", 1},  {"ts", 0.5},   {"dur", 1}};
  const auto trace = [](const json& event) { return json{{"traceEvents", {event}}}; };
  CHECK(chrome_trace_errors(trace(good)) == "");
  for (const auto& [key, value] : std::vector<std::pair<std::string, json>>{
           {"ph", "Y"}, {"ts", "0.5"}, {"dur", -1}, {"pid", 1.5}, {"name", 3}, {"args", 4}}) {
    json bad = good;
    bad[key] = value;
    CHECK(chrome_trace_errors(trace(bad)) != "");
  }
  json without_duration = good;
  without_duration.erase("dur");
  CHECK(chrome_trace_errors(trace(without_duration)) != "");
  CHECK(chrome_trace_errors(json::array()) != "");
}
