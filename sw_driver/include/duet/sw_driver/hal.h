/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_SW_DRIVER_HAL_H
#define DUET_SW_DRIVER_HAL_H
#include <stdint.h>

/* All that the driver needs of its surroundings, and the only difference between the native and the
 * RISC-V build. Functions return 0 or a negative enum duet_status. */
typedef struct duet_hal {
  void* context;
  int (*read32)(void* context, uint64_t address, uint32_t* value);
  int (*write32)(void* context, uint64_t address, uint32_t value);
  /* Returns when the package's interrupt line is up, or DUET_TIMED_OUT after timeout_ns. */
  int (*wait_for_interrupt)(void* context, uint64_t timeout_ns);
  uint64_t (*time_ns)(void* context);
} duet_hal;

enum duet_status {
  DUET_OK = 0,
  DUET_BUS_ERROR = -1,    /* a control access got an error response */
  DUET_TIMED_OUT = -2,    /* no interrupt came in time: a chiplet hangs */
  DUET_BAD_PROGRAM = -3,  /* magic, version or counts of the program image are wrong */
  DUET_BAD_DEVICE = -4,   /* identity or version of a chiplet is not what this driver knows */
  DUET_CHIPLET_ERROR = -5 /* a chiplet set its ERROR register, see duet_driver.failed_* */
};

#endif
