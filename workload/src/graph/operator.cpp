// SPDX-License-Identifier: Apache-2.0
#include "duet/workload/graph/operator.hpp"

namespace duet::workload {

std::string_view kind_name(OperatorKind kind) {
  switch (kind) {
    case OperatorKind::embedding:
      return "embedding";
    case OperatorKind::norm:
      return "norm";
    case OperatorKind::gemm:
      return "gemm";
    case OperatorKind::conv1d:
      return "conv1d";
    case OperatorKind::ssm:
      return "ssm";
    case OperatorKind::gated_norm:
      return "gated_norm";
    case OperatorKind::rotary:
      return "rotary";
    case OperatorKind::attention:
      return "attention";
    case OperatorKind::activation:
      return "activation";
    case OperatorKind::gate:
      return "gate";
    case OperatorKind::residual:
      return "residual";
    case OperatorKind::argmax:
      return "argmax";
    case OperatorKind::kv_append:
      return "kv_append";
    case OperatorKind::cache_transfer:
      return "cache_transfer";
  }
  return "?";
}

std::string_view kind_name(LayerKind kind) {
  switch (kind) {
    case LayerKind::embedding:
      return "embedding";
    case LayerKind::mamba:
      return "mamba";
    case LayerKind::attention:
      return "attention";
    case LayerKind::mlp:
      return "mlp";
    case LayerKind::head:
      return "head";
  }
  return "?";
}

std::uint64_t Operator::weight_bytes() const {
  std::uint64_t sum = 0;
  for (const Weight& weight : weights) sum += weight.read_bytes();
  return sum;
}

std::uint64_t Operator::input_bytes() const {
  std::uint64_t sum = 0;
  for (const TensorUse& tensor : inputs) sum += tensor.bytes();
  return sum;
}

std::uint64_t Operator::output_bytes() const {
  std::uint64_t sum = 0;
  for (const TensorUse& tensor : outputs) sum += tensor.bytes();
  return sum;
}

std::uint64_t Operator::cache_read_bytes() const {
  std::uint64_t sum = 0;
  for (const CacheUse& cache : caches) sum += cache.read_bytes;
  return sum;
}

std::uint64_t Operator::cache_write_bytes() const {
  std::uint64_t sum = 0;
  for (const CacheUse& cache : caches) sum += cache.write_bytes;
  return sum;
}

}  // namespace duet::workload
