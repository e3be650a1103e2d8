// SPDX-License-Identifier: Apache-2.0
#include "duet/models/sfu/sfu_function.hpp"

#include <cmath>
#include <map>
#include <tuple>

#include "duet/models/numerics/fp16.hpp"
#include "piecewise_linear.hpp"

namespace duet::models {
namespace {

constexpr double gelu_factor = 0.7978845608028654;  // sqrt(2 / pi)
constexpr double gelu_cubic = 0.044715;

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}
double softplus(double x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
double gate(double x) {
  return 0.5 * (1.0 + std::tanh(gelu_factor * (x + gelu_cubic * x * x * x)));
}

uint16_t rounded(double value) {
  // Two roundings, but the first to odd: the result is as if rounded once.
  auto narrow = static_cast<float>(value);
  if (static_cast<double>(narrow) != value && std::isfinite(narrow)) {
    if (std::abs(static_cast<double>(narrow)) > std::abs(value)) narrow = std::nextafterf(narrow, 0.0F);
    narrow = std::bit_cast<float>(std::bit_cast<uint32_t>(narrow) | 1U);
  }
  return fp16_from_float(narrow);
}

// A function as an interpolation over a bounded range, with what holds outside of it.
struct Approximation {
  std::function<double(double)> value;
  double error_bound;
};

Approximation bounded(const std::function<double(double)>& f, double limit, unsigned segments,
                      const std::function<double(double)>& outside) {
  PiecewiseLinear line(f, -limit, limit, segments);
  const double tail = std::max(std::abs(f(limit) - outside(limit)), std::abs(f(-limit) - outside(-limit)));
  return {[=](double x) { return std::abs(x) < limit ? line(x) : outside(x); }, std::max(line.error(), tail)};
}

Approximation approximate(SfuFunction function, unsigned segments) {
  const auto step = [](double x) { return x > 0 ? 1.0 : 0.0; };
  switch (function) {
    case SfuFunction::exp: {
      PiecewiseLinear line([](double f) { return std::exp2(f); }, 0.0, 1.0, segments);
      return {[=](double x) {
                const double scaled = x * 1.4426950408889634;
                const double whole = std::floor(scaled);
                return std::ldexp(line(scaled - whole), static_cast<int>(std::clamp(whole, -1000.0, 1000.0)));
              },
              line.error()};
    }
    case SfuFunction::softplus:
      return bounded(softplus, 12.0, segments, [](double x) { return std::max(x, 0.0); });
    case SfuFunction::sigmoid:
      return bounded(sigmoid, 12.0, segments, step);
    case SfuFunction::silu: {
      const Approximation inner = bounded(sigmoid, 12.0, segments, step);
      return {[=](double x) { return x * inner.value(x); }, inner.error_bound};
    }
    case SfuFunction::gelu: {
      const Approximation inner = bounded(gate, 6.0, segments, step);
      return {[=](double x) { return x * inner.value(x); }, inner.error_bound};
    }
    case SfuFunction::tanh:
      return bounded([](double x) { return std::tanh(x); }, 6.0, segments,
                     [](double x) { return x > 0 ? 1.0 : -1.0; });
    case SfuFunction::reciprocal: {
      PiecewiseLinear line([](double m) { return 1.0 / m; }, 0.5, 1.0, segments);
      return {[=](double x) {
                int exponent = 0;
                const double mantissa = std::frexp(std::abs(x), &exponent);
                return std::copysign(std::ldexp(line(mantissa), -exponent), x);
              },
              line.error()};
    }
    case SfuFunction::rsqrt: {
      PiecewiseLinear line([](double m) { return 1.0 / std::sqrt(m); }, 0.25, 1.0, segments);
      return {[=](double x) {
                int exponent = 0;
                double mantissa = std::frexp(x, &exponent);
                if (exponent % 2 != 0) {
                  mantissa /= 2;
                  ++exponent;
                }
                return std::ldexp(line(mantissa), -exponent / 2);
              },
              line.error()};
    }
    case SfuFunction::squared_relu:
      break;
  }
  return {[](double x) { return sfu_reference(SfuFunction::squared_relu, x); }, 0.0};
}

}  // namespace

std::string_view sfu_function_name(SfuFunction function) {
  constexpr std::array<std::string_view, all_sfu_functions.size()> names{
      "exp", "softplus", "silu", "sigmoid", "squared_relu", "reciprocal", "rsqrt", "tanh", "gelu"};
  return names[static_cast<size_t>(function)];
}

double sfu_reference(SfuFunction function, double x) {
  switch (function) {
    case SfuFunction::exp:
      return std::exp(x);
    case SfuFunction::softplus:
      return softplus(x);
    case SfuFunction::silu:
      return x * sigmoid(x);
    case SfuFunction::sigmoid:
      return sigmoid(x);
    case SfuFunction::squared_relu:
      return x > 0 ? x * x : 0.0;
    case SfuFunction::reciprocal:
      return 1.0 / x;
    case SfuFunction::rsqrt:
      return 1.0 / std::sqrt(x);
    case SfuFunction::tanh:
      return std::tanh(x);
    case SfuFunction::gelu:
      return x * gate(x);
  }
  return x;
}

SfuTable::SfuTable(SfuFunction function, unsigned segments, bool exact) {
  auto values = std::make_shared<Values>();
  Approximation approximation{[=](double x) { return sfu_reference(function, x); }, 0.0};
  const Approximation line = exact ? approximation : approximate(function, segments);
  for (uint32_t bits = 0; bits < values->size(); ++bits) {
    const double x = fp16_to_float(static_cast<uint16_t>(bits));
    // Infinities, zeros and what lies outside of the domain are decided by the function itself.
    const double limit = approximation.value(x);
    const bool special = !std::isfinite(x) || !std::isfinite(limit) || x == 0.0;
    double y = special ? limit : line.value(x);
    if (std::isinf(x) && x < 0 && (function == SfuFunction::silu || function == SfuFunction::gelu)) y = -0.0;
    if (std::isnan(x)) y = x;
    if (std::isnan(y) && !std::isnan(x) && x > 0) y = x;
    (*values)[bits] = rounded(y);
  }
  values_ = std::move(values);
  error_bound_ = line.error_bound;
}

float SfuTable::apply(float x) const {
  return fp16_to_float((*values_)[fp16_from_float(x)]);
}

const SfuTable& sfu_table(SfuFunction function, const core::SfuDescription& sfu) {
  using Key = std::tuple<SfuFunction, unsigned, bool>;
  static std::map<Key, SfuTable> tables;
  const Key key{function, sfu.exact ? 0 : sfu.segments, sfu.exact};
  const auto found = tables.find(key);
  if (found != tables.end()) return found->second;
  return tables.emplace(key, SfuTable(function, sfu.segments, sfu.exact)).first->second;
}

}  // namespace duet::models
