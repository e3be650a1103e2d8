// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace duet::models {

/// Interpolates a smooth function on [low, high] with segments of equal error: breakpoints are
/// equidistant in the integral of sqrt|f''|.
class PiecewiseLinear {
 public:
  PiecewiseLinear(const std::function<double(double)>& f, double low, double high, unsigned segments) {
    constexpr unsigned samples = 16384;
    const double step = (high - low) / samples;
    std::vector<double> integral(samples + 1, 0.0);
    for (unsigned i = 0; i < samples; ++i) {
      const double x = low + (i + 0.5) * step;
      const double curvature = (f(x + step) - 2 * f(x) + f(x - step)) / (step * step);
      // The floor keeps breakpoints apart where the function is straight.
      integral[i + 1] = integral[i] + std::sqrt(std::abs(curvature) + 1e-7) * step;
    }
    for (unsigned i = 0; i <= segments; ++i) {
      const double target = integral.back() * i / segments;
      const auto at = std::lower_bound(integral.begin(), integral.end(), target);
      const double x = i == segments ? high : low + static_cast<double>(at - integral.begin()) * step;
      x_.push_back(x);
      y_.push_back(f(x));
    }
    for (unsigned i = 0; i < segments; ++i) {
      for (unsigned k = 1; k < 32; ++k) {
        const double x = x_[i] + (x_[i + 1] - x_[i]) * k / 32;
        error_ = std::max(error_, std::abs((*this)(x)-f(x)));
      }
    }
  }

  double operator()(double x) const {
    const auto above = std::upper_bound(x_.begin() + 1, x_.end() - 1, x);
    const auto i = static_cast<size_t>(above - x_.begin());
    const double width = x_[i] - x_[i - 1];
    const double slope = width > 0 ? (y_[i] - y_[i - 1]) / width : 0.0;
    return y_[i - 1] + slope * (x - x_[i - 1]);
  }

  /// Largest deviation found at 31 points of each segment, and a tenth for what lies between them.
  [[nodiscard]] double error() const { return 1.1 * error_; }

 private:
  std::vector<double> x_;
  std::vector<double> y_;
  double error_ = 0;
};

}  // namespace duet::models
