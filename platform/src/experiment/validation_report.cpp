// SPDX-License-Identifier: Apache-2.0
#include "duet/platform/experiment/validation_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "duet/core/error.hpp"
#include "duet/platform/experiment/result_table.hpp"
#include "validation_sections.hpp"

namespace duet::platform {

namespace {

std::string name_of_cell(const ComparedFigure& figure) {
  if (figure.model.empty()) return "all";
  return figure.model + " " + figure.workload;
}

std::string figure_rows(const std::vector<ComparedFigure>& figures, const std::string& metric, double scale) {
  std::string text;
  for (const ComparedFigure& figure : figures) {
    if (figure.metric != metric) continue;
    text += fmt::format("| {} | {} | {} | {} | {} |\n", name_of_cell(figure), figure.platform,
                        format_cell(figure.published * scale),
                        figure.measured ? format_cell(*figure.measured * scale) : "has not run",
                        figure.error() ? signed_percent(*figure.error()) : "-");
  }
  return text;
}

struct Errors {
  std::optional<double> median, worst;
  std::size_t count = 0, all = 0;
};

Errors errors_of(const std::vector<ComparedFigure>& figures, const std::string& metric) {
  std::vector<double> errors;
  Errors result;
  for (const ComparedFigure& figure : figures) {
    if (figure.metric != metric) continue;
    ++result.all;
    if (figure.error()) errors.push_back(std::abs(*figure.error()));
  }
  result.count = errors.size();
  result.median = reduce(errors, Reduction::median);
  result.worst = reduce(errors, Reduction::maximum);
  return result;
}

std::string verdict(const std::optional<double>& reached, double wanted) {
  if (wanted == 0) return "not compared";
  if (!reached) return fmt::format("has not run ({:.0f} % wanted)", 100 * wanted);
  return fmt::format("{:.1f} % of {:.0f} % ({})", 100 * *reached, 100 * wanted,
                     *reached <= wanted ? "met" : "missed");
}

std::string summary(const PublishedDescription& published, const std::vector<ComparedFigure>& absolutes,
                    const std::vector<ComparedFigure>& ratios) {
  std::string text =
      "## Summary\n\nErrors are of ours over published; a ratio is a system over the base.\n\n"
      "| metric | averaging over batches | ratios, median error | ratios, worst error | "
      "absolute, median error | figures |\n|---|---|---:|---:|---:|---:|\n";
  for (const MetricDescription& metric : published.metrics) {
    const Errors relative = errors_of(ratios, metric.name);
    const Errors absolute = errors_of(absolutes, metric.name);
    text += fmt::format("| {} | {} | {} | {} | {} | {} of {} |\n", metric.title,
                        core::enum_name(metric.reduction), verdict(relative.median, metric.ratio_median),
                        verdict(relative.worst, metric.ratio_worst),
                        verdict(absolute.median, metric.absolute_median), absolute.count, absolute.all);
  }
  return text;
}

std::string figure_section(const PublishedDescription& published, const std::vector<ComparedFigure>& figures,
                           const std::string& heading, bool absolute) {
  std::string text = "## " + heading + "\n";
  for (const MetricDescription& metric : published.metrics) {
    const std::string rows = figure_rows(figures, metric.name, absolute ? metric.display_scale : 1);
    if (rows.empty()) continue;
    text += fmt::format(
        "\n### {}{}\n\n| cell | system | published | ours | error |\n|---|---|---:|---:|---:|\n{}",
        metric.title, absolute && !metric.display_unit.empty() ? ", " + metric.display_unit : "", rows);
  }
  return text;
}

/// The same cells under the other averages, for who prefers them.
std::string averaging_section(const PublishedDescription& published, const ExperimentResults& results) {
  std::string text =
      "## Averaging over batch sizes\n\nMedian error of the absolute figures under each average; the paper "
      "does "
      "not say which it uses.\n\n| metric | mean | median | geometric mean |\n|---|---:|---:|---:|\n";
  for (const MetricDescription& metric : published.metrics) {
    text += "| " + metric.title + " |";
    for (const Reduction reduction : {Reduction::mean, Reduction::median, Reduction::geometric_mean}) {
      PublishedDescription changed = published;
      for (MetricDescription& each : changed.metrics) each.reduction = reduction;
      const Errors errors = errors_of(compare_absolutes(changed, results), metric.name);
      text += errors.median ? fmt::format(" {:.1f} % |", 100 * *errors.median) : " - |";
    }
    text += "\n";
  }
  return text;
}

std::string capacity_section(const ExperimentResults& results) {
  std::string text =
      "## Capacity\n\n| system | model | workload | batch | why it does not fit |\n|---|---|---|---:|---|\n";
  std::size_t count = 0;
  for (const ResultRow& row : results.rows()) {
    if (row.fits()) continue;
    ++count;
    text += fmt::format("| {} | {} | {} | {} | {} |\n", row.text("platform").value_or("-"),
                        row.text("model").value_or("-"), row.text("workload").value_or("-"),
                        row.text("batch").value_or("-"), row.text("reason").value_or("-"));
  }
  return count > 0 ? text : "## Capacity\n\nEvery point fits.\n";
}

std::string change_text(const std::vector<ComparedFigure>& base, const std::vector<ComparedFigure>& changed,
                        const std::string& metric) {
  std::vector<double> changes;
  for (std::size_t i = 0; i < base.size(); ++i) {
    if (base[i].metric == metric && base[i].measured && changed[i].measured) {
      changes.push_back(*changed[i].measured / *base[i].measured);
    }
  }
  const auto mean = reduce(changes, Reduction::geometric_mean);
  return mean ? signed_percent(*mean - 1) : std::string("-");
}

std::string error_text(const std::vector<ComparedFigure>& figures, const std::string& metric) {
  const Errors errors = errors_of(figures, metric);
  return errors.median ? fmt::format("{:.1f} %", 100 * *errors.median) : std::string("-");
}

std::string sensitivity_table(const PublishedDescription& published, const ExperimentResults& sensitivity,
                              const std::vector<std::string>& wanted) {
  const std::vector<std::string> variants = variants_of(sensitivity);
  if (variants.empty()) return "The sensitivity experiment has not run.\n";
  const auto base = only_variant(sensitivity, variants.front());
  const auto base_absolutes = compare_absolutes(published, base);
  std::string text =
      "| variant | metric | change of our figures | absolute error | ratio error "
      "|\n|---|---|---:|---:|---:|\n";
  std::vector<std::string> shown{variants.front()};
  shown.insert(shown.end(), wanted.begin(), wanted.end());
  for (const std::string& variant : shown) {
    const auto results = only_variant(sensitivity, variant);
    const auto absolutes = compare_absolutes(published, results);
    const auto ratios = compare_ratios(published, results);
    for (const MetricDescription& metric : published.metrics) {
      text += fmt::format("| {} | {} | {} | {} | {} |\n", variant, metric.title,
                          change_text(base_absolutes, absolutes, metric.name),
                          error_text(absolutes, metric.name), error_text(ratios, metric.name));
    }
  }
  return text;
}

std::string assumption_section(const std::string& heading,
                               const std::vector<AssumptionDescription>& assumptions,
                               const PublishedDescription& published, const ExperimentResults& sensitivity) {
  std::string text = "## " + heading + "\n";
  for (const AssumptionDescription& assumption : assumptions) {
    text += fmt::format("\n### {}\n\n{}\n", assumption.title, assumption.text);
    if (!assumption.variants.empty())
      text += "\n" + sensitivity_table(published, sensitivity, assumption.variants);
  }
  return text;
}

}  // namespace

std::string validation_markdown(const PublishedDescription& published, const ExperimentResults& results,
                                const ExperimentResults& sensitivity,
                                const std::vector<ExperimentResults>& readings,
                                const std::vector<DesignSpace>& spaces) {
  const auto absolutes = compare_absolutes(published, results);
  const auto ratios = compare_ratios(published, results);
  const auto means = compare_geometric_means(published, results);
  std::string text = fmt::format(
      "# Validation\n\nEvery published figure beside ours. Published: {}. Ours: {} simulated points. "
      "This page is made by `duet-vp validation`; do not edit it.\n\n",
      published.source, results.rows().size());
  text += summary(published, absolutes, ratios) + "\n";
  text += figure_section(published, ratios, "Ratios to " + published.base, false) + "\n";
  text +=
      figure_section(published, means,
                     "Geometric means over all models and workloads, relative to " + published.base, false) +
      "\n";
  text += figure_section(published, absolutes, "Absolute figures", true) + "\n";
  text += averaging_section(published, results) + "\n";
  text += batches_section(published, results) + "\n";
  text += capacity_section(results) + "\n";
  text += design_space_section(spaces, published.front_distance) + "\n";
  text += physics_section(results) + "\n";
  text += readings_section(published, results, readings);
  text += assumption_section("Causes of deviations", published.causes, published, sensitivity) + "\n";
  text +=
      assumption_section("Open assumptions and their weight", published.assumptions, published, sensitivity);
  return text;
}

}  // namespace duet::platform
