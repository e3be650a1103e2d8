// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "duet/models/systolic/systolic_operands.hpp"

/// What the arrays must compute, written from the equations and the order of the sums alone: scalar
/// loops in double precision, with a rounding of its own. Shares no code with the models.
namespace duet::test {

inline double half_to_double(uint16_t bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
  const int exponent = (bits >> 10) & 0x1F;
  const int fraction = bits & 0x3FF;
  if (exponent == 31) {
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  }
  return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(1024 + fraction, exponent - 25);
}

/// Nearest FP16 value, ties to even, by scaling to integers.
inline double round_half(double value) {
  if (!std::isfinite(value) || value == 0) return value;
  int exponent = 0;
  std::frexp(value, &exponent);
  const double quantum = std::ldexp(1.0, std::max(exponent - 11, -24));
  const double rounded = std::nearbyint(value / quantum) * quantum;
  return std::abs(rounded) > 65504.0 ? std::copysign(std::numeric_limits<double>::infinity(), value)
                                     : rounded;
}

inline uint16_t half_bits(double value) {
  if (std::isnan(value)) return 0x7E00;
  const double rounded = round_half(value);
  const uint16_t sign = std::signbit(rounded) ? 0x8000 : 0;
  const double magnitude = std::abs(rounded);
  if (std::isinf(magnitude)) return sign | 0x7C00;
  if (magnitude < std::ldexp(1.0, -14)) return sign | static_cast<uint16_t>(std::ldexp(magnitude, 24));
  int exponent = 0;
  const double mantissa = std::frexp(magnitude, &exponent);  // in [0.5, 1)
  const auto fraction = static_cast<uint16_t>(std::ldexp(mantissa, 11)) & 0x3FF;
  return static_cast<uint16_t>(sign | static_cast<uint16_t>(exponent + 14) << 10 | fraction);
}

/// Rounding of products and sums.
struct Rounding {
  bool fp16;
  double operator()(double value) const {
    return fp16 ? round_half(value) : static_cast<double>(static_cast<float>(value));
  }
  [[nodiscard]] double unit() const { return fp16 ? std::ldexp(1.0, -11) : std::ldexp(1.0, -24); }
};

inline uint64_t random_in(std::mt19937_64& random, uint64_t low, uint64_t high) {
  return std::uniform_int_distribution<uint64_t>{low, high}(random);
}

inline std::vector<uint16_t> random_halves(std::mt19937_64& random, size_t count, double scale,
                                           double mean = 0) {
  std::normal_distribution<double> normal(mean, scale);
  std::vector<uint16_t> values(count);
  for (uint16_t& value : values) value = half_bits(normal(random));
  return values;
}

/// A value and a bound of its distance from what exact arithmetic would give.
struct Bounded {
  double value = 0;  ///< rounded as the array does
  double exact = 0;  ///< the same operations in double precision, unrounded
  double bound = 0;  ///< |value - exact| is at most this
};

inline Bounded product(const Rounding& round, const Bounded& a, const Bounded& b) {
  Bounded p{round(a.value * b.value), a.exact * b.exact, 0};
  p.bound = std::abs(a.value) * b.bound + std::abs(b.value) * a.bound + a.bound * b.bound +
            round.unit() * std::abs(a.value * b.value) + 0x1p-25;
  return p;
}

inline Bounded sum(const Rounding& round, const Bounded& a, const Bounded& b) {
  return {round(a.value + b.value), a.exact + b.exact,
          a.bound + b.bound + round.unit() * std::abs(a.value + b.value) + 0x1p-25};
}

inline Bounded known(double value) {
  return {value, value, 0};
}

/// C = A * B, sums in the order of k.
inline std::vector<Bounded> reference_gemm(const models::GemmOperands& o, const Rounding& round) {
  std::vector<Bounded> c(o.shape.m * o.shape.n);
  for (uint64_t i = 0; i < o.shape.m; ++i) {
    for (uint64_t j = 0; j < o.shape.n; ++j) {
      Bounded& sum_ij = c[i * o.shape.n + j];
      for (uint64_t k = 0; k < o.shape.k; ++k) {
        const Bounded a = known(half_to_double(o.a[i * o.shape.k + k]));
        const Bounded b = known(half_to_double(o.b[k * o.shape.n + j]));
        sum_ij = sum(round, sum_ij, product(round, a, b));
      }
    }
  }
  return c;
}

/// How a vector-unit array adds up a dot product.
struct TreeOrder {
  uint64_t lanes, rows;

