// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "duet/core/array_description.hpp"

namespace duet::models {

enum class SfuFunction : uint8_t {
  exp,
  softplus,
  silu,
  sigmoid,
  squared_relu,
  reciprocal,
  rsqrt,
  tanh,
  gelu,
};

inline constexpr std::array all_sfu_functions{
    SfuFunction::exp,     SfuFunction::softplus,     SfuFunction::silu,
    SfuFunction::sigmoid, SfuFunction::squared_relu, SfuFunction::reciprocal,
    SfuFunction::rsqrt,   SfuFunction::tanh,         SfuFunction::gelu};

std::string_view sfu_function_name(SfuFunction function);

/// The mathematical function, in double precision (gelu: the tanh form).
double sfu_reference(SfuFunction function, double x);

/// One function as an SFU of the array computes it: FP16 in, FP16 out.
///
/// `exact` rounds the double-precision value once. Otherwise the value is a piecewise-linear
/// interpolation with `segments` segments (after Flex-SFU, IEEE DAC 2023, whose breakpoints are not
/// equidistant either): breakpoints are set so that each segment has the same error. exp, reciprocal
/// and rsqrt first take the exponent apart, so that their error is relative.
class SfuTable {
 public:
  SfuTable(SfuFunction function, unsigned segments, bool exact);

  [[nodiscard]] uint16_t operator()(uint16_t x) const { return (*values_)[x]; }
  /// The same on a register's value.
  [[nodiscard]] float apply(float x) const;

  /// Largest deviation of the interpolation from the function before the result is rounded to FP16:
  /// relative for exp, reciprocal and rsqrt, absolute for the others (silu and gelu: times |x|).
  [[nodiscard]] double error_bound() const { return error_bound_; }

 private:
  using Values = std::array<uint16_t, 65536>;
  std::shared_ptr<const Values> values_;
  double error_bound_ = 0;
};

/// The table of a function for one configuration; built once per process and configuration.
const SfuTable& sfu_table(SfuFunction function, const core::SfuDescription& sfu);

}  // namespace duet::models
