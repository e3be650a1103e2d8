// SPDX-License-Identifier: Apache-2.0
#include "duet/memory/command/row_policy.hpp"

namespace duet::memory {

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
