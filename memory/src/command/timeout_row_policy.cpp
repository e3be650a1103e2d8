// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/row_policy.hpp"

namespace duet::memory {
namespace {

class TimeoutRowPolicy : public RowPolicy {
 public:
  explicit TimeoutRowPolicy(Cycle timeout) : timeout_(timeout) {}
  bool auto_precharge(bool /*more_hits_queued*/) const override { return false; }
  Cycle close_after() const override { return timeout_; }

 private:
  Cycle timeout_;
};

}  // namespace

std::unique_ptr<RowPolicy> make_timeout_row_policy(Cycle timeout) {
  return std::make_unique<TimeoutRowPolicy>(timeout);
}

}  // namespace duet::memory
