// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "duet/core/array_description.hpp"
#include "duet/core/field.hpp"
#include "duet/core/gpu_description.hpp"
#include "duet/core/memory_description.hpp"

namespace duet::core {

/// One kind of node: a compute chiplet (systolic arrays, vector-unit arrays, or both; or a part of a GPU) or
/// a memory node (an HBM stack, or a memory-PHY chiplet with its GDDR7 stacks). duet.md section 1.
struct NodeTypeDescription {
  double clock_hz = 700e6;
  std::optional<SystolicArrayDescription> systolic;
  std::optional<VectorArrayDescription> vector;
  std::optional<GpuDescription> gpu;
  std::optional<MemoryDescription> memory;
  double prefetch_share = 0.75;
  uint64_t dma_outstanding_bytes = 16 << 20;
  uint64_t descriptor_cycles = 16;
  uint64_t event_timeout_ps = 0;
  bool check = false;

  [[nodiscard]] bool is_compute() const {
    return systolic.has_value() || vector.has_value() || gpu.has_value();
  }
  [[nodiscard]] bool is_mixed() const { return systolic.has_value() && vector.has_value(); }
  [[nodiscard]] uint64_t sram_bytes() const { return sram_bytes_of(true) + sram_bytes_of(false); }
  /// Whether arrays of one kind are there and run `kernels`; a GPU counts with the systolic arrays.
  [[nodiscard]] bool runs(bool systolic_arrays, ArrayKernels kernels) const {
    const auto can = [kernels](const auto& arrays) {
      return arrays && (arrays->kernels == ArrayKernels::all || arrays->kernels == kernels);
    };
    return systolic_arrays ? gpu.has_value() || can(systolic) : can(vector);
  }
  /// SRAM of one kind of array; a GPU's L2 counts with the matrix engines.
  [[nodiscard]] uint64_t sram_bytes_of(bool systolic_arrays) const {
    if (systolic_arrays && gpu) return gpu->l2_bytes;
    if (systolic_arrays) return systolic ? systolic->count * systolic->sram_bytes : 0;
    return vector ? vector->count * vector->sram_bytes : 0;
  }

  template <class Visitor>
  static void fields(Visitor&& visit) {
    using Self = NodeTypeDescription;
    visit("clock", &Self::clock_hz,
          {.unit = Unit::hertz, .min = 1e6, .max = 1e10, .text = "Clock of the arrays (duet.md: 700 MHz)"});
    visit("systolic", &Self::systolic, {.text = "Systolic arrays of a compute chiplet"});
    visit("vector", &Self::vector, {.text = "Vector-unit arrays of a compute chiplet"});
    visit("gpu", &Self::gpu, {.text = "Streaming multiprocessors of a GPU and their L2, instead of arrays"});
    visit("memory", &Self::memory,
          {.text = "Memory behind this node; a node is compute or memory, not both"});
    visit(
        "prefetch_share", &Self::prefetch_share,
        {.unit = Unit::ratio,
         .min = 0.05,
         .max = 0.95,
         .text =
             "Share of the chiplet's SRAM that operands without dependence (weights, caches) may fill ahead "
             "of time; the rest holds activations (assumed)"});
    visit("dma_outstanding", &Self::dma_outstanding_bytes,
          {.unit = Unit::bytes,
           .min = 65536,
           .max = 1e12,
           .text = "Bytes that each of the chiplet's two loaders keeps in flight (assumed: some times the "
                   "package's bandwidth-delay product)"});
    visit("descriptor_cycles", &Self::descriptor_cycles,
          {.min = 0, .max = 1e6, .text = "Cycles to decode a descriptor and start the arrays (assumed)"});
    visit(
        "event_timeout", &Self::event_timeout_ps,
        {.unit = Unit::picoseconds,
         .text = "A descriptor that waits longer for an event sets the ERROR bit TIMEOUT; '0 s': no limit"});
    visit("check", &Self::check,
          {.text = "Puts a base-protocol checker on each socket of such a node: data and control registers"});
  }
};

}  // namespace duet::core
