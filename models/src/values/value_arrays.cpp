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

uint64_t quotient_up(uint64_t a, uint64_t b) {
  return (a + b - 1) / b;
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
    const core::GemmShape shape{.m = m, .k = k, .n = n};
    const core::ChipletTime time = core::chiplet_gemm_time(engine_.description(), clock_hz_, shape);
    if (log() != nullptr) log_first_array(*log(), engine_.description(), time, x, w, shape);
    const uint64_t split = time.split_k;
    if (split == 1) return checked(engine_.gemm({shape, x, b})).values;
    // Arrays that share a result tile hand their sums to its owner, in the order of k.
    const uint64_t slice = quotient_up(k, split);
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

  std::vector<uint16_t> attention(const AttentionOperands& o, uint64_t /*unit*/,
                                  uint64_t /*units*/) override {
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

  ArrayRun ssm(const SsmOperands& operands, const SsmPlace& place) override {
    engine_.set_mode(SystolicMode::ssm);
    if (log() != nullptr) {
      core::SsmShape all = operands.shape;
      all.channels = place.channels;
      const core::ChipletTime time =
          core::chiplet_ssm_prefill_time(engine_.description(), clock_hz_, all, place.sequences);
      if (time.channels_of_first > place.first_channel) {
        log_first_array(
            *log(), operands, std::min(operands.shape.channels, time.channels_of_first - place.first_channel),
            states_of_first_array(operands.shape.states, engine_.description().columns, time.arrays_of_row));
      }
    }
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
    const core::ChipletTime time =
        core::chiplet_gemv_time(engine_.description(), clock_hz_, {.n = n, .k = k, .vectors = m});
    const uint64_t output_parts = time.tiles / (time.split_k * time.split_vectors);
    const core::GemvShape part{.n = quotient_up(n, output_parts),
                               .k = quotient_up(k, time.split_k),
                               .vectors = quotient_up(m, time.split_vectors),
                               .partial_results = time.split_k > 1};
    if (log() != nullptr) {
      log()->add(GemvOperands{part, cut(w, k, 0, part.n, 0, part.k), cut(x, k, 0, part.vectors, 0, part.k)});
    }
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

  std::vector<uint16_t> attention(const AttentionOperands& operands, uint64_t unit, uint64_t units) override {
    engine_.set_mode(VectorMode::gemv);
    if (log() != nullptr && unit % engine_.description().count == 0) log_attention(operands, units);
    return checked(engine_.attention(operands)).values;
  }

  // One token needs a state there.
  ArrayRun ssm(const SsmOperands& operands, const SsmPlace& place) override {
    engine_.set_mode(VectorMode::ssm);
    std::vector<float> zero;
    SsmOperands o = operands;
    if (o.shape.tokens == 1 && !o.shape.initial_state) {
      zero.resize(o.shape.channels * o.shape.states);
      o.shape.initial_state = true;
      o.initial_state = zero;
    }
    if (log() != nullptr) {
      core::SsmShape all = o.shape;
      all.channels = place.channels;
      const core::ChipletTime time =
          core::chiplet_ssm_decode_time(engine_.description(), clock_hz_, all, place.sequences);
      if (time.channels_of_first > place.first_channel) {
        log_first_array(*log(), o, std::min(o.shape.channels, time.channels_of_first - place.first_channel),
                        states_of_first_array(o.shape.states, o.shape.states, 1));
      }
    }
    return checked(engine_.ssm(o));
  }

 private:
  // Fewer units than arrays: the first array has the first part of the first unit's keys.
  void log_attention(const AttentionOperands& o, uint64_t units) {
    const core::AttentionShape& shape = o.shape;
    const uint64_t spread =
        std::clamp<uint64_t>(engine_.description().count / std::max<uint64_t>(1, units), 1, shape.context);
    const uint64_t keys = quotient_up(shape.context, spread);
    std::vector<uint16_t> weights =
        checked(engine_.gemv({core::attention_scores(shape), o.keys, o.queries})).values;
    const Softmax softmax(sfu(), accumulation());
    for (uint64_t query = 0; query < shape.queries; ++query)
      (void)softmax.weights(std::span(weights).subspan(query * shape.context, shape.context));
    const core::AttentionShape part{shape.queries, shape.head_size, keys};
    log()->add(GemvOperands{core::attention_scores(part), o.keys.first(keys * shape.head_size), o.queries});
    log()->add(GemvOperands{core::attention_values(part),
                            cut(o.values, shape.context, 0, shape.head_size, 0, keys),
                            cut(weights, shape.context, 0, shape.queries, 0, keys)});
  }

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
