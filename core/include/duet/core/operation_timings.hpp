// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <map>

#include "duet/core/operation_timing.hpp"

namespace duet::core {

/// operation_timing on one kind of chiplet, worked out once for each operation: the layers of a model ask for
/// the same ones again and again.
class OperationTimings {
 public:
  explicit OperationTimings(const NodeTypeDescription& chiplet) : chiplet_(chiplet) {}

  /// As operation_timing; valid until the next call.
  const OperationTiming& of(const duet_descriptor& descriptor, uint64_t argument0);

 private:
  using Operation = std::array<uint64_t, 14>;  ///< all that the timing depends on

  NodeTypeDescription chiplet_;
  std::map<Operation, OperationTiming> known_;
};

}  // namespace duet::core
