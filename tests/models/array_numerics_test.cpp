// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "array_reference.hpp"
#include "duet/models/numerics/fp16.hpp"
#include "duet/models/numerics/lane_kernels.hpp"
#include "duet/models/sfu/sfu_function.hpp"

using namespace duet;
using namespace duet::models;
using namespace duet::test;

namespace {

bool same_value(float a, float b) {
  return std::isnan(a) ? std::isnan(b) : std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
}

std::vector<float> awkward_floats(std::mt19937_64& random, size_t count) {
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<uint32_t>(random());
    switch (i % 4) {
      case 0:  // any bit pattern
        values.push_back(std::bit_cast<float>(bits));
        break;
      case 1:  // around ties of normal FP16 values
        values.push_back(std::bit_cast<float>((bits & 0x8FFFE000U) + 0x38001000U + (bits & 3U) - 1));
        break;
      case 2:  // in the range of FP16 subnormals
        values.push_back(static_cast<float>(static_cast<int32_t>(bits) >> 8) * 0x1p-37F);
        break;
      default:
        values.push_back(fp16_to_float(static_cast<uint16_t>(bits)));
    }
  }
  return values;
}

}  // namespace

TEST_CASE("every FP16 value survives the way to a float and back") {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = fp16_to_float(half);
    const bool nan = (half & 0x7C00) == 0x7C00 && (half & 0x3FF) != 0;
    REQUIRE(std::isnan(value) == nan);
    REQUIRE(fp16_from_float(value) == (nan ? fp16_canonical_nan : half));
    if (!nan) REQUIRE(static_cast<double>(value) == half_to_double(half));
  }
}

TEST_CASE("rounding to FP16 is to nearest even, subnormals and overflow included") {
  std::mt19937_64 random{31};
  for (const float value : awkward_floats(random, 400000)) {
    REQUIRE(fp16_from_float(value) == half_bits(static_cast<double>(value)));
    if (!std::isnan(value))
      REQUIRE(static_cast<double>(round_to_fp16(value)) == round_half(static_cast<double>(value)));
  }
  CHECK(fp16_from_float(65519.996F) == 0x7BFF);
  CHECK(fp16_from_float(65520.0F) == 0x7C00);
  CHECK(fp16_from_float(0x1p-25F) == 0x0000);
  CHECK(fp16_from_float(0x1.000002p-25F) == 0x0001);
  CHECK(fp16_from_float(-0.0F) == 0x8000);
}

TEST_CASE("all implementations of the lane operations give the same bits") {
  std::mt19937_64 random{32};
  for (const auto accumulation : {core::Accumulation::fp16, core::Accumulation::fp32}) {
    const auto kernels = all_lane_kernels(accumulation);
    REQUIRE(kernels.front().name == std::string("portable"));
    for (int trial = 0; trial < 2000; ++trial) {
      const size_t count = random_in(random, 0, 70);
      auto a = awkward_floats(random, count);
      auto b = awkward_floats(random, count);
      auto c = awkward_floats(random, count);
      for (auto* values : {&a, &b, &c}) {
        for (float& value : *values) value = round_to_fp16(value);
      }
      std::vector<float> expected(count);
      std::vector<float> expected_sum(count);
      kernels.front().multiply(expected.data(), a.data(), b.data(), count);
      kernels.front().multiply_add(expected_sum.data(), c.data(), a.data(), b.data(), count);
      const Rounding round{accumulation == core::Accumulation::fp16};
      for (size_t i = 0; i < count; ++i) {
        const double exact = static_cast<double>(a[i]) * static_cast<double>(b[i]);
        REQUIRE(same_value(expected[i], static_cast<float>(round(exact))));
        const double total = round(static_cast<double>(c[i]) + round(exact));
        REQUIRE((std::isnan(total) ? std::isnan(expected_sum[i])
                                   : total == static_cast<double>(expected_sum[i])));
      }
      for (const LaneKernels& other : kernels) {
        INFO(other.name);
        std::vector<float> out(count);
        other.multiply(out.data(), a.data(), b.data(), count);
        for (size_t i = 0; i < count; ++i) REQUIRE(same_value(out[i], expected[i]));
        other.multiply_add(out.data(), c.data(), a.data(), b.data(), count);
        for (size_t i = 0; i < count; ++i) REQUIRE(same_value(out[i], expected_sum[i]));
      }
    }
  }
}

TEST_CASE("all implementations of the conversions give the same bits") {
  std::mt19937_64 random{33};
  const auto values = awkward_floats(random, 100003);
  const auto kernels = all_conversion_kernels();
  for (const ConversionKernels& other : kernels) {
    INFO(other.name);
    std::vector<uint16_t> expected(values.size());
    std::vector<uint16_t> halves(values.size());
    kernels.front().from_float(expected.data(), values.data(), values.size());
    other.from_float(halves.data(), values.data(), values.size());
    REQUIRE(halves == expected);
    std::vector<float> floats(values.size());
    other.to_float(floats.data(), halves.data(), halves.size());
    for (size_t i = 0; i < floats.size(); ++i) REQUIRE(same_value(floats[i], fp16_to_float(halves[i])));
  }
}

