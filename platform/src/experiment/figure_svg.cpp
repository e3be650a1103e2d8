// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "duet/platform/experiment/result_figure.hpp"
#include "duet/platform/experiment/result_table.hpp"

namespace duet::platform {

namespace {

constexpr double width = 720, height = 440, left = 80, right = 180, top = 40, bottom = 56;
constexpr std::array<const char*, 8> colours{"#1f77b4", "#d62728", "#2ca02c", "#ff7f0e",
                                             "#9467bd", "#8c564b", "#17becf", "#7f7f7f"};

std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

class Axis {
 public:
  Axis(bool logarithmic, double from_pixel, double to_pixel)
      : logarithmic_(logarithmic), from_pixel_(from_pixel), to_pixel_(to_pixel) {}

  void include(double value) {
    if (logarithmic_ && value <= 0) return;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  /// Linear axes start at 0; single values get room.
  void finish() {
    if (!logarithmic_) {
      low_ = std::min(low_, 0.0);
      if (high_ <= low_) high_ = low_ + 1;
      high_ += 0.05 * (high_ - low_);
    } else {
      low_ /= 1.15;
      high_ *= 1.15;
    }
  }
  [[nodiscard]] double pixel(double value) const {
    const double share =
        logarithmic_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
    return from_pixel_ + share * (to_pixel_ - from_pixel_);
  }
  [[nodiscard]] bool shows(double value) const { return !logarithmic_ || value > 0; }
  [[nodiscard]] std::vector<double> ticks() const {
    return logarithmic_ ? logarithmic_ticks() : linear_ticks();
  }

 private:
  [[nodiscard]] std::vector<double> linear_ticks() const {
    const double raw = (high_ - low_) / 6;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
    std::vector<double> ticks;
    const auto last = static_cast<int>(std::floor(high_ / step));
    for (int i = static_cast<int>(std::ceil(low_ / step)); i <= last; ++i) ticks.push_back(i * step);
    return ticks;
  }
  [[nodiscard]] std::vector<double> logarithmic_ticks() const {
    std::vector<double> ticks;
    const bool dense = high_ / low_ < 100;
    const auto last = static_cast<int>(std::floor(std::log10(high_)));
    for (int exponent = static_cast<int>(std::floor(std::log10(low_))); exponent <= last; ++exponent) {
      const double power = std::pow(10, exponent);
      for (const double factor : {1.0, 2.0, 5.0}) {
        if ((factor == 1 || dense) && power * factor >= low_ && power * factor <= high_)
          ticks.push_back(power * factor);
      }
    }
    return ticks;
  }

  bool logarithmic_;
  double from_pixel_, to_pixel_;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

std::string polyline(const std::vector<FigurePoint>& points, const Axis& x, const Axis& y,
                     const std::string& style) {
  std::string path;
  for (const FigurePoint& point : points) {
    if (x.shows(point.x) && y.shows(point.y))
      path += fmt::format("{:.1f},{:.1f} ", x.pixel(point.x), y.pixel(point.y));
  }
  return fmt::format("<polyline fill=\"none\" {} points=\"{}\"/>\n", style, path);
}

std::string tick_text(double tick) {
  return fmt::format("{:.4g}", tick);
}

std::string frame(const FigureDescription& description, const Axis& x, const Axis& y) {
  std::string svg;
  for (const double tick : x.ticks()) {
    const double at = x.pixel(tick);
    svg += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#ddd\"/>\n", at,
                       top, height - bottom);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", at,
                       height - bottom + 18, tick_text(tick));
  }
  for (const double tick : y.ticks()) {
    const double at = y.pixel(tick);
    svg += fmt::format("<line x1=\"{1}\" y1=\"{0:.1f}\" x2=\"{2}\" y2=\"{0:.1f}\" stroke=\"#ddd\"/>\n", at,
                       left, width - right);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left - 6, at + 4,
                       tick_text(tick));
  }
  svg += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#333\"/>\n",
                     left, top, width - left - right, height - top - bottom);
  svg += fmt::format("<text x=\"{}\" y=\"22\" font-size=\"15\">{}</text>\n", left,
                     escape(description.title.empty() ? description.name : description.title));
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (left + width - right) / 2,
                     height - 14, escape(description.x_label.empty() ? description.x : description.x_label));
  svg += fmt::format("<text transform=\"translate(18,{}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                     (top + height - bottom) / 2,
                     escape(description.y_label.empty() ? description.y : description.y_label));
  return svg;
}

std::string marks(const FigureSeries& series, const Axis& x, const Axis& y, const std::string& colour) {
  std::string svg;
  for (const FigurePoint& point : series.points) {
    if (!x.shows(point.x) || !y.shows(point.y)) continue;
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"><title>{}: {}, {}</title></circle>\n",
        x.pixel(point.x), y.pixel(point.y), colour, escape(point.label), format_cell(point.x),
        format_cell(point.y));
  }
  return svg;
}

std::string ring(double x, double y) {
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"9\" fill=\"none\" stroke=\"black\"/>\n", x, y);
}

/// Beside the frame: the input that makes the series, its values, and what else is drawn.
std::string legend(const FigureDescription& description, const std::vector<FigureSeries>& series,
                   const std::string& front_style) {
  constexpr double mark = width - right + 16, line_height = 18;
  double at = top + 14;
  const auto text = [&at](const std::string& words, double x) {
    return fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", x, at, escape(words));
  };
  std::string svg = text(description.series, mark - 4);
  for (std::size_t i = 0; i < series.size(); ++i) {
    at += line_height;
    svg += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"4\" fill=\"{}\"/>", mark, at - 4,
                       colours[i % colours.size()]);
    svg += text(series[i].name, mark + 10);
  }
  if (description.pareto) {
    at += line_height;
    svg += fmt::format("<line x1=\"{0}\" y1=\"{2}\" x2=\"{1}\" y2=\"{2}\" {3}/>", mark - 8, mark + 8, at - 4,
                       front_style);
    svg += text("Pareto front", mark + 14);
  }
  if (!description.highlight.empty()) {
    at += line_height;
    svg += ring(mark, at - 4) + text("chosen", mark + 14);
  }
  return svg;
}

}  // namespace

std::string figure_svg(const FigureDescription& description, const std::vector<FigureSeries>& series) {
  Axis x(description.log_x, left, width - right), y(description.log_y, height - bottom, top);
  std::vector<FigurePoint> all;
  for (const FigureSeries& one : series) {
    for (const FigurePoint& point : one.points) {
      x.include(point.x);
      y.include(point.y);
      all.push_back(point);
    }
  }
  x.finish();
  y.finish();
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      width, height);
  svg += frame(description, x, y);
  const std::string front_style = "stroke=\"#333\" stroke-dasharray=\"5 3\"";
  if (description.pareto) svg += polyline(pareto_front(all), x, y, front_style);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::string colour = colours[i % colours.size()];
    if (description.lines)
      svg += polyline(series[i].points, x, y, "stroke-width=\"2\" stroke=\"" + colour + "\"");
    svg += marks(series[i], x, y, colour);
  }
  for (const FigurePoint& point : all) {
    if (point.highlighted && x.shows(point.x) && y.shows(point.y))
      svg += ring(x.pixel(point.x), y.pixel(point.y));
  }
  svg += legend(description, series, front_style);
  return svg + "</svg>\n";
}

}  // namespace duet::platform
