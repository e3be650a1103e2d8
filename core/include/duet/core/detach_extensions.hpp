// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm>

namespace duet::core {

/// Takes all extensions off a payload without freeing them. For owners that are destroyed while a payload is
/// in flight: its extensions then belong to whoever holds it, but its destructor would free them.
inline void detach_extensions(tlm::tlm_generic_payload& payload) {
  payload.resize_extensions();
  for (unsigned i = 0; i < tlm::max_num_extensions(); ++i) payload.set_extension(i, nullptr);
}

}  // namespace duet::core
