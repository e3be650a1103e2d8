// SPDX-License-Identifier: Apache-2.0
// The page as a reader sees it: headless Chromium opens, zooms, chooses, compares (report_in_browser.py).
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "report_example.hpp"
#include "support/temporary_folder.hpp"

namespace {

using Json = nlohmann::ordered_json;

// Makes a page of results with duet-vp and looks at it; the script's exit code.
int look_at_report(const std::vector<Json>& results) {
  const duet::test::TemporaryFolder folder;
  std::string command = DUET_BINARY_DIR "/duet-vp report";
  for (size_t i = 0; i < results.size(); ++i) {
    const std::string path = folder.file("result" + std::to_string(i) + ".json");
    std::ofstream(path) << results[i];
    command += " '" + path + "'";
  }
  const std::string page = folder.file("report.html");
  if (std::system((command + " -o '" + page + "' >/dev/null").c_str()) != 0) return -1;
  return std::system(
      ("timeout 100 python3 " DUET_SOURCE_DIR "/tests/platform/report_in_browser.py '" + page + "'").c_str());
}

bool has_browser() {
  if (std::system("command -v chromium >/dev/null && command -v python3 >/dev/null") == 0) return true;
  WARN("chromium or python3 is not installed: not checked (make test installs them)");
  return false;
}

}  // namespace

TEST_CASE("a run's report works in a browser", "[browser]") {
  if (has_browser()) CHECK(look_at_report({duet::test::example_run("duet", 1, 640)}) == 0);
}

TEST_CASE("the page of a run on DUET works in a browser", "[browser]") {
  if (!has_browser()) return;
  const duet::test::TemporaryFolder folder;
  const std::string page = folder.file("run.html");
  REQUIRE(std::system(
              (DUET_BINARY_DIR
               "/duet-vp run duet --model nemotron-h-8b --workload chat --batch 1,16 --quiet --csv /dev/null "
               "--report '" +
               page + "' >/dev/null")
                  .c_str()) == 0);
  CHECK(std::system(
            ("timeout 100 python3 " DUET_SOURCE_DIR "/tests/platform/report_in_browser.py '" + page + "'")
                .c_str()) == 0);
}

TEST_CASE("a comparison works in a browser", "[browser]") {
  if (has_browser()) {
    CHECK(look_at_report(
              {duet::test::example_run("duet", 1, 320), duet::test::example_run("b200", 2.2, 320)}) == 0);
  }
}

TEST_CASE("an experiment's report works in a browser", "[browser]") {
  if (has_browser()) CHECK(look_at_report({duet::test::example_experiment()}) == 0);
}

TEST_CASE("a timeline of 100,000 bars opens and zooms without a pause of half a second", "[browser]") {
  if (!has_browser()) return;
  Json run = duet::test::example_run("duet", 1, 100'000);
  run["points"] = Json::array({run["points"][1]});
  run["points"][0]["decode"].erase("timeline");
  CHECK(look_at_report({run}) == 0);
}
