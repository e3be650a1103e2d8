/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the platform's jobs: each is a program image with run arguments, so that prefill, hand-over and every
 * decode step are the same loop. */
#include "duet/firmware/board.h"
#include "duet/firmware/hal_riscv.h"
#include "duet/firmware/runtime.h"
#include "duet/sw_driver/boot.h"

#define MIE_SOFTWARE (1u << 3)
#define EXIT_NOTIFY (BOARD_EXIT + 16)
#define MAX_HARTS 4

static duet_hal hal[MAX_HARTS];
static riscv_hal hal_state[MAX_HARTS];
static duet_driver driver[MAX_HARTS];

static void wait_for_job(volatile duet_boot* boot) {
  volatile uint32_t* const software_interrupt = (volatile uint32_t*)(BOARD_CLINT + 4 * hart_id());
  while (boot->posted == boot->finished && !boot->closed) {
    __asm__ volatile("csrs mie, %0\n\twfi\n\tcsrc mie, %0" ::"r"(MIE_SOFTWARE));
    *software_interrupt = 0;
    __asm__ volatile("fence");
  }
}

static void answer(duet_boot* boot, const duet_driver* state, duet_job* job, int status) {
  job->status = status;
  job->attempts = state->attempts;
  job->setup_ns = (uint32_t)(state->dispatch_ns - job->start_ns);
  job->failed_chiplet = state->failed_chiplet;
  job->failed_error = state->failed_error;
  job->failed_descriptor = state->failed_descriptor;
  boot->doorbells = state->doorbells;
  boot->mode_writes = state->mode_writes;
  boot->interrupts = state->interrupts;
  boot->restarts = state->restarts;
}

int main(uint64_t hart, duet_boot* boots);
int main(uint64_t hart, duet_boot* boots) {
  duet_boot* const boot = boots + hart;
  if (boots == 0 || hart >= MAX_HARTS || boot->magic != DUET_BOOT_MAGIC ||
      boot->version != DUET_BOOT_VERSION) {
    if (hart == 0) {
      put_text("dispatch: the platform left no jobs\n");
      return 1;
    }
    for (;;) __asm__ volatile("wfi");
  }
  duet_driver* const state = &driver[hart];
  riscv_hal_init(&hal[hart], &hal_state[hart], boot->interrupt_source);
  state->hal = &hal[hart];
  state->package_base = boot->package_base;
  state->chiplet_base = boot->chiplet_base;
  state->chiplet_stride = boot->chiplet_stride;
  state->chiplets = boot->chiplets;
  state->timeout_ns = boot->timeout_ns;
  state->max_restarts = boot->max_restarts;
  state->max_attempts = boot->max_attempts;
  int initialised = 0;
  int worst = DUET_OK;
  for (;;) {
    wait_for_job(boot);
    if (boot->posted == boot->finished) return worst == DUET_OK ? 0 : -worst;
    duet_job* const job = &boot->jobs[boot->finished % DUET_JOB_SLOTS];
    job->start_ns = state->hal->time_ns(state->hal->context);
    int status = initialised ? DUET_OK : duet_driver_init(state);
    initialised = initialised || status == DUET_OK;
    if (status == DUET_OK)
      status = duet_driver_execute(state, (const duet_program*)job->program, job->arguments);
    job->end_ns = state->hal->time_ns(state->hal->context);
    answer(boot, state, job, status);
    if (status != DUET_OK) worst = status;
    __asm__ volatile("fence");
    boot->finished = boot->finished + 1;
    *(volatile uint32_t*)EXIT_NOTIFY = (uint32_t)hart;
  }
}
