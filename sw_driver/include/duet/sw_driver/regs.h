/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_SW_DRIVER_REGS_H
#define DUET_SW_DRIVER_REGS_H
#include <stdint.h>

/* DUET_CHIPLET_<name>, DUET_PACKAGE_<name>, DUET_MEMORY_<name>: byte offsets in a control window. */
enum duet_chiplet_register {
#define DUET_REGISTER(name, offset, reset, access, bits, text) DUET_CHIPLET_##name = offset,
#include "duet/sw_driver/registers.def"
#undef DUET_REGISTER
};
enum duet_package_register {
#define DUET_REGISTER(name, offset, reset, access, bits, text) DUET_PACKAGE_##name = offset,
#include "duet/sw_driver/package_registers.def"
#undef DUET_REGISTER
};

enum duet_memory_register {
#define DUET_REGISTER(name, offset, reset, access, bits, text) DUET_MEMORY_##name = offset,
#include "duet/sw_driver/memory_registers.def"
#undef DUET_REGISTER
};

/* Control windows of a package: compute chiplet c at c, memory node m at DUET_MEMORY_WINDOW + m. */
enum { DUET_MEMORY_WINDOW = 128, DUET_PACKAGE_WINDOW = 255 };

/* Bits of CAPABILITIES of a chiplet, and of a memory node. */
enum { DUET_CAPABILITY_SYSTOLIC = 1u << 0, DUET_CAPABILITY_VECTOR = 1u << 1 };
enum { DUET_CAPABILITY_ECC = 1u << 0 };

/* Bits of MODE. */
enum duet_systolic_mode { DUET_SYSTOLIC_GEMM = 0, DUET_SYSTOLIC_SSM_PREFILL = 1 };
enum duet_vector_mode { DUET_VECTOR_GEMV = 0, DUET_VECTOR_SSM_DECODE = 1 };
#define DUET_MODE(systolic, vector) ((uint32_t)(systolic) | ((uint32_t)(vector) << 4))

/* Bits of INTERRUPT_*. */
enum { DUET_INTERRUPT_DOORBELL_DONE = 1u << 0, DUET_INTERRUPT_ERROR = 1u << 1 };

/* Bits of STATUS. */
enum { DUET_STATUS_BUSY = 1u << 0, DUET_STATUS_HALTED = 1u << 1, DUET_STATUS_TRANSFERS = 1u << 2 };

/* Bits of RESET. */
enum { DUET_RESET_ALL = 1u << 0, DUET_RESET_RESTART = 1u << 1 };

/* Bit numbers of ERROR. */
enum duet_error {
  DUET_ERROR_BAD_DESCRIPTOR = 0, /* magic, opcode, shape or size field makes no sense */
  DUET_ERROR_WRONG_MODE = 1,     /* the operation needs another mode than its doorbell latched */
  DUET_ERROR_BUS = 2,            /* a read or write over the NoI got an error response */
  /* 3 is reserved: steps that are larger than the SRAM stream through it */
  DUET_ERROR_DOORBELL_OVERFLOW = 4,  /* rung while DOORBELL_SPACE was 0 */
  DUET_ERROR_TIMEOUT = 5,            /* an event did not come within the chiplet's limit, if it has one */
  DUET_ERROR_UNCORRECTABLE_DATA = 6, /* ECC or link error that could not be corrected */
  DUET_ERRORS = 7                    /* number of bits */
};

#endif
