// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>

#include "duet/core/error.hpp"
#include "duet/core/trace/vcd_writer.hpp"
#include "support/temporary_folder.hpp"
#include "support/vcd_reader.hpp"

using namespace duet::core;
using duet::test::read_text;
using duet::test::read_vcd;
using duet::test::TemporaryFolder;

namespace {

using Changes = std::vector<std::pair<uint64_t, std::string>>;

// Signals of every kind in nested scopes, and some changes.
void write_example(VcdWriter& writer) {
  const VcdSignal busy = writer.add_signal("prefill.chiplet[0]", "busy");
  const VcdSignal mode = writer.add_signal("prefill.chiplet[0].array[1]", "mode_bits", 4);
  const VcdSignal state =
      writer.add_state("prefill.chiplet[0].array[1]", "state", {"idle", "fill", "stream", "drain"});
  const VcdSignal depth = writer.add_real("prefill.noi.link[0->1]", "depth");
  const VcdSignal layer = writer.add_text("driver", "layer");
  const VcdSignal doorbell = writer.add_event("driver", "doorbell");
  writer.change(0, busy, 0);
  writer.change(0, state, 0);
  writer.change_text(0, layer, "none");
  writer.trigger(1000, doorbell);
  writer.change_text(1000, layer, "in proj");
  writer.change(1429, mode, 0b1010);
  writer.change(1429, busy, 1);
  writer.change(1429, busy, 1);
  writer.change(1430, state, 1);
  writer.change_real(2000, depth, 0.125);
  writer.change(2000, state, 2);
  writer.change(3000, busy, 0);
  writer.change(3000, mode, 0xf0);
  writer.close(4000);
}

}  // namespace

TEST_CASE("a dump has real scopes and only real changes") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd")});
  write_example(writer);
  const auto vcd = read_vcd(folder.file("a.vcd"));
  CHECK(vcd.timescale == "1 ps");
  REQUIRE(vcd.signals.size() == 6);
  CHECK(vcd.signals.at("prefill.chiplet[0].busy").changes == Changes{{0, "0"}, {1429, "1"}, {3000, "0"}});
  // 0xf0 does not fit in four bits; its lower ones are 0.
  CHECK(vcd.signals.at("prefill.chiplet[0].array[1].mode_bits").changes ==
        Changes{{0, "x"}, {1429, "1010"}, {3000, "0"}});
  CHECK(vcd.signals.at("prefill.chiplet[0].array[1].state").changes ==
        Changes{{0, "idle"}, {1430, "fill"}, {2000, "stream"}});
  CHECK(vcd.signals.at("prefill.noi.link[0->1].depth").changes == Changes{{2000, "0.125"}});
  CHECK(vcd.signals.at("driver.layer").changes == Changes{{0, "none"}, {1000, "in_proj"}});
  CHECK(vcd.signals.at("driver.doorbell").changes == Changes{{1000, "1"}});
  CHECK(vcd.stamps.back() == 4000);
  CHECK(writer.selected_signals() == 6);
  CHECK(writer.written_changes() == 9);
  CHECK(writer.warning().empty());
}

TEST_CASE("the same calls give the same bytes") {
  const TemporaryFolder folder;
  for (const char* name : {"a.vcd", "b.vcd"}) {
    VcdWriter writer({.path = folder.file(name)});
    write_example(writer);
  }
  CHECK(read_text(folder.file("a.vcd")) == read_text(folder.file("b.vcd")));
}

TEST_CASE("a window begins with the values at its begin and leaves out what is after it") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd"), .begin_ps = 1429, .end_ps = 3000});
  write_example(writer);
  const auto vcd = read_vcd(folder.file("a.vcd"));
  CHECK(vcd.stamps.front() == 1429);
  CHECK(vcd.stamps.back() == 2999);
  CHECK(vcd.signals.at("prefill.chiplet[0].busy").changes == Changes{{1429, "1"}});
  CHECK(vcd.signals.at("driver.layer").changes == Changes{{1429, "in_proj"}});
  CHECK(vcd.signals.at("driver.doorbell").changes.empty());
  CHECK(vcd.signals.at("prefill.chiplet[0].array[1].state").at(2500) == "stream");
}

