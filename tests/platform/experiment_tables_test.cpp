// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/result_figure.hpp"
#include "duet/platform/experiment/result_table.hpp"

using namespace duet;
using namespace duet::platform;

namespace {

ResultRow row(const std::string& platform, const std::string& workload, int batch, double ttft,
              bool fits = true) {
  return {{{"platform", platform}, {"workload", workload}, {"batch", std::to_string(batch)}},
          {{"ttft_s", ttft}, {"fits", fits}, {"prefill", {{"bound", "compute"}, {"time_s", 2 * ttft}}}}};
}

ExperimentResults example() {
  ExperimentResults results;
  results.add(row("duet", "chat", 1, 0.001));
  results.add(row("duet", "chat", 2, 0.003));
  results.add(row("duet", "arxiv", 1, 0.010));
  results.add(row("duet", "arxiv", 2, 0.030));
  results.add(row("gpu", "chat", 1, 0.004));
  results.add(row("gpu", "chat", 2, 0.006));
  results.add(row("gpu", "arxiv", 1, 0.050));
  results.add(row("gpu", "arxiv", 2, 0, false));
  return results;
}

TableDescription ttft_table() {
  TableDescription table;
  table.name = "ttft";
  table.value = "ttft_s";
  table.columns = {"workload"};
  table.scale = 1000;
  return table;
}

}  // namespace

TEST_CASE("a table reduces what is neither row nor column") {
  const ResultTable table = make_table(ttft_table(), example());
  CHECK(table.rows == std::vector<std::string>{"duet", "gpu"});
  CHECK(table.columns == std::vector<std::string>{"chat", "arxiv"});
  CHECK(*table.cells[0][0] == Approx(2));
  CHECK(*table.cells[0][1] == Approx(20));
  CHECK(*table.cells[1][1] == Approx(50));  // the batch that fits
  CHECK(table.notes == std::vector<std::string>{"gpu arxiv batch 2 does not fit"});
  CHECK_THAT(table.markdown(), Catch::Contains("| gpu | 5.000 | 50.00 |") && Catch::Contains("does not fit"));
}

TEST_CASE("ratios are taken over the points that both have") {
  TableDescription description = ttft_table();
  description.relative_to = "duet";
  description.geometric_mean = true;
  const ResultTable table = make_table(description, example());
  CHECK(*table.cells[1][0] == Approx(5.0 / 2.0));
  CHECK(*table.cells[1][1] == Approx(5.0));  // batch 1 alone, not 50 / 20
  CHECK(*table.cells[0][1] == Approx(1));
  CHECK(table.columns.back() == "geometric mean");
  CHECK(*table.cells[1][2] == Approx(std::sqrt(2.5 * 5)));
  description.relative_to = "tpu";
  CHECK_THROWS_WITH(make_table(description, example()), Catch::Contains("found 'tpu', allowed: duet, gpu"));
}

TEST_CASE("figures inside figures are found by path, text is no number") {
  TableDescription description = ttft_table();
  description.value = "prefill.time_s";
  description.where = {{"workload", "chat"}};
  CHECK(*make_table(description, example()).cells[0][0] == Approx(4));
  description.value = "prefill.bound";
  CHECK_THROWS_WITH(make_table(description, example()),
                    Catch::Contains("no point has a number 'prefill.bound'"));
  CHECK(example().rows()[0].text("prefill.bound") == "compute");
}

TEST_CASE("reductions") {
  const std::vector<double> values{4, 1, 16, 2};
  CHECK(*reduce(values, Reduction::mean) == Approx(5.75));
  CHECK(*reduce(values, Reduction::median) == Approx(3));
  CHECK(*reduce({5, 1, 9}, Reduction::median) == Approx(5));
  CHECK(*reduce(values, Reduction::minimum) == 1);
  CHECK(*reduce(values, Reduction::maximum) == 16);
  CHECK(*reduce(values, Reduction::geometric_mean) == Approx(std::pow(128.0, 0.25)));
  CHECK_FALSE(reduce({}, Reduction::mean));
}

TEST_CASE("CSV quotes what needs it") {
  ExperimentResults results;
  results.add({{{"platform", "a,b"}}, {{"text", "say \"x\""}}});
  CHECK(results.csv() == "platform,text\n\"a,b\",\"say \"\"x\"\"\"\n");
}

TEST_CASE("a Pareto front holds what nothing beats") {
  const std::vector<FigurePoint> points{{1, 10, "a"}, {2, 5, "b"}, {2, 7, "c"},
                                        {3, 6, "d"},  {4, 1, "e"}, {5, 1, "f"}};
  std::string front;
  for (const FigurePoint& point : pareto_front(points)) front += point.label;
  CHECK(front == "abe");
  CHECK(distance_from_front(points[3], points) == Approx(0.2));
  CHECK(distance_from_front(points[1], points) == 0);
}

TEST_CASE("a figure draws every point once and names its series") {
  FigureDescription description;
  description.name = "f";
  description.x = "batch";
  description.y = "ttft_s";
  description.highlight = {{"batch", "1"}, {"workload", "chat"}};
  description.title = "<time & batch>";
  const auto series = figure_series(description, example());
  REQUIRE(series.size() == 2);
  CHECK(series[0].name == "duet");
  CHECK(series[1].points.size() == 3);
  const std::string svg = figure_svg(description, series);
  std::size_t marks = 0;
  for (auto at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at + 1)) ++marks;
  CHECK(marks == 7);
  CHECK_THAT(svg, Catch::Contains("&lt;time &amp; batch&gt;") && Catch::Contains("</svg>"));
  CHECK_THAT(svg, Catch::Contains(">platform<") && Catch::Contains(">gpu<") && Catch::Contains(">chosen<"));
  description.y = "nothing";
  CHECK_THROWS_AS(figure_series(description, example()), core::UserError);
}
