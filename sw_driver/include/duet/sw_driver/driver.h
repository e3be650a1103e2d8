/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_SW_DRIVER_DRIVER_H
#define DUET_SW_DRIVER_DRIVER_H
#include <stdint.h>

#include "duet/sw_driver/hal.h"
#include "duet/sw_driver/program.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DUET_ARGUMENTS 4

/* Doorbells in flight per chiplet: how far the driver runs ahead of the hardware. */
#define DUET_DOORBELLS_AHEAD 8

/* All state of the driver of one package; fill in `hal` to `max_attempts` before duet_driver_init. */
typedef struct duet_driver {
  const duet_hal* hal;
  uint64_t package_base;   /* control window of the package */
  uint64_t chiplet_base;   /* control window of compute chiplet 0 */
  uint64_t chiplet_stride; /* distance of the chiplets' control windows */
  uint32_t chiplets;       /* compute chiplets of the package, at most DUET_MAX_CHIPLETS */
  uint64_t timeout_ns;     /* longest wait for an interrupt, and longest time in which no doorbell is done */
  uint32_t max_restarts;   /* of single chiplets that report an error or hang, per run of a program */
  uint32_t max_attempts;   /* runs of a program that fails, each after a reset of all chiplets; 0 is 1 */

  const duet_program* program;
  uint32_t rung[DUET_MAX_CHIPLETS];     /* doorbells rung in this run */
  uint32_t finished[DUET_MAX_CHIPLETS]; /* doorbells known to be done */
  uint32_t mode[DUET_MAX_CHIPLETS];     /* what stands in MODE */

  uint32_t failed_chiplet; /* which failed last, its ERROR bits (0: it hung) and descriptor index */
  uint32_t failed_error;
  uint32_t failed_descriptor;

  uint64_t doorbells; /* totals since duet_driver_init */
  uint64_t mode_writes;
  uint64_t interrupts;
  uint64_t restarts;     /* of single chiplets */
  uint32_t run_restarts; /* in this run of the program */
  uint32_t attempts;     /* runs that duet_driver_execute needed */
  uint64_t dispatch_ns;  /* time of the HAL at the first dispatch of the last run */
  uint64_t progress_ns;  /* the same when a doorbell was done or a chiplet restarted for the last time */
} duet_driver;

/* Checks identity and version of every chiplet and enables interrupts. */
int duet_driver_init(duet_driver* driver);

/* Takes a program: checks it and writes the group table and queue bases. It must stay in memory. */
int duet_driver_load(duet_driver* driver, const duet_program* program);

/* Runs the loaded program once with these run arguments (context length, live batch, token index,
 * free), from the first dispatch to the last completion. A chiplet that reports a failure which may pass, or
 * that hangs, is restarted: it repeats the part of its layer that failed, while the others wait for it. */
int duet_driver_run(duet_driver* driver, const uint32_t arguments[DUET_ARGUMENTS]);

/* Stops all chiplets and returns when nothing of theirs is under way any more. */
int duet_driver_stop(duet_driver* driver);

/* Loads and runs a program, at most max_attempts times. */
int duet_driver_execute(duet_driver* driver, const duet_program* program,
                        const uint32_t arguments[DUET_ARGUMENTS]);

#ifdef __cplusplus
}
#endif
#endif
