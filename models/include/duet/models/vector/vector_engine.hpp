// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "duet/core/array_timing_port.hpp"
#include "duet/models/systolic/systolic_operands.hpp"
#include "duet/models/vector/attention_operands.hpp"
#include "duet/models/vector/vector_units.hpp"

namespace duet::models {

class PassSource;

enum class VectorMode : uint8_t { gemv, ssm };

/// FP16 operands of y[v][n] = W[n][k] * x[v][k], row-major. Attention scores: W are the keys
/// [context][head_size]; attention values: W are the transposed values [head_size][context].
struct GemvOperands {
  core::GemvShape shape;
  std::span<const uint16_t> matrix;
  std::span<const uint16_t> vectors;

  [[nodiscard]] bool sizes_agree() const {
    return shape.n > 0 && shape.k > 0 && shape.vectors > 0 && matrix.size() == shape.n * shape.k &&
           vectors.size() == shape.vectors * shape.k;
  }
};

/// State of the array's port in one cycle, for traces.
struct VectorPortState {
  bool stalled = false;
  uint64_t read_bytes = 0;
  uint64_t written_bytes = 0;
};

class VectorObserver {
 public:
  virtual ~VectorObserver() = default;
  virtual void on_cycle(uint64_t cycle, const VectorUnits& units, VectorMode mode,
                        const VectorPortState& port) = 0;
};

/// One vector-unit array at the `pe` level: every register of every lane, cycle by cycle.
class VectorEngine {
 public:
  VectorEngine(core::VectorArrayDescription array, double clock_hz);

  /// Writes the mode bits; returns the cycles that this costs.
  uint64_t set_mode(VectorMode mode);
  [[nodiscard]] VectorMode mode() const { return mode_; }

  /// `values` of the run (`sums`, if results are partial) are y[v][n]. Follows core::plan_gemv().
  ArrayRun gemv(const GemvOperands& operands);
  /// Scores, softmax on the SFU row, weighted values, in GEMV mode; `values` are [queries][head_size]. The
  /// softmax takes core::softmax_time() and has no registers of its own.
  ArrayRun attention(const AttentionOperands& operands);
  /// Operands as for SystolicEngine::ssm(); `chunk` is ignored. One token needs an initial state.
  ArrayRun ssm(const SsmOperands& operands);

  void observe(VectorObserver* observer) { observer_ = observer; }
  void inject(const UnitFault& fault) { fault_ = fault; }
  [[nodiscard]] const core::VectorArrayDescription& description() const { return array_; }

 private:
  /// A GEMV behind what `result` has done so far; its values replace those of `result`.
  void multiply(const GemvOperands& operands, ArrayRun& result);
  /// Adds the cycles of one kernel part to `time`.
  void run(PassSource& source, VectorUnits& units, core::ArrayTime& time);

  core::VectorArrayDescription array_;
  double clock_hz_;
  core::PortRate rate_;
  VectorMode mode_ = VectorMode::gemv;
  VectorObserver* observer_ = nullptr;
  std::optional<UnitFault> fault_;
};

}  // namespace duet::models