  /// `terms` are the rounded products; `start` is what the chain begins with.
  [[nodiscard]] Bounded add(const Rounding& round, const std::vector<Bounded>& terms,
                            const Bounded* start) const {
    const uint64_t slices = (terms.size() + lanes - 1) / lanes;
    uint64_t beats = (slices + rows - 1) / rows;
    const uint64_t units = (slices + beats - 1) / beats;
    beats = (terms.size() + units * lanes - 1) / (units * lanes);
    Bounded chain;
    for (uint64_t unit = 0; unit < units; ++unit) {
      Bounded accumulator;
      for (uint64_t beat = 0; beat < beats; ++beat) {
        std::vector<Bounded> level(lanes);
        for (uint64_t lane = 0; lane < lanes; ++lane) {
          const uint64_t at = (beat * units + unit) * lanes + lane;
          if (at < terms.size()) level[lane] = terms[at];
        }
        for (uint64_t half = lanes / 2; half > 0; half /= 2) {
          for (uint64_t lane = 0; lane < half; ++lane)
            level[lane] = sum(round, level[lane], level[lane + half]);
        }
        accumulator = beat == 0 ? level[0] : sum(round, accumulator, level[0]);
      }
      if (unit == 0) {
        chain = start != nullptr ? sum(round, *start, accumulator) : accumulator;
      } else {
        chain = sum(round, chain, accumulator);
      }
    }
    return chain;
  }
};

struct SsmReference {
  std::vector<Bounded> y;      ///< [tokens][channels]
  std::vector<Bounded> state;  ///< [channels][states]
};

/// The recurrence with exact SFU functions; scalars are FP16 and count as known. y is added up along the
/// states (systolic) or by `tree`.
inline SsmReference reference_ssm(const models::SsmOperands& o, const Rounding& round,
                                  const TreeOrder* tree) {
  const core::SsmShape& s = o.shape;
  SsmReference result;
  result.y.resize(s.tokens * s.channels);
  result.state.resize(s.channels * s.states);
  if (s.initial_state) {
    for (size_t i = 0; i < result.state.size(); ++i) result.state[i] = known(o.initial_state[i]);
  }
  const uint64_t head_channels = s.mamba1 ? 1 : std::min(s.channels_per_head, s.channels);
  const uint64_t heads = (s.channels + head_channels - 1) / head_channels;
  for (uint64_t t = 0; t < s.tokens; ++t) {
    for (uint64_t e = 0; e < s.channels; ++e) {
      const double raw = half_to_double(o.delta[t * heads + e / head_channels]);
      const double delta = round_half(raw > 0 ? raw + std::log1p(std::exp(-raw)) : std::log1p(std::exp(raw)));
      const double x = half_to_double(o.x[t * s.channels + e]);
      const Bounded u = known(round_half(delta * x));
      const Bounded start = known(round_half(half_to_double(o.d[e]) * x));
      Bounded y = start;
      std::vector<Bounded> terms;
      for (uint64_t n = 0; n < s.states; ++n) {
        const double a = half_to_double(s.mamba1 ? o.a[e * s.states + n] : o.a[e / head_channels]);
        const Bounded decay = known(round_half(std::exp(round_half(delta * a))));
        Bounded& h = result.state[e * s.states + n];
        const Bounded b = known(half_to_double(o.b[t * s.states + n]));
        h = sum(round, product(round, decay, h), product(round, u, b));
        terms.push_back(product(round, known(half_to_double(o.c[t * s.states + n])), h));
        if (tree == nullptr) y = sum(round, y, terms.back());
      }
      result.y[t * s.channels + e] = tree != nullptr ? tree->add(round, terms, &start) : y;
    }
  }
  return result;
}

/// One element of y = W * x, in slices of K whose partial results are kept in the accumulation's width.
inline Bounded reference_dot(const uint16_t* row, const uint16_t* vector, uint64_t k, uint64_t k_slice,
                             const Rounding& round, const TreeOrder& tree) {
  Bounded partial;
  for (uint64_t first = 0; first < k; first += k_slice) {
    std::vector<Bounded> terms;
    for (uint64_t i = first; i < std::min(k, first + k_slice); ++i) {
      terms.push_back(product(round, known(half_to_double(row[i])), known(half_to_double(vector[i]))));
    }
    partial = tree.add(round, terms, first > 0 ? &partial : nullptr);
  }
  return partial;
}

/// Operands of an SSM whose state stays bounded: A negative, delta small.
struct SsmStorage {
  std::vector<uint16_t> x, delta, a, b, c, d;
  std::vector<float> state;

  SsmStorage(const core::SsmShape& s, std::mt19937_64& random) {
    const uint64_t heads = models::SsmOperands::heads(s);
    x = random_halves(random, s.tokens * s.channels, 1.0);
    delta = random_halves(random, s.tokens * heads, 1.0, -1.0);
    a = random_halves(random, s.mamba1 ? s.channels * s.states : heads, 0.5, -1.5);
    b = random_halves(random, s.tokens * s.states, 0.7);
    c = random_halves(random, s.tokens * s.states, 0.7);
    d = random_halves(random, s.channels, 0.7);
    if (s.initial_state) {
      for (const uint16_t half : random_halves(random, s.channels * s.states, 1.0)) {
        state.push_back(static_cast<float>(half_to_double(half)));
      }
    }
  }
  [[nodiscard]] models::SsmOperands operands(const core::SsmShape& s) const {
    return {s, x, delta, a, b, c, d, state};
  }
};

}  // namespace duet::test
