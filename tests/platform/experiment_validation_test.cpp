// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "duet/platform/config/yaml_reader.hpp"
#include "duet/platform/experiment/validation_report.hpp"
#include "platform/experiment_support.hpp"

using namespace duet;
using namespace duet::platform;

namespace {

PublishedDescription published() {
  return load_config<PublishedDescription>(DUET_SOURCE_DIR "/configs/experiments/published.yaml");
}

/// Results in which every platform takes `factor` times its published figure.
ExperimentResults published_times(double factor, const std::string& variant = "") {
  ExperimentResults results;
  const auto description = published();
  for (const std::string platform : {"duet", "b200", "prefill-friendly", "decode-friendly"}) {
    for (const auto& [model, workload] : {std::pair<std::string, std::string>{"nemotron-h-56b", "arxiv"},
                                          {"nemotron-h-56b", "chat"},
                                          {"llama3-8b", "arxiv"},
                                          {"llama3-8b", "chat"}}) {
      ResultRow row{{{"platform", platform}, {"model", model}, {"workload", workload}, {"batch", "1"}}, {}};
      if (!variant.empty()) row.inputs["variant"] = variant;
      for (const PublishedCell& cell : description.cells) {
        if (cell.model != model || cell.workload != workload) continue;
        row.result[cell.metric] = cell.values.at(platform) * cell.scale * (platform == "duet" ? 1 : factor);
      }
      results.add(row);
    }
  }
  return results;
}

}  // namespace

TEST_CASE("the published figures are those of the paper") {
  const auto description = published();
  CHECK(description.cells.size() == 12);
  for (const PublishedCell& cell : description.cells) CHECK(cell.values.size() == 4);
  const auto& first = description.cells.front();
  CHECK(first.values.at("b200") * first.scale == Approx(12.560));
}

TEST_CASE("results that equal the published figures have no error") {
  const auto results = published_times(1);
  for (const ComparedFigure& figure : compare_absolutes(published(), results)) {
    REQUIRE(figure.error());
    CHECK(*figure.error() == Approx(0).margin(1e-12));
  }
  CHECK(compare_ratios(published(), results).size() == 12 * 3);
  const std::string page = validation_markdown(published(), results, {});
  CHECK_THAT(page, Catch::Contains("| TTFT | mean | 0.0 % of 10 % (met) |") && !Catch::Contains("missed"));
  CHECK_THAT(page, Catch::Contains("Every point fits"));
}

TEST_CASE("where the chosen arrays lie in their design spaces is judged") {
  CHECK_THAT(validation_markdown(published(), published_times(1), {}),
             Catch::Contains("figure5a and figure5b have not run"));
  const std::vector<FigurePoint> points{
      {4, 2.0, "small"}, {5, 1.02, "cheap"}, {8, 1.0, "fast"}, {10, 1.04, "ours", true}};
  CHECK(least_x(points[3], points, 0.05) == 5);
  CHECK(least_x(points[3], points, 0) == 5);
  CHECK(least_x(points[2], points, 0) == 8);
  const auto page = [&](double wanted) {
    return validation_markdown(
        [&] {
          auto changed = published();
          changed.front_distance = wanted;
          return changed;
        }(),
        published_times(1), {}, {}, {{"space", "area", "latency", points}});
  };
  CHECK_THAT(page(0.05),
             Catch::Contains("| space (4 points) | ours | 10.00 | 1.040 | 4.00 % of 5 % (met) | 5.000 |"));
  CHECK_THAT(page(0.03), Catch::Contains("4.00 % of 3 % (missed)"));
}

TEST_CASE("an error of the ratios is found and judged") {
  const auto ratios = compare_ratios(published(), published_times(1.4));
  for (const ComparedFigure& figure : ratios) CHECK(*figure.error() == Approx(0.4));
  CHECK_THAT(validation_markdown(published(), published_times(1.4), {}),
             Catch::Contains("40.0 % of 10 % (missed)"));
}

TEST_CASE("figures that have not run are told, not invented") {
  const std::string page = validation_markdown(published(), {}, {});
  CHECK_THAT(page, Catch::Contains("has not run") && !Catch::Contains("(met)"));
}

TEST_CASE("a point that does not fit is listed with its reason") {
  auto results = published_times(1);
  results.add({{{"platform", "b200"}, {"model", "nemotron-h-56b"}, {"workload", "arxiv"}, {"batch", "128"}},
               {{"fits", false}, {"reason", "201 GB of 192 GB"}}});
  CHECK_THAT(validation_markdown(published(), results, {}),
             Catch::Contains("| b200 | nemotron-h-56b | arxiv | 128 | 201 GB of 192 GB |"));
}

TEST_CASE("a cause shows what switching it changes") {
  auto sensitivity = published_times(1, "base");
  const auto slower = published_times(1.5, "unfused");
  for (const ResultRow& row : slower.rows()) sensitivity.add(row);
  const std::string page = validation_markdown(published(), published_times(1), sensitivity);
  // Three of four platforms take half as long again: 1.5^(3/4).
  CHECK_THAT(page, Catch::Contains("| unfused | TTFT | +35.5 % | 50.0 % | 50.0 % |"));
  CHECK_THAT(page, Catch::Contains("| base | TTFT | +0.0 % | 0.0 % | 0.0 % |"));
}

TEST_CASE("a reading of a baseline shows its errors beside those of the shipped one") {
  auto readings = published_times(1, "base");
  const auto slow = published_times(1.2, "slow");
  for (const ResultRow& row : slow.rows()) readings.add(row);
  const std::string page = validation_markdown(published(), published_times(1), {}, {readings});
  CHECK_THAT(page, Catch::Contains("| b200 | base | +0.0 % | +0.0 % | +0.0 % | +0.0 % |"));
  CHECK_THAT(page, Catch::Contains("| b200 | slow | +20.0 % | +20.0 % | +20.0 % | +20.0 % |"));
  // 12560 / 2136 of the one batch size.
  CHECK_THAT(page, Catch::Contains("| nemotron-h-56b arxiv | b200 | 5.880 |"));
}
