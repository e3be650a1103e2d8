// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "duet/core/field.hpp"

namespace duet::core {

/// Which element-wise operators run inside the pass that makes or uses their tensor. A separate pass
/// reads its inputs and writes its result back, as any stage does.
struct FusionDescription {
  bool norm = true;
  bool activation = true;
  bool gate = true;
  bool residual = true;
  bool conv1d = true;
  bool rotary = true;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = FusionDescription;
    visit("norm", &Self::norm, {.text = "RMSNorm and gated RMSNorm"});
    visit("activation", &Self::activation, {.text = "Activation of an MLP"});
    visit("gate", &Self::gate, {.text = "Gate of an MLP or a Mamba-1 mixer"});
    visit("residual", &Self::residual, {.text = "Sum with the residual stream"});
    visit("conv1d", &Self::conv1d, {.text = "Depthwise convolution before the SSM"});
    visit("rotary", &Self::rotary, {.text = "Rotary embedding of queries and keys"});
  }
};

/// Choices of the mapper that change the program, not the machine.
struct MappingDescription {
  FusionDescription fusion;
  bool hold_caches = false;
  bool mixed_help = true;
  double keep = 0.75;
  std::uint64_t steps = 8;

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = MappingDescription;
    visit("fusion", &Self::fusion, {.text = "Element-wise operators inside other passes"});
    visit(
        "hold_caches", &Self::hold_caches,
        {.text = "The prefill's package holds the caches until the prefill is done, although they go to the "
                 "other package layer by layer: they count in its capacity"});
    visit("mixed_help", &Self::mixed_help,
          {.text =
               "In a prefill, vector-unit arrays of mixed chiplets make a part of each product where that is "
               "predicted to be faster"});
    visit(
        "keep", &Self::keep,
        {.min = 0,
         .max = 0.75,
         .text =
             "Share of the SRAM for operands of the running stage in which a prefill keeps results for later "
             "stages, as far as they fit; what does not fit, or all with 0, goes through memory. A GPU has "
             "its "
             "L2 cache instead"});
    visit("steps", &Self::steps,
          {.min = 1,
           .max = 1024,
           .text =
               "Steps that a descriptor's work is simulated in; operands and results stream within a step"});
  }
};

}  // namespace duet::core
