// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <tlm>

#include "duet/memory/sparse_store.hpp"

namespace duet::memory {

/// What the base protocol asks of a target for this payload and a memory of `capacity` bytes:
/// TLM_OK_RESPONSE, or the error response that fits (address, command, burst, byte enable).
tlm::tlm_response_status check_payload(const tlm::tlm_generic_payload& payload, uint64_t capacity);

/// Copies the payload's data from or to the store, with byte enables and streaming width. The
/// payload has passed check_payload.
void access_store(tlm::tlm_generic_payload& payload, SparseStore& store);

}  // namespace duet::memory
