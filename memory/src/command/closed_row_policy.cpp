// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/row_policy.hpp"

namespace duet::memory {
namespace {

class ClosedRowPolicy : public RowPolicy {
 public:
  bool auto_precharge(bool more_hits_queued) const override { return !more_hits_queued; }
};

}  // namespace

std::unique_ptr<RowPolicy> make_closed_row_policy() {
  return std::make_unique<ClosedRowPolicy>();
}

}  // namespace duet::memory
