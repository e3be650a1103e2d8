/* SPDX-License-Identifier: Apache-2.0 */
/* One wrong firmware per failure kind; WRONG names the function that main runs. */
#include "duet/firmware/board.h"
#include "duet/firmware/runtime.h"
#include "duet/sw_driver/regs.h"

#define KIND __attribute__((noinline, used)) static

int main(uint64_t hart, uint64_t argument);
volatile uint64_t sink;

static uint64_t opaque(uint64_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

KIND void wrong_null_read(void) {
  sink = *(volatile uint64_t*)opaque(0);
}
KIND void wrong_wild_write(void) {
  *(volatile uint64_t*)opaque(0x30000000) = 1;
}
KIND void wrong_wild_jump(void) {
  ((void (*)(void))opaque(0x12345678))();
  sink = 1;
}
KIND void wrong_illegal_instruction(void) {
  __asm__ volatile(".word 0xffffffff");
}
KIND void wrong_misaligned_access(void) {
  sink = *(volatile uint64_t*)(opaque((uint64_t)&sink) + 1);
}
KIND uint64_t wrong_stack_overflow(uint64_t depth) {
  volatile uint64_t frame[32];
  frame[depth % 32] = depth;
  if (opaque(depth) == ~0ul) return 0;
  return wrong_stack_overflow(depth + 1) + frame[depth % 32];
}
KIND void wrong_endless_loop(void) {
  for (;;) sink = sink + 1;
}
KIND void wrong_polls_forever(void) {
  while (*(volatile uint64_t*)(BOARD_CLINT + 0xbff8) != 0) {
  }
}
/* Rings for a descriptor that cannot be read, and waits for it. */
KIND void wrong_ignores_errors(void) {
  *(volatile uint32_t*)(BOARD_CONTROL + DUET_CHIPLET_doorbell) = 1;
  while (*(volatile uint32_t*)(BOARD_CONTROL + DUET_CHIPLET_completed) == 0) {
  }
}
KIND void wrong_waits_forever(void) {
  for (;;) __asm__ volatile("wfi");
}
KIND void wrong_failed_assertion(void) {
  __asm__ volatile("ebreak");
}
KIND void wrong_writes_rom(void) {
  *(volatile uint32_t*)opaque(0x10000) = 1;
}
KIND void wrong_missing_chiplet(void) {
  sink = *(volatile uint32_t*)opaque(BOARD_CONTROL);
}
KIND void wrong_unexpected_call(void) {
  __asm__ volatile("ecall");
}

#ifdef WRONG_faulty_handler
uint64_t handle_trap(uint64_t cause, uint64_t pc, uint64_t value) {
  (void)cause;
  (void)pc;
  return *(volatile uint64_t*)opaque(value);
}
#endif

#define SELECT_(kind) wrong_##kind
#define SELECT(kind) SELECT_(kind)

int main(uint64_t hart, uint64_t argument) {
  (void)hart;
  (void)argument;
#if defined(WRONG_stack_overflow)
  sink = wrong_stack_overflow(0);
#elif defined(WRONG_faulty_handler)
  wrong_null_read();
#elif defined(WRONG_exit_code)
  return 7;
#else
  SELECT(WRONG)();
#endif
  return 0;
}
