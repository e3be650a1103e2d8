/* SPDX-License-Identifier: Apache-2.0 */
/* One doorbell of the chiplet under test, and what must come of it. */
#include "duet/firmware/runtime.h"
#include "selftest.h"

#define PATIENCE_NS 1000000u /* for what takes microseconds */

static const uint32_t all_interrupts = DUET_INTERRUPT_DOORBELL_DONE | DUET_INTERRUPT_ERROR;

static uint32_t is_pending(void) {
  return (read_register(DUET_PACKAGE_WINDOW, DUET_PACKAGE_interrupt_pending_low + 4 * (under_test / 32)) >>
          (under_test % 32)) &
         1u;
}

void place(uint64_t at, const duet_descriptor* descriptor) {
  expect(load_package_memory(boot, at, descriptor, sizeof *descriptor) == 0, "cannot be written",
         "package memory");
}

duet_descriptor good_descriptor(void) {
  duet_descriptor descriptor = {
      .magic = DUET_DESCRIPTOR_MAGIC, .opcode = DUET_OP_TRANSFER, .engine = DUET_ENGINE_MOVE, .steps = 1};
  const duet_operand operand = {.address = boot->scratch + sizeof descriptor,
                                .bytes = DUET_SCRATCH_BYTES - sizeof descriptor,
                                .group = DUET_NO_GROUP,
                                .argument = DUET_NO_ARGUMENT,
                                .used = 1};
  descriptor.inputs[0] = operand;
  descriptor.outputs[0] = operand;
  return descriptor;
}

void ring(uint64_t queue, uint32_t mode) {
  write_register(under_test, DUET_CHIPLET_queue_base_low, (uint32_t)queue);
  write_register(under_test, DUET_CHIPLET_queue_base_high, (uint32_t)(queue >> 32));
  write_register(under_test, DUET_CHIPLET_mode, mode);
  write_register(under_test, DUET_CHIPLET_interrupt_enable, all_interrupts);
  write_register(under_test, DUET_CHIPLET_doorbell, 1);
}

void expect_reset(const char* when) {
  write_register(under_test, DUET_CHIPLET_reset, DUET_RESET_ALL);
  expect_equal(read_register(under_test, DUET_CHIPLET_status) & (DUET_STATUS_HALTED | DUET_STATUS_BUSY), 0,
               "STATUS after a reset", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_error_info), 0, "ERROR_INFO after a reset", when);
  expect(read_register(under_test, DUET_CHIPLET_doorbell_space) >= DUET_DOORBELLS_AHEAD,
         "DOORBELL_SPACE is not free after a reset", when);
}

void expect_work(const char* when) {
  expect(hal.wait_for_interrupt(hal.context, PATIENCE_NS) == DUET_OK, "no interrupt", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_error), 0, "ERROR", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_interrupt_status), DUET_INTERRUPT_DOORBELL_DONE,
               "INTERRUPT_STATUS", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_completed), 1, "COMPLETED", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_doorbells_completed), 1, "DOORBELLS_COMPLETED", when);
  write_register(under_test, DUET_CHIPLET_interrupt_clear, DUET_INTERRUPT_DOORBELL_DONE);
  expect_equal(read_register(under_test, DUET_CHIPLET_interrupt_status), 0, "cleared INTERRUPT_STATUS", when);
  expect_reset(when);
}

/* A pending interrupt: seen in the package while it is enabled, until its own bit is cleared. */
static void check_interrupt(const char* when) {
  expect_equal(read_register(under_test, DUET_CHIPLET_interrupt_status), DUET_INTERRUPT_ERROR,
               "INTERRUPT_STATUS", when);
  expect_equal(is_pending(), 1, "package's INTERRUPT_PENDING", when);
  write_register(under_test, DUET_CHIPLET_interrupt_enable, DUET_INTERRUPT_DOORBELL_DONE);
  expect_equal(is_pending(), 0, "INTERRUPT_PENDING of a disabled interrupt", when);
  write_register(under_test, DUET_CHIPLET_interrupt_enable, all_interrupts);
  write_register(under_test, DUET_CHIPLET_interrupt_clear, ~(uint32_t)DUET_INTERRUPT_ERROR);
  expect_equal(is_pending(), 1, "INTERRUPT_PENDING after other bits were cleared", when);
  write_register(under_test, DUET_CHIPLET_interrupt_clear, DUET_INTERRUPT_ERROR);
  expect_equal(read_register(under_test, DUET_CHIPLET_interrupt_status), 0, "cleared INTERRUPT_STATUS", when);
  expect_equal(is_pending(), 0, "INTERRUPT_PENDING after it was cleared", when);
}

void expect_error_at(enum duet_error error, uint32_t descriptor, const char* when) {
  const uint32_t bit = 1u << error;
  const uint32_t failures_before = failures;
  expect(hal.wait_for_interrupt(hal.context, PATIENCE_NS) == DUET_OK, "no interrupt", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_error), bit, "ERROR", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_error_info), descriptor, "ERROR_INFO", when);
  expect_equal(read_register(under_test, DUET_CHIPLET_completed), 0, "COMPLETED", when);
  check_interrupt(when);
  write_register(under_test, DUET_CHIPLET_error, ~bit);
  expect_equal(read_register(under_test, DUET_CHIPLET_error), bit, "ERROR after ones to other bits", when);
  write_register(under_test, DUET_CHIPLET_error, bit);
  expect_equal(read_register(under_test, DUET_CHIPLET_error), 0, "ERROR after a one to its bit", when);
  expect((read_register(under_test, DUET_CHIPLET_status) & DUET_STATUS_HALTED) != 0, "STATUS is not halted",
         when);
  if (failures == failures_before) provoked[error] |= (uint64_t)1 << under_test;
}

void expect_error(enum duet_error error, const char* when) {
  expect_error_at(error, 0, when);
}
