/* SPDX-License-Identifier: Apache-2.0 */
#include "duet/firmware/board.h"
#include "duet/firmware/runtime.h"

#define MAX_HARTS 32
#define CAUSE_LOAD_FAULT 5u
#define CAUSE_STORE_FAULT 7u

/* Set while a hart is inside try_read32 or try_write32; the trap sets `failed`. */
static struct {
  volatile uint32_t active;
  volatile uint32_t failed;
} probe[MAX_HARTS];

static uint64_t length_at(uint64_t pc) {
  return (*(const volatile uint16_t*)pc & 3u) == 3u ? 4 : 2;
}

__attribute__((weak)) uint64_t handle_trap(uint64_t cause, uint64_t pc, uint64_t value) {
  (void)cause;
  (void)value;
  /* The platform reads mcause, mepc and mtval of this hart and tells the user. */
  *(volatile uint32_t*)(BOARD_EXIT + 8) = (uint32_t)hart_id();
  return pc;
}

/* Called by trap_entry; returns the pc to go on at. */
uint64_t dispatch_trap(uint64_t cause, uint64_t pc, uint64_t value);
uint64_t dispatch_trap(uint64_t cause, uint64_t pc, uint64_t value) {
  const uint64_t hart = hart_id();
  if (probe[hart].active && (cause == CAUSE_LOAD_FAULT || cause == CAUSE_STORE_FAULT)) {
    probe[hart].failed = 1;
    return pc + length_at(pc);
  }
  return handle_trap(cause, pc, value);
}

int try_read32(uint64_t address, uint32_t* value) {
  const uint64_t hart = hart_id();
  probe[hart].failed = 0;
  probe[hart].active = 1;
  *value = *(volatile const uint32_t*)address;
  probe[hart].active = 0;
  return probe[hart].failed ? -1 : 0;
}

int try_write32(uint64_t address, uint32_t value) {
  const uint64_t hart = hart_id();
  probe[hart].failed = 0;
  probe[hart].active = 1;
  *(volatile uint32_t*)address = value;
  probe[hart].active = 0;
  return probe[hart].failed ? -1 : 0;
}
