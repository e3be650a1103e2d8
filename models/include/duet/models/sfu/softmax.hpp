// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

#include "duet/models/numerics/fp16.hpp"
#include "duet/models/sfu/sfu_function.hpp"

namespace duet::models {

/// Softmax of one query's scores as the SFUs do it: weights stay unnormalised, so that a division per result
/// suffices instead of one per score.
class Softmax {
 public:
  Softmax(const core::SfuDescription& sfu, core::Accumulation accumulation)
      : exp_(sfu_table(SfuFunction::exp, sfu)),
        reciprocal_(sfu_table(SfuFunction::reciprocal, sfu)),
        fp16_sums_(accumulation == core::Accumulation::fp16) {}

  /// exp(score - largest score), in place; returns the factor that the weighted sums are still to be
  /// multiplied with.
  [[nodiscard]] float weights(std::span<uint16_t> scores) const {
    float largest = fp16_to_float(scores[0]);
    for (const uint16_t score : scores) largest = std::max(largest, fp16_to_float(score));
    float sum = 0;
    for (uint16_t& score : scores) {
      const float weight = exp_.apply(round_to_fp16(fp16_to_float(score) - largest));
      score = fp16_from_float(weight);
      sum += weight;
      if (fp16_sums_) sum = round_to_fp16(sum);
    }
    return reciprocal_.apply(round_to_fp16(sum));
  }

 private:
  const SfuTable& exp_;
  const SfuTable& reciprocal_;
  bool fp16_sums_;
};

}  // namespace duet::models
