// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <tlm>

namespace duet::memory {

/// What a loader put where.
struct LoadedImage {
  uint64_t entry = 0;  ///< ELF entry point, or the address of a raw image
  uint64_t first = 0;  ///< lowest address written
  uint64_t end = 0;    ///< one past the highest
  uint64_t bytes = 0;  ///< written, with zeroed .bss
};

/// Any TLM-2.0 target can be loaded, at any time, through its debug transport.
using LoadTarget = tlm::tlm_fw_transport_if<>;

/// Writes bytes through debug transport. Throws core::UserError when the target takes fewer.
void load_bytes(LoadTarget& target, uint64_t address, std::span<const uint8_t> bytes);
/// A file as it is.
LoadedImage load_raw(LoadTarget& target, const std::string& path, uint64_t address);
/// The PT_LOAD segments of a little-endian ELF32 or ELF64 file, at their physical addresses minus
/// `base`. Throws core::UserError when the file is no such ELF or its headers point outside it.
LoadedImage load_elf(LoadTarget& target, const std::string& path, uint64_t base = 0);

}  // namespace duet::memory
