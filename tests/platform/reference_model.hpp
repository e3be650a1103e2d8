// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "duet/core/model_description.hpp"

/// A hybrid model in double precision, token by token, written from its equations alone (Mamba-2:
/// state-spaces/mamba, mamba2.py; attention with grouped KV heads; RMSNorm). Shares no code with the models.
namespace duet::test {

/// What exact arithmetic gives, and the variance of its distance from what FP16 arithmetic gives: every
/// rounding to FP16 is an independent error, uniform within half a unit (probabilistic rounding error
/// analysis, Higham and Mary 2019), and errors pass through each operation to first order.
struct Uncertain {
  double value = 0;
  double variance = 0;
};
using Vector = std::vector<Uncertain>;

/// Element (row-major) of a tensor, as it lies in memory.
using Weights = std::function<double(const std::string& tensor, uint64_t columns, uint64_t index)>;

class ReferenceModel {
 public:
  ReferenceModel(core::ModelDescription model, Weights weights)
      : model_(std::move(model)), weights_(std::move(weights)) {}

  /// One more token of the sequence; returns its logits.
  Vector next(uint32_t token);

 private:
  double weight(const std::string& tensor, uint64_t columns, uint64_t row, uint64_t column) const {
    return weights_(tensor, columns, row * columns + column);
  }
  /// y = W x, W [rows][x.size()], rows from `first`.
  Vector matrix(const std::string& tensor, const Vector& x, uint64_t first, uint64_t rows) const;
  Vector norm(const std::string& tensor, const Vector& x, uint64_t groups) const;
  Vector mamba(const std::string& name, const Vector& stream);
  Vector attention(const std::string& name, const Vector& stream);
  Vector mlp(const std::string& name, const Vector& stream) const;

  core::ModelDescription model_;
  Weights weights_;
  std::map<std::string, std::vector<Vector>> conv_inputs_;
  std::map<std::string, Vector> states_;
  std::map<std::string, std::vector<Vector>> keys_;
  std::map<std::string, std::vector<Vector>> values_;
};

}  // namespace duet::test