TEST_CASE("exact SFU functions are the rounded functions") {
  for (const SfuFunction function : all_sfu_functions) {
    const SfuTable table(function, 32, true);
    INFO(sfu_function_name(function));
    for (uint32_t bits = 0; bits < 65536; ++bits) {
      const double x = half_to_double(static_cast<uint16_t>(bits));
      const double y = sfu_reference(function, x);
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
      REQUIRE(table(static_cast<uint16_t>(bits)) == half_bits(y));
    }
  }
}

TEST_CASE("piecewise-linear SFU functions keep their stated bound, which falls with the segments") {
  for (const SfuFunction function : all_sfu_functions) {
    double last_bound = 1e9;
    for (const unsigned segments : {16U, 32U, 64U, 256U}) {
      const SfuTable table(function, segments, false);
      INFO(sfu_function_name(function) << ", " << segments << " segments, bound " << table.error_bound());
      const bool relative = function == SfuFunction::exp || function == SfuFunction::reciprocal ||
                            function == SfuFunction::rsqrt;
      const bool times_x = function == SfuFunction::silu || function == SfuFunction::gelu;
      for (uint32_t bits = 0; bits < 65536; ++bits) {
        const double x = half_to_double(static_cast<uint16_t>(bits));
        const double y = sfu_reference(function, x);
        if (!std::isfinite(x) || !std::isfinite(y) || std::abs(y) > 60000) continue;
        const double scale = relative ? std::abs(y) : (times_x ? std::abs(x) : 1.0);
        const double error = table.error_bound() * scale;
        const double allowed = error + std::ldexp(std::abs(y) + error, -11) + 0x1p-25;
        REQUIRE(std::abs(half_to_double(table(static_cast<uint16_t>(bits))) - y) <= allowed);
      }
      CHECK(table.error_bound() <= last_bound);
      last_bound = table.error_bound();
    }
    CHECK(last_bound < 2e-4);
  }
}

TEST_CASE("the bounds of the SFU functions are those that docs/models/sfu.md states") {
  // A row of the page per number of segments: 16, 32, 64, 128.
  const std::vector<std::pair<SfuFunction, std::array<double, 4>>> stated{
      {SfuFunction::exp, {3.8e-4, 9.3e-5, 2.4e-5, 5.9e-6}},
      {SfuFunction::reciprocal, {7.5e-4, 2.0e-4, 4.8e-5, 1.3e-5}},
      {SfuFunction::rsqrt, {1.2e-3, 2.9e-4, 7.1e-5, 1.9e-5}},
      {SfuFunction::softplus, {6.7e-3, 1.7e-3, 3.8e-4, 9.0e-5}},
      {SfuFunction::sigmoid, {3.9e-3, 9.0e-4, 2.3e-4, 5.6e-5}},
      {SfuFunction::silu, {3.9e-3, 9.0e-4, 2.3e-4, 5.6e-5}},
      {SfuFunction::tanh, {7.6e-3, 1.9e-3, 4.5e-4, 1.2e-4}},
      {SfuFunction::gelu, {4.1e-3, 1.0e-3, 2.5e-4, 6.0e-5}}};
  for (const auto& [function, bounds] : stated) {
    for (unsigned row = 0; row < bounds.size(); ++row) {
      INFO(sfu_function_name(function) << ", " << (16U << row) << " segments");
      const double bound = SfuTable(function, 16U << row, false).error_bound();
      CHECK(bound <= bounds[row]);
      CHECK(bound > 0.9 * bounds[row]);
    }
  }
}

TEST_CASE("SFU functions at the ends of their domain") {
  for (const bool exact : {true, false}) {
    const auto at = [exact](SfuFunction function, uint16_t x) { return SfuTable(function, 32, exact)(x); };
    CHECK(at(SfuFunction::exp, 0xFC00) == 0x0000);       // exp(-inf) = 0
    CHECK(at(SfuFunction::exp, 0x7C00) == 0x7C00);       // exp(inf) = inf
    CHECK(at(SfuFunction::exp, 0x0000) == 0x3C00);       // exp(0) = 1
    CHECK(at(SfuFunction::softplus, 0x7C00) == 0x7C00);  // softplus(inf) = inf
    CHECK(at(SfuFunction::reciprocal, 0x8000) == 0xFC00);
    CHECK(at(SfuFunction::rsqrt, 0x0000) == 0x7C00);
    CHECK(at(SfuFunction::rsqrt, 0xBC00) == 0x7E00);  // of a negative number
    CHECK(at(SfuFunction::sigmoid, 0x7E00) == 0x7E00);
    CHECK(at(SfuFunction::squared_relu, 0x4400) == 0x4C00);  // 4 -> 16
  }
}
