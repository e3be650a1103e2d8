/* SPDX-License-Identifier: Apache-2.0 */
#include "duet/firmware/hal_riscv.h"

#include "duet/firmware/board.h"
#include "duet/firmware/runtime.h"

#define MIE_TIMER (1u << 7)
#define MIE_EXTERNAL (1u << 11)

static volatile uint32_t* plic(uint64_t offset) {
  return (volatile uint32_t*)(BOARD_PLIC + offset);
}
static volatile uint32_t* claim_register(const riscv_hal* state) {
  return plic(0x200004u + 0x1000u * state->hart);
}
static volatile uint64_t* compare_register(const riscv_hal* state) {
  return (volatile uint64_t*)(BOARD_CLINT + 0x4000u + 8u * state->hart);
}

static int read32(void* context, uint64_t address, uint32_t* value) {
  (void)context;
  return try_read32(address, value) == 0 ? DUET_OK : DUET_BUS_ERROR;
}

static int write32(void* context, uint64_t address, uint32_t value) {
  (void)context;
  return try_write32(address, value) == 0 ? DUET_OK : DUET_BUS_ERROR;
}

/* Interrupts stay disabled in mstatus: WFI ends when one is pending, and no handler runs. */
static int wait_for_interrupt(void* context, uint64_t timeout_ns) {
  riscv_hal* state = context;
  if (state->claimed != 0) {
    /* Completed only now, because the driver has lowered the line since it was claimed. */
    *claim_register(state) = state->claimed;
    state->claimed = 0;
  }
  const uint64_t deadline = time_ticks() + ns_to_ticks(timeout_ns);
  *compare_register(state) = deadline;
  int status = DUET_OK;
  while (state->claimed == 0) {
    state->claimed = *claim_register(state);
    if (state->claimed != 0) break;
    if (time_ticks() >= deadline) {
      status = DUET_TIMED_OUT;
      break;
    }
    __asm__ volatile("wfi");
  }
  *compare_register(state) = UINT64_MAX;
  return status;
}

static uint64_t time_ns(void* context) {
  (void)context;
  return ticks_to_ns(time_ticks());
}

void riscv_hal_init(duet_hal* hal, riscv_hal* state, uint32_t source) {
  state->hart = (uint32_t)hart_id();
  state->source = source;
  state->claimed = 0;
  *plic(4u * source) = 1;
  *plic(0x2000u + 0x80u * state->hart) = 1u << source;
  *plic(0x200000u + 0x1000u * state->hart) = 0;
  *compare_register(state) = UINT64_MAX;
  __asm__ volatile("csrs mie, %0" ::"r"(MIE_TIMER | MIE_EXTERNAL));
  hal->context = state;
  hal->read32 = read32;
  hal->write32 = write32;
  hal->wait_for_interrupt = wait_for_interrupt;
  hal->time_ns = time_ns;
}
