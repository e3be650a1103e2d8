// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "asset.hpp"
#include "duet/platform/report/report.hpp"
#include "duet/platform/report/sha256.hpp"
#include "embedded_data.hpp"
#include "html.hpp"
#include "number_text.hpp"
#include "sections.hpp"

namespace duet::platform {
namespace {

constexpr size_t panels_limit = 64;

std::string hash_source(std::string_view content) {
  return "'sha256-" + base64(sha256(content)) + "'";
}

std::string panel(const Json& run, size_t run_index, const Json& point, size_t point_index) {
  return fmt::format("<section class=\"panel\" data-run=\"{}\" data-point=\"{}\"><h2>{}, batch {}</h2>\n",
                     run_index, point_index, escape_html(text(run, "label")),
                     plain_text(number(point, "batch"))) +
         layer_kind_part(point) + roofline_part(point) + timeline_part(point) + floorplan_part(point) +
         over_time_part(point) + energy_part(point) + area_part(run) + "</section>\n";
}

std::string details(const ResultSet& set) {
  std::string panels;
  size_t count = 0;
  size_t left_out = 0;
  for (size_t i = 0; i < set.runs.size(); ++i) {
    const auto points = list(set.runs[i], "points");
    for (size_t j = 0; j < points.size(); ++j) {
      if (!has_details(*points[j])) continue;
      if (count == panels_limit) {
        ++left_out;
        continue;
      }
      panels += panel(set.runs[i], i, *points[j], j);
      ++count;
    }
  }
  std::string html = "<section id=\"details\"><h2>Details of a point</h2>\n";
  if (count == 0) {
    html += missing_note("The results have no details of layers (layer_kinds, timeline, floorplan, energy).");
    for (const Json& run : set.runs) {
      if (!child(run, "area").empty()) {
        html += fmt::format("<section class=\"panel shown\" data-run=\"{}\">{}</section>",
                            &run - &set.runs[0], area_part(run));
      }
    }
    return html + "</section>\n";
  }
  html += "<form class=\"selector\" id=\"selector\" hidden></form>\n";
  if (left_out > 0) {
    html += missing_note(
        fmt::format("{} more points have details; the page shows the first {}.", left_out, panels_limit));
  }
  return html + panels + "</section>\n";
}

std::string provenance(const ResultSet& set) {
  HtmlTable table("What was run", {"run", "platform", "model", "workload", "tokens in, out",
                                   "levels of detail", "layers reused", "duet-vp"});
  std::string notes;
  for (const Json& run : set.runs) {
    std::string levels;
    if (child(run, "levels").is_object()) {
      for (const auto& [part, level] : child(run, "levels").items()) {
        if (level.is_string())
          levels += fmt::format("{}{}: {}", levels.empty() ? "" : ", ", part, level.get<std::string>());
      }
    }
    const Json& reuse = child(run, "reuse_layers");
    table.add_row({text(run, "label"), text(run, "platform"), text(run, "model"), text(run, "workload"),
                   plain_text(number(run, "prompt_tokens")) + ", " + plain_text(number(run, "output_tokens")),
                   levels, reuse.is_boolean() ? (reuse.get<bool>() ? "yes" : "no") : "not stated",
                   text(run, "version")});
    for (const char* key : {"warnings", "notes"}) {
      for (const Json* note : list(run, key)) {
        if (!note->is_string()) continue;
        notes += fmt::format("<li>{}: {}</li>", escape_html(text(run, "label")),
                             escape_html(note->get<std::string>()));
      }
    }
  }
  std::string html = "<section id=\"provenance\"><h2>What was run</h2>\n" + table.html();
  if (!notes.empty()) html += "<ul>" + notes + "</ul>\n";
  return html + "</section>\n";
}

std::string licences() {
  return fmt::format(
      "<footer><p>Made by duet-vp. This file needs no network.</p><details><summary>Licences of the "
      "charts</summary>"
      "<pre>{}</pre><pre>{}</pre></details></footer>\n",
      escape_html(chart_notice()), escape_html(chart_license()));
}

}  // namespace

std::string render_report(const std::vector<ReportInput>& inputs) {
  const ResultSet set = collect_results(inputs);
  const std::string script = page_script();
  const std::string policy = fmt::format(
      "default-src 'none'; script-src {} {}; style-src {}; img-src data:; base-uri 'none'; form-action "
      "'none'",
      hash_source(chart_bundle()), hash_source(script), hash_source(page_style()));
  const std::string comparison = comparison_section(set);
  const std::string experiment = experiment_section(set);
  const std::string title = escape_html(set.title);
  std::string html = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
  html += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", policy);
  html +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n";
  html += fmt::format("<title>{}</title>\n<style>{}</style></head>\n<body>\n", title, page_style());
  html += "<a class=\"skip\" href=\"#summary\">To the summary</a>\n";
  html +=
      fmt::format("<header><h1>{}</h1><nav aria-label=\"Sections\"><a href=\"#summary\">Summary</a>", title);
  if (!comparison.empty()) html += "<a href=\"#comparison\">Comparison</a>";
  if (!experiment.empty()) html += "<a href=\"#experiment\">Batch sizes</a>";
  html += "<a href=\"#details\">Details</a><a href=\"#provenance\">What was run</a></nav></header>\n<main>\n";
  html += summary_section(set) + comparison + experiment + details(set) + provenance(set) + "</main>\n" +
          licences();
  html += "<script type=\"application/json\" id=\"duet-data\">" + embedded_data(set) + "</script>\n";
  html += fmt::format("<script>{}</script>\n<script>{}</script>\n</body></html>\n", chart_bundle(), script);
  return html;
}

}  // namespace duet::platform
