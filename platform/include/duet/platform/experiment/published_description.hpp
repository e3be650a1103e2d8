// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "duet/platform/experiment/experiment_description.hpp"

namespace duet::platform {

/// Figures that a publication gives for several systems on one model and workload.
struct PublishedCell {
  std::string metric;
  std::string model;
  std::string workload;
  double scale = 1;
  std::map<std::string, double> values;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = PublishedCell;
    visit("metric", &Self::metric,
          {.text = "figure of a point: ttft_s, tbt_s, throughput_tokens_per_s", .required = true});
    visit("model", &Self::model, {.text = "model; empty for a geometric mean over all"});
    visit("workload", &Self::workload, {.text = "workload; empty for a geometric mean over all"});
    visit("scale", &Self::scale, {.text = "factor to the metric's unit: 0.001 for values in ms"});
    visit("values", &Self::values, {.text = "published value by platform", .required = true});
  }
};

/// How one metric is averaged over the batch sizes that run, and how near it should come.
struct MetricDescription {
  std::string name;
  std::string title;
  Reduction reduction = Reduction::mean;
  double display_scale = 1;
  std::string display_unit;
  double ratio_median = 0.10;
  double ratio_worst = 0.30;
  double absolute_median = 0.20;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = MetricDescription;
    visit("name", &Self::name, {.text = "figure of a point", .required = true});
    visit("title", &Self::title, {.text = "its name in the report", .required = true});
    visit("reduction", &Self::reduction, {.text = "over the batch sizes that run"});
    visit("display_scale", &Self::display_scale, {.text = "factor for the report: 1000 for ms"});
    visit("display_unit", &Self::display_unit, {.text = "unit in the report"});
    visit("ratio_median", &Self::ratio_median,
          {.unit = core::Unit::ratio, .min = 0, .text = "wanted median error of the ratios to the base"});
    visit("ratio_worst", &Self::ratio_worst,
          {.unit = core::Unit::ratio, .min = 0, .text = "wanted worst error of the ratios to the base"});
    visit("absolute_median", &Self::absolute_median,
          {.unit = core::Unit::ratio,
           .min = 0,
           .text = "wanted median error of the absolute figures; 0: not compared"});
  }
};

/// One open question of the publication, with the variants of the sensitivity experiment that answer it.
struct AssumptionDescription {
  std::string title;
  std::string text;
  std::vector<std::string> variants;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = AssumptionDescription;
    visit("title", &Self::title, {.text = "what is open, or what deviates", .required = true});
    visit("text", &Self::text, {.text = "what was chosen and why", .required = true});
    visit("variants", &Self::variants, {.text = "variants of the sensitivity experiment that switch it"});
  }
};

struct PublishedDescription {
  std::string source;
  std::string base = "duet";
  std::vector<MetricDescription> metrics;
  std::vector<PublishedCell> cells;
  std::vector<PublishedCell> geometric_means;
  std::vector<AssumptionDescription> assumptions;
  std::vector<AssumptionDescription> causes;
  double front_distance = 0.05;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = PublishedDescription;
    visit("source", &Self::source, {.text = "the publication", .required = true});
    visit("base", &Self::base, {.text = "platform that ratios are taken over"});
    visit("metrics", &Self::metrics, {.text = "metrics and their averaging", .required = true});
    visit("cells", &Self::cells, {.text = "published figures", .required = true});
    visit("geometric_means", &Self::geometric_means,
          {.text = "published geometric means, normalised to the base"});
    visit("assumptions", &Self::assumptions, {.text = "open questions"});
    visit("causes", &Self::causes, {.text = "causes of deviations"});
    visit("front_distance", &Self::front_distance,
          {.unit = core::Unit::ratio,
           .min = 0,
           .text = "wanted distance of the chosen arrays from the Pareto fronts of their design spaces"});
  }
};

}  // namespace duet::platform
