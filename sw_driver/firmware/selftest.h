/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_FIRMWARE_SELFTEST_H
#define DUET_FIRMWARE_SELFTEST_H
#include "duet/firmware/hal_riscv.h"
#include "duet/sw_driver/boot.h"
#include "duet/sw_driver/descriptor.h"
#include "duet/sw_driver/regs.h"

/* What the parts of selftest share. `window` is a control window: a compute chiplet, DUET_MEMORY_WINDOW + m
 * or DUET_PACKAGE_WINDOW. Checks speak of the window `under_test`. */
extern duet_boot* boot;
extern duet_hal hal;
extern uint32_t under_test;
extern uint32_t failures;
/* One bit per chiplet on which the error was seen and went as it should. */
extern uint64_t provoked[DUET_ERRORS];

uint64_t address_of(uint32_t window, uint32_t offset);
uint32_t read_register(uint32_t window, uint32_t offset);
void write_register(uint32_t window, uint32_t offset, uint32_t value);

/* Each counts a failure and prints a line that names the window, what is wrong and in which case. */
void expect(int condition, const char* what, const char* when);
void expect_equal(uint32_t found, uint32_t wanted, const char* what, const char* when);

/* Registers of a window against their declarations; the package is as after its reset. */
void check_chiplet_registers(void);
void check_memory_registers(void);
void check_package_registers(void);

/* Rings for the descriptor that stands at `queue`, in that mode; the chiplet under test was reset. */
void ring(uint64_t queue, uint32_t mode);
/* The doorbell's work is done, without an error. The chiplet is reset then. */
void expect_work(const char* when);
/* The doorbell's first descriptor fails with this error and no other: ERROR, ERROR_INFO, STATUS, interrupt,
 * and how each of them is cleared. The chiplet is left halted. */
void expect_error(enum duet_error error, const char* when);
/* The same with another descriptor that fails. */
void expect_error_at(enum duet_error error, uint32_t descriptor, const char* when);

/* Resets the chiplet under test, whatever it does. */
void expect_reset(const char* when);

/* Puts a descriptor into the package's memory. */
void place(uint64_t at, const duet_descriptor* descriptor);
/* A transfer of 512 bytes from the scratch area to itself. */
duet_descriptor good_descriptor(void);

/* Error paths of the chiplet under test: every way in which software can provoke one. */
void check_errors(void);
/* Damaged words of one memory node, as the chiplet under test sees them. With ECC one wrong bit is corrected
 * and two are ERROR bit 6; without, they are read. */
void check_memory_errors(uint32_t memory);
int has_ecc(uint32_t memory);

#endif
