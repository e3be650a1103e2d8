// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "duet/core/field.hpp"

namespace duet::platform {

/// How the points of one cell of a table become one number.
enum class Reduction { mean, median, minimum, maximum, geometric_mean };

/// Settings that are switched together.
struct VariantDescription {
  std::string name;
  std::string text;
  std::vector<std::string> set;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = VariantDescription;
    visit("name", &Self::name, {.text = "the variant's name in results", .required = true});
    visit("text", &Self::text, {.text = "what it means"});
    visit("set", &Self::set, {.text = "settings 'path=value', as --set takes them"});
  }
};

/// A table over the results: one number of each point, pivoted.
struct TableDescription {
  std::string name;
  std::string title;
  std::string value;
  std::string rows = "platform";
  std::vector<std::string> columns = {"model", "workload"};
  Reduction reduction = Reduction::mean;
  double scale = 1;
  std::string unit;
  std::string relative_to;
  bool geometric_mean = false;
  std::map<std::string, std::string> where;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = TableDescription;
    visit("name", &Self::name, {.text = "file name of the table", .required = true});
    visit("title", &Self::title, {.text = "heading"});
    visit("value", &Self::value,
          {.text = "figure of a point, by its path in the results: ttft_s, decode.bound", .required = true});
    visit("rows", &Self::rows,
          {.text = "input whose values are the rows: platform, model, workload, batch, variant, or an axis"});
    visit("columns", &Self::columns, {.text = "inputs whose combinations are the columns"});
    visit("reduction", &Self::reduction,
          {.text = "how the points of a cell (over what is neither row nor column) become one number"});
    visit("scale", &Self::scale, {.text = "factor on the value: 1000 turns s into ms"});
    visit("unit", &Self::unit, {.text = "unit after scaling"});
    visit("relative_to", &Self::relative_to, {.text = "row to divide by, over the points that both have"});
    visit("geometric_mean", &Self::geometric_mean,
          {.text = "adds a column with the geometric mean of the row"});
    visit("where", &Self::where, {.text = "only points with these inputs"});
  }
};

/// A drawing over the results: one mark a point or a line a series.
struct FigureDescription {
  std::string name;
  std::string title;
  std::string x;
  std::string y;
  std::string x_label;
  std::string y_label;
  std::string series = "platform";
  bool lines = true;
  bool log_x = false;
  bool log_y = false;
  bool pareto = false;
  std::map<std::string, std::string> highlight;
  std::map<std::string, std::string> where;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = FigureDescription;
    visit("name", &Self::name, {.text = "file name of the figure", .required = true});
    visit("title", &Self::title, {.text = "heading"});
    visit("x", &Self::x, {.text = "input or figure of a point on the horizontal axis", .required = true});
    visit("y", &Self::y, {.text = "input or figure of a point on the vertical axis", .required = true});
    visit("x_label", &Self::x_label, {.text = "label of the horizontal axis"});
    visit("y_label", &Self::y_label, {.text = "label of the vertical axis"});
    visit("series", &Self::series, {.text = "input whose values are the series"});
    visit("lines", &Self::lines, {.text = "joins the points of a series"});
    visit("log_x", &Self::log_x, {.text = "logarithmic horizontal axis"});
    visit("log_y", &Self::log_y, {.text = "logarithmic vertical axis"});
    visit("pareto", &Self::pareto, {.text = "draws the front of least x and y over all series"});
    visit("highlight", &Self::highlight,
          {.text = "inputs of a point to ring, whose distance from the front is told"});
    visit("where", &Self::where, {.text = "only points with these inputs"});
  }
};

/// A design space: everything is crossed with everything, one point a combination.
struct ExperimentDescription {
  std::string name;
  std::string description;
  std::vector<std::string> command = {"run",        "{platform}", "--model", "{model}",
                                      "--workload", "{workload}", "--batch", "{batch}",
                                      "--brief",    "--json",     "-"};
  std::vector<std::string> platforms;
  std::vector<std::string> models;
  std::vector<std::string> workloads;
  std::vector<std::uint64_t> batches;
  std::map<std::string, std::vector<std::string>> axes;
  std::vector<VariantDescription> variants;
  std::uint64_t points_per_task = 8;
  std::uint64_t timeout_ps = 1'800'000'000'000'000;
  std::vector<TableDescription> tables;
  std::vector<FigureDescription> figures;
  std::string published;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = ExperimentDescription;
    visit("name", &Self::name,
          {.text = "the experiment's name and that of its results folder", .required = true});
    visit("description", &Self::description, {.text = "what it shows"});
    visit("command", &Self::command,
          {.text = "arguments of duet-vp for one point, which prints JSON; {platform}, {model}, {workload}, "
                   "{batch} and {axis} are replaced"});
    visit("platforms", &Self::platforms, {.text = "platform files, or names in configs/platforms"});
    visit("models", &Self::models, {.text = "models, as 'run --model' takes them"});
    visit("workloads", &Self::workloads, {.text = "workloads, as 'run --workload' takes them"});
    visit("batches", &Self::batches, {.min = 1, .max = 1 << 20, .text = "batch sizes"});
    visit("axes", &Self::axes,
          {.text = "values by key: replaces {key} in the command, or becomes --set key=value"});
    visit("variants", &Self::variants,
          {.text = "named groups of settings; each is one value of the axis 'variant'"});
    visit("points_per_task", &Self::points_per_task,
          {.min = 1, .max = 1e6, .text = "points that one Slurm task runs, one after another"});
    visit("timeout", &Self::timeout_ps,
          {.unit = core::Unit::picoseconds,
           .min = 1e9,
           .max = 1e18,
           .text = "wall time after which a point is stopped and counts as failed"});
    visit("tables", &Self::tables, {.text = "tables made from the results"});
    visit("figures", &Self::figures, {.text = "drawings made from the results"});
    visit("published", &Self::published,
          {.text = "file beside this one with published figures, which the report shows beside the results"});
  }
};

}  // namespace duet::platform

template <>
struct duet::core::EnumNames<duet::platform::Reduction> {
  using Reduction = duet::platform::Reduction;
  static constexpr std::pair<Reduction, std::string_view> values[] = {
      {Reduction::mean, "mean"},
      {Reduction::median, "median"},
      {Reduction::minimum, "minimum"},
      {Reduction::maximum, "maximum"},
      {Reduction::geometric_mean, "geometric_mean"}};
};
