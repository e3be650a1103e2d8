// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/row_policy.hpp"

namespace duet::memory {
namespace {

class OpenRowPolicy : public RowPolicy {
 public:
  bool auto_precharge(bool /*more_hits_queued*/) const override { return false; }
};

class ClosedRowPolicy : public RowPolicy {
 public:
  bool auto_precharge(bool more_hits_queued) const override { return !more_hits_queued; }
};

class TimeoutRowPolicy : public RowPolicy {
 public:
  explicit TimeoutRowPolicy(Cycle timeout) : timeout_(timeout) {}
  bool auto_precharge(bool /*more_hits_queued*/) const override { return false; }
  Cycle close_after() const override { return timeout_; }

 private:
  Cycle timeout_;
};

}  // namespace

std::unique_ptr<RowPolicy> make_open_row_policy() {
  return std::make_unique<OpenRowPolicy>();
}

std::unique_ptr<RowPolicy> make_closed_row_policy() {
  return std::make_unique<ClosedRowPolicy>();
}

std::unique_ptr<RowPolicy> make_timeout_row_policy(Cycle timeout) {
  return std::make_unique<TimeoutRowPolicy>(timeout);
}

std::unique_ptr<RowPolicy> make_row_policy(const core::MemoryDescription& memory) {
  switch (memory.row_policy) {
    case core::RowPolicyKind::closed:
      return make_closed_row_policy();
    case core::RowPolicyKind::timeout:
      return make_timeout_row_policy(memory.row_timeout_clocks);
    case core::RowPolicyKind::open:
      break;
  }
  return make_open_row_policy();
}

}  // namespace duet::memory
