// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "duet/core/array_description.hpp"
#include "duet/models/numerics/lane_kernels.hpp"

namespace duet::models {

enum class UnitOperation : uint8_t {
  none,
  dot,     ///< products = operand 1 * operand 2, into the tree
  decay,   ///< SSM register = operand 2 * state
  input,   ///< state = SSM register + operand 1 * operand 2
  output,  ///< products = operand 1 * state, into the tree
};

/// What the units at one place of their chains do in one step; unit u of a chain follows unit 0 by u
/// steps. A pass is a set of dot products that are computed together.
struct UnitSlot {
  UnitOperation operation = UnitOperation::none;
  uint64_t pass = 0;
  uint32_t beat = 0;
  uint32_t vector = 0;    ///< which of the vectors that share the pass
  uint32_t products = 0;  ///< dot products of this pass
  uint32_t elements = 0;  ///< elements of each dot product in this beat
  bool first_beat = false;
  bool last_beat = false;
  bool created_state = false;  ///< decay: the state starts as zero
};

/// Where the units' operands come from and where results go: local buffers, SRAM edge, SFU row.
/// Register arrays are lane-major: word [lane * stride + product].
class UnitOperands {
 public:
  virtual ~UnitOperands() = default;
  virtual void operand1(const UnitSlot& slot, unsigned unit, float* words) = 0;
  virtual void operand2(const UnitSlot& slot, unsigned unit, float* words) = 0;
  /// State slice of the unit, in the local buffer.
  virtual float* state(const UnitSlot& slot, unsigned unit) = 0;
  /// What the chain starts from, one word per product; false: nothing.
  virtual bool chain_start(const UnitSlot& slot, float* words) = 0;
  virtual void results(const UnitSlot& slot, const float* words) = 0;
};

enum class UnitRegister : uint8_t { operand1, operand2, ssm, product, accumulator, chain };

/// A defect for tests: in step `step` the register keeps its old value.
struct UnitFault {
  unsigned unit = 0;     ///< place in its chain
  unsigned product = 0;  ///< chain
  unsigned lane = 0;
  UnitRegister unit_register = UnitRegister::accumulator;
  uint64_t step = 0;
};

/// The units of an array as chains of `units` units: lanes with two operand registers, an SSM register
/// and a product register, a reduction tree with a register per level, one accumulator per vector,
/// the chain of scalar MACs. Values only: one call is one step.
class VectorUnits {
 public:
  VectorUnits(unsigned lanes, unsigned units, unsigned products, unsigned vectors, unsigned delay,
              core::Accumulation accumulation);

  /// One step; `entering` reaches unit 0 `delay` steps later (the SFU row's latency).
  void step(const UnitSlot& entering, UnitOperands& operands);

  [[nodiscard]] unsigned levels() const { return levels_; }
  [[nodiscard]] unsigned units() const { return units_; }
  [[nodiscard]] unsigned lanes() const { return lanes_; }
  [[nodiscard]] unsigned products() const { return products_; }
  /// Words between two lanes of a register array.
  [[nodiscard]] unsigned stride() const { return stride_; }
  [[nodiscard]] uint64_t macs() const { return macs_; }
  /// Whether a lane or a scalar MAC has computed in the last step.
  [[nodiscard]] bool computed() const { return computed_; }
  void inject(const UnitFault& fault) { fault_ = fault; }

  [[nodiscard]] float lane_value(unsigned unit, unsigned product, unsigned lane, UnitRegister which) const;
  [[nodiscard]] float tree_value(unsigned unit, unsigned product, unsigned level, unsigned node) const {
    return chains_[unit].tree[level][node * stride_ + product];
  }
  [[nodiscard]] float accumulator(unsigned unit, unsigned product, unsigned vector) const {
    return chains_[unit].accumulators[vector * stride_ + product];
  }
  [[nodiscard]] float chain(unsigned unit, unsigned product) const { return chains_[unit].chain[product]; }
  /// The slot that the lanes of a unit execute in the step that has just passed.
  [[nodiscard]] const UnitSlot& slot_of(unsigned unit) const { return slot_behind(delay_ + unit); }

 private:
  // Registers of the units at one place of their chains.
  struct Place {
    std::vector<float> operand1, operand2, ssm, product;  // [lane][product]
    std::vector<std::vector<float>> tree;                 // [level][node][product]; level 0: products
    std::vector<float> accumulators;                      // [vector][product]
    std::vector<float> chain;                             // [product]
  };

  [[nodiscard]] const UnitSlot& slot_behind(unsigned steps) const {
    return slots_[(head_ + slots_.size() - steps) % slots_.size()];
  }
  void scalar_mac(unsigned unit, UnitOperands& operands);
  void reduce(unsigned unit);
  void lanes_execute(unsigned unit, UnitOperands& operands);
  void add(float* out, const float* a, const float* b, size_t count) const;
  float* fault_register();

  unsigned lanes_;
  unsigned units_;
  unsigned products_;
  unsigned stride_;
  unsigned levels_;
  unsigned delay_;
  const LaneKernels* kernels_;
  std::vector<Place> chains_;
  std::vector<float> ones_;
  std::vector<float> start_;
  std::vector<UnitSlot> slots_;  // ring
  size_t head_ = 0;
  uint64_t step_ = 0;
  uint64_t macs_ = 0;
  bool computed_ = false;
  std::optional<UnitFault> fault_;
};

}  // namespace duet::models
