// SPDX-License-Identifier: Apache-2.0
// Operations that go over rows: norms, functions, arg-max, moves.
#include <algorithm>
#include <limits>

#include "duet/models/numerics/fp16.hpp"
#include "value_job.hpp"

namespace duet::models {

float apply_function(uint16_t function, float x, const ValueArrays& arrays) {
  switch (function) {
    case DUET_FUNCTION_SILU:
      return sfu_table(SfuFunction::silu, arrays.sfu()).apply(x);
    case DUET_FUNCTION_RELU_SQUARED:
      return sfu_table(SfuFunction::squared_relu, arrays.sfu()).apply(x);
    case DUET_FUNCTION_GELU:
      return sfu_table(SfuFunction::gelu, arrays.sfu()).apply(x);
    default:
      return x;
  }
}

void normalise(std::span<uint16_t> rows, uint64_t columns, uint64_t groups, Halves weight, float epsilon,
               const ValueArrays& arrays) {
  const SfuTable& rsqrt = sfu_table(SfuFunction::rsqrt, arrays.sfu());
  const uint64_t width = columns / groups;
  for (uint64_t begin = 0; begin < rows.size(); begin += width) {
    const std::span<uint16_t> part = rows.subspan(begin, width);
    float sum = 0;
    for (const uint16_t word : part) {
      const float x = fp16_to_float(word);
      sum = arrays.add(sum, arrays.times(x, x));
    }
    const float mean = arrays.times(sum, 1.0F / static_cast<float>(width));
    const float factor = rsqrt.apply(round_to_fp16(arrays.add(mean, epsilon)));
    for (uint64_t i = 0; i < width; ++i) {
      const float scaled = round_to_fp16(fp16_to_float(part[i]) * factor);
      part[i] = fp16_from_float(scaled * fp16_to_float(weight[(begin + i) % columns]));
    }
  }
}

bool compute_norm(ValueJob& job, ValueArrays& arrays) {
  const uint64_t elements = uint64_t{job.shape().m} * job.shape().n;
  const bool gated = job.has(DUET_VALUE_GATE);
  const Halves y = job.input(0);
  const Halves z = gated ? job.input(1) : Halves();
  const Halves weight = job.input(gated ? 2 : 1);
  const std::span<uint16_t> out = job.output(0);
  const uint64_t groups = job.values().groups;
  if (groups == 0 || job.shape().n % groups != 0 || y.size() != elements || out.size() != elements ||
      (gated && z.size() != elements) || weight.size() != job.shape().n) {
    return false;
  }
  for (uint64_t i = 0; i < elements; ++i) {
    const float x = fp16_to_float(y[i]);
    out[i] = !gated ? y[i]
                    : fp16_from_float(x * apply_function(job.values().function, fp16_to_float(z[i]), arrays));
  }
  normalise(out, job.shape().n, groups, weight, job.epsilon(), arrays);
  return true;
}

// The first of equal elements wins; NaN never does.
bool compute_argmax(ValueJob& job) {
  const uint64_t rows = job.shape().m;
  const uint64_t members = job.members(0);
  const Halves logits = job.input(0);
  const std::span<uint32_t> out = job.output<uint32_t>(0);
  if (job.shape().n % members != 0 || logits.size() != rows * job.shape().n ||
      (!out.empty() && out.size() != rows)) {
    return false;
  }
  const uint64_t width = job.shape().n / members;
  for (uint64_t row = 0; row < out.size(); ++row) {
    uint64_t best = 0;
    float largest = -std::numeric_limits<float>::infinity();
    for (uint64_t i = 0; i < job.shape().n; ++i) {
      const float value = fp16_to_float(logits[(i / width * rows + row) * width + i % width]);
      if (!(value > largest)) continue;
      best = i;
      largest = value;
    }
    out[row] = static_cast<uint32_t>(best);
  }
  return true;
}

bool compute_move(ValueJob& job) {
  const std::span<uint8_t> out = job.output<uint8_t>(0);
  uint64_t bytes = 0;
  for (unsigned i = 0; i < DUET_INPUTS; ++i) bytes += job.input<uint8_t>(i).size();
  if (bytes != out.size()) return false;
  auto at = out.begin();
  for (unsigned i = 0; i < DUET_INPUTS; ++i) at = std::ranges::copy(job.input<uint8_t>(i), at).out;
  return true;
}

}  // namespace duet::models
