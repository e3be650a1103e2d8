// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "duet/core/memory_description.hpp"
#include "duet/memory/command/command.hpp"

namespace duet::memory {

/// Decides what happens to a row after a column command.
class RowPolicy {
 public:
  virtual ~RowPolicy() = default;
  /// Whether the column command closes its row (RDA, WRA), given that more requests wait for it.
  [[nodiscard]] virtual bool auto_precharge(bool more_hits_queued) const = 0;
  /// Clocks of idleness after which an open row is closed; `never` keeps it open.
  [[nodiscard]] virtual Cycle close_after() const { return never; }
};

std::unique_ptr<RowPolicy> make_open_row_policy();
std::unique_ptr<RowPolicy> make_closed_row_policy();
std::unique_ptr<RowPolicy> make_timeout_row_policy(Cycle timeout);
std::unique_ptr<RowPolicy> make_row_policy(const core::MemoryDescription& memory);

}  // namespace duet::memory
