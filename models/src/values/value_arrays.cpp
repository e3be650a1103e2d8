// SPDX-License-Identifier: Apache-2.0
#include "value_arrays.hpp"

#include <algorithm>
#include <stdexcept>

#include "duet/models/numerics/fp16.hpp"
#include "duet/models/sfu/softmax.hpp"
#include "duet/models/systolic/systolic_engine.hpp"
#include "duet/models/vector/vector_engine.hpp"

namespace duet::models {
namespace {

ArrayRun checked(ArrayRun run) {
  if (run.status != ArrayStatus::ok) throw std::logic_error("an array refused operands that agree");
  return run;
}

/// Rows [row, row + rows) of columns [column, column + columns) of a matrix that is `width` wide.
std::vector<uint16_t> cut(Halves matrix, uint64_t width, uint64_t row, uint64_t rows, uint64_t column,
                          uint64_t columns) {
  std::vector<uint16_t> part;
  part.reserve(rows * columns);
  for (uint64_t r = row; r < row + rows; ++r) {
    const Halves line = matrix.subspan(r * width + column, columns);
    part.insert(part.end(), line.begin(), line.end());
  }
  return part;
}

class SystolicValues final : public ValueArrays {
 public:
  SystolicValues(const core::SystolicArrayDescription& arrays, double clock_hz)
      : ValueArrays(arrays.sfu, arrays.accumulation), clock_hz_(clock_hz), engine_(arrays, clock_hz) {}

  std::vector<uint16_t> multiply(Halves x, Halves w, uint64_t m, uint64_t k, uint64_t n) override {
    engine_.set_mode(SystolicMode::gemm);
    std::vector<uint16_t> b(k * n);
    for (uint64_t column = 0; column < n; ++column) {
      for (uint64_t row = 0; row < k; ++row) b[row * n + column] = w[column * k + row];
    }
    const uint64_t split =
        core::chiplet_gemm_time(engine_.description(), clock_hz_, {.m = m, .k = k, .n = n}).split_k;
    if (split == 1) return checked(engine_.gemm({{.m = m, .k = k, .n = n}, x, b})).values;
    // Arrays that share a result tile hand their sums to its owner, in the order of k.
    const uint64_t slice = (k + split - 1) / split;
    std::vector<float> sums;
    for (uint64_t first = 0; first < k; first += slice) {
      const uint64_t part = std::min(slice, k - first);
      const auto a = cut(x, k, 0, m, first, part);
      const ArrayRun run = checked(engine_.gemm(
          {{.m = m, .k = part, .n = n, .partial_results = true}, a, Halves(b).subspan(first * n, part * n)}));
      if (first == 0) {
        sums = run.sums;
      } else {
        std::ranges::transform(sums, run.sums, sums.begin(), [this](float s, float p) { return add(s, p); });
      }
    }
    std::vector<uint16_t> y(sums.size());
    std::ranges::transform(sums, y.begin(), fp16_from_float);
    return y;
  }

  std::vector<uint16_t> attention(const AttentionOperands& o) override {
    const core::AttentionShape& shape = o.shape;
    std::vector<uint16_t> weights =
        multiply(o.queries, o.keys, shape.queries, shape.head_size, shape.context);
    const Softmax softmax(sfu(), accumulation());
    std::vector<float> scales(shape.queries);
    for (uint64_t query = 0; query < shape.queries; ++query)
      scales[query] = softmax.weights(std::span(weights).subspan(query * shape.context, shape.context));
    std::vector<uint16_t> y = multiply(weights, o.values, shape.queries, shape.context, shape.head_size);
    for (uint64_t i = 0; i < y.size(); ++i)
      y[i] = fp16_from_float(fp16_to_float(y[i]) * scales[i / shape.head_size]);
    return y;
  }

  ArrayRun ssm(const SsmOperands& operands) override {
    engine_.set_mode(SystolicMode::ssm);
    return checked(engine_.ssm(operands));
  }

