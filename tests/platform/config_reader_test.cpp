// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <cstdint>

#include "duet/core/int_range.hpp"
#include "duet/platform/config/yaml_reader.hpp"

using namespace duet;
using core::Unit;
using platform::ConfigDocument;

namespace {

enum class Detail { pe, tile };

}  // namespace

template <>
struct duet::core::EnumNames<Detail> {
  static constexpr std::pair<Detail, std::string_view> values[] = {{Detail::pe, "pe"},
                                                                   {Detail::tile, "tile"}};
};

namespace {

struct LinkDescription {
  double bandwidth_bytes_per_second = 256e9;
  uint64_t latency_ps = 5000;
  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("bandwidth", &LinkDescription::bandwidth_bytes_per_second,
          {.unit = Unit::bytes_per_second, .min = 1e9, .text = "rate of one direction"});
    visit("latency", &LinkDescription::latency_ps, {.unit = Unit::picoseconds, .text = "of one hop"});
  }
};

struct ChipletDescription {
  std::string name;
  core::IntRange x;
  Detail detail = Detail::tile;
  double clock_hz = 700e6;
  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("name", &ChipletDescription::name, {.text = "unique", .required = true});
    visit("x", &ChipletDescription::x, {.text = "columns"});
    visit("detail", &ChipletDescription::detail, {.text = "level of detail"});
    visit("clock", &ChipletDescription::clock_hz,
          {.unit = Unit::hertz, .min = 1e6, .max = 5e9, .text = "clock"});
  }
};

struct MachineDescription {
  unsigned rows = 4;
  int offset = 0;
  bool fuse = true;
  double efficiency = 1;
  std::array<int, 2> grid{1, 1};
  LinkDescription link;
  std::optional<LinkDescription> spare;
  std::vector<ChipletDescription> chiplets;
  std::map<std::string, double> rates;
  template <class Visitor>
  static void fields(Visitor&& visit) {
    visit("rows", &MachineDescription::rows, {.min = 1, .max = 64, .text = "rows"});
    visit("offset", &MachineDescription::offset, {.text = "offset"});
    visit("fuse", &MachineDescription::fuse, {.text = "fusion"});
    visit("efficiency", &MachineDescription::efficiency,
          {.unit = Unit::ratio, .min = 0, .max = 1, .text = "eff"});
    visit("grid", &MachineDescription::grid, {.min = 1, .text = "grid"});
    visit("link", &MachineDescription::link, {.text = "link"});
    visit("spare", &MachineDescription::spare, {.text = "spare link"});
    visit("chiplets", &MachineDescription::chiplets, {.text = "chiplets"});
    visit("rates", &MachineDescription::rates, {.unit = Unit::hertz, .text = "rates"});
  }
};

MachineDescription read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  ConfigDocument document = ConfigDocument::from_text(text, "machine.yaml");
  for (const auto& assignment : overrides) document.set(assignment);
  return platform::read_config<MachineDescription>(document);
}

std::string mistake(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    read(text, overrides);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "no mistake";
}

}  // namespace

TEST_CASE("every kind of field is read in the unit of its struct") {
  const MachineDescription machine = read(R"(
rows: 8
offset: -3
fuse: false
efficiency: 95 %
grid: [4, 0x10]
link: {bandwidth: 1 TB/s, latency: 0.3 ns}
spare: {}
chiplets:
  - {name: a, x: 1..4, detail: pe}
  - {name: "b", x: 2, clock: 1.5 GHz}
rates: {fast: 1 GHz, slow: 10 kHz}
x-anchors: {anything: goes}
)");
  CHECK(machine.rows == 8);
  CHECK(machine.offset == -3);
  CHECK_FALSE(machine.fuse);
  CHECK(machine.efficiency == Approx(0.95));
  CHECK(machine.grid == std::array<int, 2>{4, 16});
  CHECK(machine.link.bandwidth_bytes_per_second == 1e12);
  CHECK(machine.link.latency_ps == 300);
  CHECK(machine.spare.has_value());
  REQUIRE(machine.chiplets.size() == 2);
  CHECK(machine.chiplets[0].x == core::IntRange{1, 4});
  CHECK(machine.chiplets[0].detail == Detail::pe);
  CHECK(machine.chiplets[1].name == "b");
  CHECK(machine.chiplets[1].x == core::IntRange{2, 2});
  CHECK(machine.chiplets[1].clock_hz == 1.5e9);
  CHECK(machine.rates.at("slow") == 10e3);
}

TEST_CASE("what is not written keeps the default") {
  const MachineDescription machine = read("");
  CHECK(machine.rows == 4);
  CHECK(machine.link.latency_ps == 5000);
  CHECK_FALSE(read("spare: null").spare.has_value());
}

