/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_SW_DRIVER_BOOT_H
#define DUET_SW_DRIVER_BOOT_H
#include <stdint.h>

#include "duet/sw_driver/driver.h"
#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert static_assert
#endif

/* What the platform leaves in a board's RAM for its firmware, one per hart, at the address that main gets as
 * its second argument: the package that the hart serves, and a ring of jobs. The platform fills in a job,
 * advances `posted` and raises the hart's software interrupt; the firmware advances `finished` and writes
 * its hart number to the exit device's notify register. Little endian, the same for C and C++. */

#define DUET_BOOT_MAGIC 0x42544544u /* 'DETB' */
#define DUET_BOOT_VERSION 3u
#define DUET_JOB_SLOTS 16u
#define DUET_SCRATCH_BYTES 1024u

/* One run of a program. The last seven fields are the firmware's answer. */
typedef struct duet_job {
  uint64_t program; /* address of the duet_program in the board's memory */
  uint32_t arguments[DUET_ARGUMENTS];
  int32_t status; /* enum duet_status */
  uint32_t attempts;
  uint32_t failed_chiplet;
  uint32_t failed_error;
  uint32_t failed_descriptor;
  uint32_t setup_ns; /* from start_ns to the first dispatch */
  uint64_t start_ns;
  uint64_t end_ns;
} duet_job;

/* A copy into the package's memory, which harts do not reach: the platform carries it out, in no time, when
 * the firmware writes its hart number to the exit device's load register. */
typedef struct duet_load {
  uint64_t from; /* address in the board's RAM */
  uint64_t to;   /* address in the package's memory, as its chiplets see it */
  uint32_t bytes;
  int32_t status; /* DUET_OK or DUET_BUS_ERROR: the platform's answer */
} duet_load;

typedef struct duet_boot {
  uint32_t magic;
  uint32_t version;
  uint64_t package_base; /* control windows as the hart sees them, see duet_driver */
  uint64_t chiplet_base;
  uint64_t chiplet_stride;
  uint64_t timeout_ns;
  uint32_t chiplets;
  uint32_t interrupt_source; /* of the package at the board's interrupt controller */
  uint32_t max_attempts;     /* see duet_driver */
  uint32_t posted;           /* jobs, counted up by the platform */
  uint32_t finished;         /* jobs, counted up by the firmware */
  uint32_t closed;           /* no more jobs come: the firmware ends after the last one */
  uint64_t doorbells;        /* totals, copied from duet_driver after each job */
  uint64_t mode_writes;
  uint64_t interrupts;
  uint64_t restarts;
  uint32_t max_restarts; /* see duet_driver */
  uint32_t reserved;
  uint64_t scratch; /* DUET_SCRATCH_BYTES at the start of the package's first memory node, as its chiplets see
                       it; free until the first job comes */
  uint64_t memory_stride; /* from the addresses of a memory node to those of the next */
  duet_load load;
  duet_job jobs[DUET_JOB_SLOTS];
} duet_boot;

_Static_assert(sizeof(duet_job) == 64, "ABI");
_Static_assert(sizeof(duet_load) == 24, "ABI");
_Static_assert(sizeof(duet_boot) == 144 + DUET_JOB_SLOTS * 64, "ABI");

#endif