 private:
  double clock_hz_;
  SystolicEngine engine_;
};

class VectorValues final : public ValueArrays {
 public:
  VectorValues(const core::VectorArrayDescription& arrays, double clock_hz)
      : ValueArrays(arrays.sfu, arrays.accumulation), clock_hz_(clock_hz), engine_(arrays, clock_hz) {}

  std::vector<uint16_t> multiply(Halves x, Halves w, uint64_t m, uint64_t k, uint64_t n) override {
    engine_.set_mode(VectorMode::gemv);
    // What the busiest array gets is what all get, but for rests.
    const core::ChipletTime time =
        core::chiplet_gemv_time(engine_.description(), clock_hz_, {.n = n, .k = k, .vectors = m});
    const auto part = std::get<core::GemvShape>(time.work.kernels().front().shape);
    std::vector<uint16_t> y(m * n);
    for (uint64_t v = 0; v < m; v += part.vectors) {
      const uint64_t vectors = std::min(part.vectors, m - v);
      for (uint64_t first = 0; first < n; first += part.n) {
        const uint64_t rows = std::min(part.n, n - first);
        multiply_part(x, w, k, part, {.n = rows, .k = k, .vectors = vectors}, v, first, n, y);
      }
    }
    return y;
  }

  std::vector<uint16_t> attention(const AttentionOperands& operands) override {
    engine_.set_mode(VectorMode::gemv);
    return checked(engine_.attention(operands)).values;
  }

  // One token needs a state there.
  ArrayRun ssm(const SsmOperands& operands) override {
    engine_.set_mode(VectorMode::ssm);
    if (operands.shape.tokens > 1 || operands.shape.initial_state) return checked(engine_.ssm(operands));
    const std::vector<float> zero(operands.shape.channels * operands.shape.states);
    SsmOperands from_zero = operands;
    from_zero.shape.initial_state = true;
    from_zero.initial_state = zero;
    return checked(engine_.ssm(from_zero));
  }

 private:
  // The results [v, v + shape.vectors) x [first, first + shape.n), by arrays that share k.
  void multiply_part(Halves x, Halves w, uint64_t k, const core::GemvShape& part,
                     const core::GemvShape& shape, uint64_t v, uint64_t first, uint64_t n,
                     std::vector<uint16_t>& y) {
    std::vector<float> sums(shape.vectors * shape.n);
    std::vector<uint16_t> values;
    for (uint64_t begin = 0; begin < k; begin += part.k) {
      const core::GemvShape slice{.n = shape.n,
                                  .k = std::min(part.k, k - begin),
                                  .vectors = shape.vectors,
                                  .partial_results = part.partial_results};
      const auto matrix = cut(w, k, first, shape.n, begin, slice.k);
      const auto vectors = cut(x, k, v, shape.vectors, begin, slice.k);
      ArrayRun run = checked(engine_.gemv({slice, matrix, vectors}));
      values = std::move(run.values);
      if (!part.partial_results) break;
      for (uint64_t i = 0; i < sums.size(); ++i)
        sums[i] = begin == 0 ? run.sums[i] : add(sums[i], run.sums[i]);
    }
    for (uint64_t i = 0; i < sums.size(); ++i) {
      y[(v + i / shape.n) * n + first + i % shape.n] =
          part.partial_results ? fp16_from_float(sums[i]) : values[i];
    }
  }

  double clock_hz_;
  VectorEngine engine_;
};

}  // namespace

float ValueArrays::round(float value) const {
  return accumulation_ == core::Accumulation::fp16 ? round_to_fp16(value) : value;
}

std::unique_ptr<ValueArrays> make_value_arrays(duet_engine kind, const core::NodeTypeDescription& chiplet) {
  if (kind == DUET_ENGINE_SYSTOLIC && chiplet.systolic)
    return std::make_unique<SystolicValues>(*chiplet.systolic, chiplet.clock_hz);
  if (kind == DUET_ENGINE_VECTOR && chiplet.vector)
    return std::make_unique<VectorValues>(*chiplet.vector, chiplet.clock_hz);
  return nullptr;
}

}  // namespace duet::models
