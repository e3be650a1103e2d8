// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "duet/core/array_timing.hpp"

namespace duet::models {

/// FP16 operands of the query heads of a group that share keys and values. `queries[queries][head_size]`
/// are scaled already; `keys[context][head_size]`; `values[head_size][context]`, transposed.
struct AttentionOperands {
  core::AttentionShape shape;
  std::span<const uint16_t> queries;
  std::span<const uint16_t> keys;
  std::span<const uint16_t> values;

  [[nodiscard]] bool sizes_agree() const {
    return shape.queries > 0 && shape.head_size > 0 && shape.context > 0 &&
           queries.size() == shape.queries * shape.head_size &&
           keys.size() == shape.context * shape.head_size && values.size() == keys.size();
  }
};

}  // namespace duet::models
