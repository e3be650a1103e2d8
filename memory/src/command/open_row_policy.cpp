// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/row_policy.hpp"

namespace duet::memory {
namespace {

class OpenRowPolicy : public RowPolicy {
 public:
  bool auto_precharge(bool /*more_hits_queued*/) const override { return false; }
};

}  // namespace

std::unique_ptr<RowPolicy> make_open_row_policy() {
  return std::make_unique<OpenRowPolicy>();
}

}  // namespace duet::memory
