// SPDX-License-Identifier: Apache-2.0
#include "html.hpp"

#include <fmt/format.h>

#include "number_text.hpp"

namespace duet::platform {
namespace {

bool is_figure(std::string_view cell) {
  return !cell.empty() && ((cell.front() >= '0' && cell.front() <= '9') || cell.front() == '-' ||
                           cell.front() == '+' || cell.starts_with(no_figure));
}

std::string table_behind(const HtmlTable& table) {
  if (table.empty()) return "";
  return fmt::format("<details class=\"data\"><summary>Table</summary>{}</details>", table.html());
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string HtmlTable::html() const {
  std::string html = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table><caption>{0}</caption>"
      "<thead><tr>",
      escape_html(caption_));
  for (size_t i = 0; i < columns_.size(); ++i) {
    const bool figures = !rows_.empty() && i < rows_.front().size() && is_figure(rows_.front()[i]);
    html +=
        fmt::format("<th scope=\"col\"{}>{}</th>", figures ? " class=\"n\"" : "", escape_html(columns_[i]));
  }
  html += "</tr></thead><tbody>";
  for (const auto& row : rows_) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      const char* figure = is_figure(row[i]) ? " class=\"n\"" : "";
      html += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", figure, escape_html(row[i]))
                     : fmt::format("<td{}>{}</td>", figure, escape_html(row[i]));
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div>\n";
}

std::string chart_figure(std::string_view caption, std::string_view chart, std::string_view phase,
                         std::string_view label, const HtmlTable& table) {
  return fmt::format(
      "<figure><figcaption>{}</figcaption><div class=\"chart\" data-chart=\"{}\" data-phase=\"{}\" "
      "role=\"img\" aria-label=\"{}\"></div>{}</figure>\n",
      escape_html(caption), escape_html(chart), escape_html(phase), escape_html(label), table_behind(table));
}

std::string static_figure(std::string_view caption, std::string_view content, const HtmlTable& table) {
  return fmt::format("<figure><figcaption>{}</figcaption>{}{}</figure>\n", escape_html(caption), content,
                     table_behind(table));
}

std::string missing_note(std::string_view sentence) {
  return fmt::format("<p class=\"missing\">{}</p>\n", escape_html(sentence));
}

}  // namespace duet::platform
