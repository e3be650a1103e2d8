// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace duet::platform {

/// Text for HTML and SVG, in elements and in quoted attributes.
std::string escape_html(std::string_view text);

/// A table with a caption for screen readers. The first column heads its row; columns whose cells begin with
/// a digit, a sign or a dash are set as figures.
class HtmlTable {
 public:
  HtmlTable(std::string caption, std::vector<std::string> columns)
      : caption_(std::move(caption)), columns_(std::move(columns)) {}
  void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string html() const;

 private:
  std::string caption_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// A figure that the page's script draws, with the table behind it. `chart` names the drawing, `phase` may
/// be empty; `label` is what a screen reader says.
std::string chart_figure(std::string_view caption, std::string_view chart, std::string_view phase,
                         std::string_view label, const HtmlTable& table);
/// A figure whose content is given (SVG), with the table behind it.
std::string static_figure(std::string_view caption, std::string_view content, const HtmlTable& table);
/// A sentence where a figure would stand.
std::string missing_note(std::string_view sentence);

}  // namespace duet::platform
