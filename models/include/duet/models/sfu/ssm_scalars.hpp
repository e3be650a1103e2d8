// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "duet/models/numerics/fp16.hpp"
#include "duet/models/sfu/sfu_function.hpp"

namespace duet::models {

/// The scalar work of an SSM step as the SFUs do it, every result rounded to FP16.
class SsmScalars {
 public:
  explicit SsmScalars(const core::SfuDescription& sfu)
      : softplus_(sfu_table(SfuFunction::softplus, sfu)), exp_(sfu_table(SfuFunction::exp, sfu)) {}

  /// delta = softplus(raw)
  [[nodiscard]] float delta(float raw) const { return softplus_.apply(raw); }
  /// Abar = exp(delta * A)
  [[nodiscard]] float decay(float delta, float a) const { return exp_.apply(round_to_fp16(delta * a)); }
  /// delta * x, or D * x
  [[nodiscard]] static float product(float factor, float x) { return round_to_fp16(factor * x); }

 private:
  const SfuTable& softplus_;
  const SfuTable& exp_;
};

}  // namespace duet::models
