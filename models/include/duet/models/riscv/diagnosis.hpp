// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "duet/models/riscv/elf_file.hpp"
#include "duet/models/riscv/hart.hpp"

namespace duet::models::riscv {

/// One paragraph that tells a firmware engineer what went wrong: the trap's cause, the pc with the function's
/// name from the ELF, the address, and the caller. Recognises a stack overflow by the linker script's symbols
/// __stacks, __stacks_end, __stack_stride and __stack_guard. `elf` may be null.
std::string describe_trap(Hart& hart, const Trap& trap, const ElfFile* elf);

/// Where a hart is when the firmware did not end in time: running (with the function) or waiting for an
/// interrupt.
std::string describe_place(Hart& hart, const ElfFile* elf);

}  // namespace duet::models::riscv