TEST_CASE("a selection leaves the other signals out") {
  const TemporaryFolder folder;
  VcdWriter writer(
      {.path = folder.file("a.vcd"), .selection = NameSelection("prefill.chiplet[0..1].array[*]")});
  write_example(writer);
  CHECK(read_vcd(folder.file("a.vcd")).signals.size() == 2);
  CHECK(writer.offered_signals() == 6);
  CHECK(writer.selected_signals() == 2);
  CHECK_FALSE(writer.wants("decode"));
  CHECK(writer.wants("prefill"));
}

TEST_CASE("a trace that shows nothing says so") {
  const TemporaryFolder folder;
  VcdWriter nothing({.path = folder.file("a.vcd"), .selection = NameSelection("decode")});
  write_example(nothing);
  CHECK_THAT(nothing.warning(), Catch::Contains("'decode' selects none of 6 signals"));
  VcdWriter late({.path = folder.file("b.vcd"), .begin_ps = 3500});
  write_example(late);
  CHECK_THAT(late.warning(), Catch::Contains("6 signals, and none changes in its window"));
}

TEST_CASE("a change can be scheduled, and comes in its place") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd")});
  const VcdSignal first = writer.add_signal("link", "busy");
  const VcdSignal second = writer.add_signal("array", "busy");
  writer.change(0, first, 0);
  writer.change(0, second, 0);
  writer.change(100, first, 1);
  writer.schedule(300, first, 0);
  writer.schedule(200, second, 1);
  writer.change(250, second, 0);
  writer.schedule(900, first, 1);
  writer.close(500);
  const auto vcd = read_vcd(folder.file("a.vcd"));
  CHECK(vcd.signals.at("link.busy").changes == Changes{{0, "0"}, {100, "1"}, {300, "0"}});
  CHECK(vcd.signals.at("array.busy").changes == Changes{{0, "0"}, {200, "1"}, {250, "0"}});
  CHECK(vcd.stamps.back() == 500);
}

TEST_CASE("time never goes back in the file") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd")});
  const VcdSignal a = writer.add_signal("", "a", 8);
  writer.change(100, a, 1);
  writer.change(50, a, 2);
  writer.close();
  CHECK(writer.late_changes() == 1);
  CHECK(read_vcd(folder.file("a.vcd")).signals.at("a").changes == Changes{{0, "x"}, {100, "1"}, {100, "10"}});
}

TEST_CASE("the size limit ends the trace with a note") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd"), .max_bytes = 4000});
  const VcdSignal count = writer.add_signal("counter", "value", 32);
  for (uint64_t cycle = 0; cycle < 10000; ++cycle) writer.change(cycle * 1000, count, cycle);
  writer.close(10'000'000);
  CHECK(read_text(folder.file("a.vcd")).size() <= 4000);
  const auto vcd = read_vcd(folder.file("a.vcd"));
  REQUIRE(vcd.comments.size() == 1);
  CHECK_THAT(vcd.comments.front(), Catch::Contains("cut at the limit of 4000 bytes"));
  CHECK(writer.truncated());
  CHECK_THAT(writer.warning(), Catch::Contains("reached its limit of 4000 bytes"));
}

TEST_CASE("identifiers stay distinct when there are many signals") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd")});
  std::vector<VcdSignal> signals;
  for (int i = 0; i < 10000; ++i) {
    signals.push_back(writer.add_signal("array.row[" + std::to_string(i / 100) + "]",
                                        "pe[" + std::to_string(i % 100) + "]", 16));
  }
  for (size_t i = 0; i < signals.size(); ++i) writer.change(5, signals[i], i);
  writer.close();
  const auto vcd = read_vcd(folder.file("a.vcd"));
  REQUIRE(vcd.signals.size() == 10000);
  bool equal = true;
  for (size_t i = 0; i < signals.size(); ++i) {
    const auto& signal =
        vcd.signals.at("array.row[" + std::to_string(i / 100) + "].pe[" + std::to_string(i % 100) + "]");
    equal = equal && std::stoull(signal.at(5), nullptr, 2) == i;
  }
  CHECK(equal);
}

