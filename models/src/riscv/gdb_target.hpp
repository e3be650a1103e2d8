// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "duet/models/riscv/hart.hpp"

namespace duet::models::riscv {

/// GDB's register numbers: x0..x31, pc, and 65 + the number of a CSR; `priv` after all CSRs.
inline constexpr unsigned gdb_pc = 32;
inline constexpr unsigned gdb_first_csr = 65;
inline constexpr unsigned gdb_privilege = 65 + 4096;

/// The target description with the features org.gnu.gdb.riscv.cpu, .csr and .virtual.
std::string gdb_target_xml();

std::optional<uint64_t> read_gdb_register(Hart& hart, unsigned number);
bool write_gdb_register(Hart& hart, unsigned number, uint64_t value);

}  // namespace duet::models::riscv
