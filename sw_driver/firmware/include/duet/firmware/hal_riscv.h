/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_FIRMWARE_HAL_RISCV_H
#define DUET_FIRMWARE_HAL_RISCV_H
#include <stdint.h>

#include "duet/sw_driver/hal.h"

/* The HAL of a hart of the board: control registers through the control window with bus errors caught,
 * the package's interrupt through the PLIC, WFI with the timer as time-out. */
typedef struct riscv_hal {
  uint32_t hart;
  uint32_t source;  /* PLIC source of the package */
  uint32_t claimed; /* interrupt that is being served */
} riscv_hal;

void riscv_hal_init(duet_hal* hal, riscv_hal* state, uint32_t source);

#endif