TEST_CASE("mistakes name place, key, found and allowed") {
  CHECK(mistake("link:\n  bandwith: 1 GB/s") ==
        "machine.yaml:2:3: link.bandwith: found unknown key 'bandwith', allowed bandwidth, latency; "
        "did you mean 'bandwidth'?");
  CHECK(mistake("rows: 0") == "machine.yaml:1:7: rows: found '0', allowed a whole number from 1 to 64");
  CHECK(mistake("rows: 4.5") == "machine.yaml:1:7: rows: found '4.5', allowed a whole number from 1 to 64");
  CHECK(mistake("rows: -1") == "machine.yaml:1:7: rows: found '-1', allowed a whole number from 1 to 64");
  CHECK(mistake("link: {bandwidth: 256}") ==
        "machine.yaml:1:19: link.bandwidth: found '256' (no unit), allowed a bandwidth such as '256 GB/s'");
  CHECK(mistake("link: {bandwidth: 256 gb/s}") ==
        "machine.yaml:1:19: link.bandwidth: found '256 gb/s' (unit 'gb/s'), allowed a bandwidth such as "
        "'256 GB/s'; did you mean 'GB/s'?");
  CHECK(mistake("link: {bandwidth: 2 B/s}") ==
        "machine.yaml:1:19: link.bandwidth: found '2 B/s', allowed a bandwidth such as '256 GB/s', at least "
        "1 GB/s");
  CHECK(mistake("chiplets:\n  - x: 1") ==
        "machine.yaml:2:5: chiplets[0].name: found nothing, allowed text (required: unique)");
  CHECK(mistake("chiplets: [{name: a, x: 4..1}]") ==
        "machine.yaml:1:25: chiplets[0].x: found '4..1', allowed an integer or a rising range "
        "such as '1..4'");
  CHECK(mistake("chiplets: [{name: a, detail: tyle}]") ==
        "machine.yaml:1:30: chiplets[0].detail: found 'tyle', allowed pe, tile; did you mean 'tile'?");
  CHECK(mistake("grid: [1, 2, 3]") == "machine.yaml:1:7: grid: found 3 entries, allowed 2");
  CHECK(mistake("rows: 1\nrows: 2") ==
        "machine.yaml:2:1: rows: found the key 'rows' a second time, allowed once (first in line 1)");
  CHECK_THAT(mistake("rows: [1"), Catch::StartsWith("machine.yaml:1:") && Catch::Contains("broken YAML"));
}

TEST_CASE("all mistakes are reported at once") {
  CHECK(mistake("rows: 0\nfuse: yes") ==
        "machine.yaml:1:7: rows: found '0', allowed a whole number from 1 to 64\n"
        "machine.yaml:2:7: fuse: found 'yes', allowed true or false");
}

TEST_CASE("anchors and merge keys work as in YAML") {
  const MachineDescription machine = read(R"(
x-common: &common {detail: pe, clock: 1 GHz}
chiplets:
  - {<<: *common, name: a}
  - {name: b, clock: 2 GHz, <<: *common}
)");
  CHECK(machine.chiplets[0].detail == Detail::pe);
  CHECK(machine.chiplets[1].clock_hz == 2e9);
}

TEST_CASE("overrides reach maps, list items by index and by name") {
  const std::string text = "chiplets: [{name: a}, {name: b}]";
  CHECK(read(text, {"link.bandwidth=1 TB/s"}).link.bandwidth_bytes_per_second == 1e12);
  CHECK(read(text, {"chiplets[1].clock=1 GHz"}).chiplets[1].clock_hz == 1e9);
  CHECK(read(text, {"chiplets.a.clock=1 GHz"}).chiplets[0].clock_hz == 1e9);
  CHECK(read(text, {"chiplets[2]={name: c}"}).chiplets.size() == 3);
  CHECK(mistake(text, {"link.bandwidth=fast"}) ==
        "--set link.bandwidth=fast: link.bandwidth: found 'fast', allowed a bandwidth such as '256 GB/s'");
  CHECK(
      mistake(text, {"lnik.bandwidth=1 GB/s"}) ==
      "--set lnik.bandwidth=1 GB/s: lnik: found unknown key 'lnik', allowed rows, offset, fuse, efficiency, "
      "grid, link, spare, chiplets, rates; did you mean 'link'?");
  CHECK(mistake(text, {"chiplets[7].clock=1 GHz"}) ==
        "--set chiplets[7].clock=1 GHz: chiplets: found index [7], allowed [0] to [2] ([2] appends)");
}
