// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/refresh_policy.hpp"

#include <fmt/format.h>

#include "duet/core/error.hpp"

namespace duet::memory {
namespace {

class NoRefresh : public RefreshPolicy {
 public:
  Cycle next_decision() const override { return never; }
  void decide(Cycle, const RefreshView&, std::vector<RefreshOrder>&) override {}
  bool rest(Cycle, const RefreshView&, std::vector<RestRefresh>&) override { return false; }
  void issued(const RefreshOrder&) override {}
};

}  // namespace

std::unique_ptr<RefreshPolicy> make_no_refresh() {
  return std::make_unique<NoRefresh>();
}

std::unique_ptr<RefreshPolicy> make_refresh_policy(const core::MemoryDescription& memory,
                                                   const core::DramStandard& standard) {
  switch (memory.refresh) {
    case core::RefreshMode::none:
      break;
    case core::RefreshMode::all_bank:
      return make_all_bank_refresh(standard, memory.refresh_postpone);
    case core::RefreshMode::per_bank:
      if (standard.timing.rfc_per_bank == 0)
        throw core::UserError(fmt::format(
            "refresh: found 'per_bank', which {} does not have; allowed none, all_bank", standard.name));
      return make_per_bank_refresh(standard, memory.refresh_postpone);
  }
  return make_no_refresh();
}

}  // namespace duet::memory