TEST_CASE("vectors of every width keep their digits") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd")});
  std::vector<VcdSignal> signals;
  for (unsigned width = 2; width <= 64; ++width) {
    signals.push_back(writer.add_signal("w", "s" + std::to_string(width), width));
  }
  constexpr uint64_t pattern = 0xdeadbeefcafe1234;
  for (const VcdSignal signal : signals) writer.change(7, signal, pattern);
  writer.close();
  const auto vcd = read_vcd(folder.file("a.vcd"));
  for (unsigned width = 2; width <= 64; ++width) {
    const uint64_t expected = width == 64 ? pattern : pattern & ((uint64_t{1} << width) - 1);
    CHECK(std::stoull(vcd.signals.at("w.s" + std::to_string(width)).at(7), nullptr, 2) == expected);
  }
}

TEST_CASE("misuse of the writer is found") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(VcdWriter({.path = folder.file("no/such/folder.vcd")}), Catch::Contains("cannot write"));
  CHECK_THROWS_AS(VcdWriter({.path = folder.file("a.vcd"), .begin_ps = 5, .end_ps = 5}), UserError);
  VcdWriter writer({.path = folder.file("a.vcd")});
  CHECK_THROWS_AS(writer.add_signal("a", "b", 65), std::logic_error);
  const VcdSignal a = writer.add_signal("a", "b");
  writer.change(5, a, 1);
  CHECK_THROWS_AS(writer.add_signal("a", "c"), std::logic_error);
}

TEST_CASE("the savefile names the dump and every signal") {
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("run.vcd")});
  write_example(writer);
  CHECK(writer.savefile_path() == folder.file("run.gtkw"));
  const std::string text = read_text(writer.savefile_path());
  CHECK_THAT(text, Catch::Contains("[dumpfile] \"run.vcd\""));
  CHECK_THAT(text, Catch::Contains("\nprefill.chiplet[0].array[1].mode_bits[3:0]\n"));
  CHECK_THAT(text, Catch::Contains("\ndriver.doorbell\n"));
}

TEST_CASE("the savefile zooms to the whole trace, or to a view of where it begins") {
  const auto savefile = [](uint64_t view_ps) {
    const TemporaryFolder folder;
    VcdWriter writer({.path = folder.file("z.vcd"), .view_ps = view_ps});
    const VcdSignal a = writer.add_signal("a", "b");
    for (uint64_t i = 0; i <= 100; ++i) writer.change(10'000 + i * 1000, a, i % 2);
    writer.close();
    return read_text(writer.savefile_path());
  };
  // 200 pixels of about 1000 show 2^zoom ps.
  CHECK_THAT(savefile(0), Catch::Contains("[timestart] 0\n") && Catch::Contains("\n*-14.42"));
  CHECK_THAT(savefile(20'000), Catch::Contains("[timestart] 10000\n") && Catch::Contains("\n*-11.96"));
}

TEST_CASE("GTKWave's own converter reads the dump") {
  if (std::system("command -v vcd2fst >/dev/null && command -v fst2vcd >/dev/null") != 0) {
    WARN("vcd2fst is not installed: not checked");
    return;
  }
  const TemporaryFolder folder;
  VcdWriter writer({.path = folder.file("a.vcd")});
  write_example(writer);
  const std::string command = "vcd2fst '" + folder.file("a.vcd") + "' '" + folder.file("a.fst") +
                              "' >/dev/null 2>&1 && fst2vcd '" + folder.file("a.fst") + "' > '" +
                              folder.file("b.vcd") + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string back = read_text(folder.file("b.vcd"));
  CHECK_THAT(back, Catch::Contains("$scope module chiplet[0] $end"));
  CHECK_THAT(back, Catch::Contains("mode_bits"));
  CHECK_THAT(back, Catch::Contains("sstream"));
  CHECK_THAT(back, Catch::Contains("b1010"));
  CHECK_THAT(back, Catch::Contains("#1429"));
}
