/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest.h"

#define EVENT_TIMEOUT_NS 10000u /* of the chiplet, where an event is not to come */
#define EVENT_COUNTER 1
#define GROUP 1

static void provoke_at(uint64_t queue, const duet_descriptor* descriptor, uint32_t mode,
                       enum duet_error error, const char* when) {
  place(boot->scratch, descriptor);
  ring(queue, mode);
  expect_error(error, when);
  expect_reset(when);
}

static void provoke(duet_descriptor descriptor, uint32_t mode, enum duet_error error, const char* when) {
  provoke_at(boot->scratch, &descriptor, mode, error, when);
}

static void check_work(void) {
  const duet_descriptor descriptor = good_descriptor();
  const uint32_t done = read_register(under_test, DUET_CHIPLET_count_descriptors);
  const uint32_t bytes_read = read_register(under_test, DUET_CHIPLET_count_bytes_read_low);
  const uint32_t bytes_written = read_register(under_test, DUET_CHIPLET_count_bytes_written_low);
  place(boot->scratch, &descriptor);
  ring(boot->scratch, 0);
  expect_work("good descriptor");
  expect_equal(read_register(under_test, DUET_CHIPLET_count_descriptors) - done, 1, "COUNT_DESCRIPTORS",
               "good descriptor");
  expect_equal(read_register(under_test, DUET_CHIPLET_count_bytes_read_low) - bytes_read,
               sizeof descriptor + (uint32_t)descriptor.inputs[0].bytes, "COUNT_BYTES_READ",
               "good descriptor");
  expect_equal(read_register(under_test, DUET_CHIPLET_count_bytes_written_low) - bytes_written,
               (uint32_t)descriptor.outputs[0].bytes, "COUNT_BYTES_WRITTEN", "good descriptor");
}

static void check_bad_descriptors(uint32_t capabilities) {
  const enum duet_error error = DUET_ERROR_BAD_DESCRIPTOR;
  duet_descriptor bad = good_descriptor();
  bad.magic = 0;
  provoke(bad, 0, error, "descriptor without magic");
  bad = good_descriptor();
  bad.opcode = DUET_OP_NONE;
  provoke(bad, 0, error, "opcode none");
  bad.opcode = DUET_OP_COUNT;
  provoke(bad, 0, error, "unknown opcode");
  bad = good_descriptor();
  bad.engine = DUET_ENGINE_MOVE + 1;
  provoke(bad, 0, error, "unknown engine");
  if ((capabilities & DUET_CAPABILITY_SYSTOLIC) == 0 || (capabilities & DUET_CAPABILITY_VECTOR) == 0) {
    bad.engine = (capabilities & DUET_CAPABILITY_VECTOR) == 0 ? DUET_ENGINE_VECTOR : DUET_ENGINE_SYSTOLIC;
    provoke(bad, 0, error, "engine that this chiplet has not");
  }
  bad = good_descriptor();
  bad.steps = 0;
  provoke(bad, 0, error, "no steps");
  bad.steps = 1025;
  provoke(bad, 0, error, "too many steps");
  bad = good_descriptor();
  bad.waits[0].counter = 64;
  provoke(bad, 0, error, "wait for an unknown event counter");
  bad = good_descriptor();
  bad.inputs[0].flags = DUET_OPERAND_MAILBOX;
  bad.inputs[0].counter = 64;
  provoke(bad, 0, error, "mailbox of an unknown event counter");
  bad = good_descriptor();
  bad.outputs[0].flags = DUET_OPERAND_RESIDENT | DUET_OPERAND_SUMMED;
  provoke(bad, 0, error, "partial sums for no group");
}

/* A kernel of an array that the chiplet has: it runs in its mode, and in no other. */
static void check_kernel(enum duet_opcode opcode, enum duet_engine engine, uint32_t mode, uint32_t other,
                         const char* name) {
  duet_descriptor kernel = good_descriptor();
  kernel.opcode = (uint8_t)opcode;
  kernel.engine = (uint8_t)engine;
  kernel.shape =
      (duet_shape){.m = 1, .k = 1, .n = 64, .heads = 1, .kv_heads = 1, .head_dim = 64, .states = 16};
  provoke(kernel, other, DUET_ERROR_WRONG_MODE, name);
  const uint32_t busy = read_register(under_test, DUET_CHIPLET_count_busy_cycles_low);
  place(boot->scratch, &kernel);
  ring(boot->scratch, mode);
  expect_work(name);
  expect(read_register(under_test, DUET_CHIPLET_count_busy_cycles_low) != busy,
         "COUNT_BUSY_CYCLES stands still", name);
  expect_equal((read_register(under_test, DUET_CHIPLET_status) >> 4) & DUET_MODE(3, 3), mode,
               "mode in STATUS", name);
  kernel.shape.m = 0;
  provoke(kernel, mode, DUET_ERROR_BAD_DESCRIPTOR, "kernel with an empty shape");
}

static void check_modes(uint32_t capabilities) {
  if (capabilities & DUET_CAPABILITY_SYSTOLIC) {
    const uint32_t ssm = DUET_MODE(DUET_SYSTOLIC_SSM_PREFILL, 0);
    check_kernel(DUET_OP_SSM_PREFILL, DUET_ENGINE_SYSTOLIC, ssm, 0, "SSM prefill");
    check_kernel(DUET_OP_GEMM, DUET_ENGINE_SYSTOLIC, 0, ssm, "GEMM");
  }
  if (capabilities & DUET_CAPABILITY_VECTOR) {
    const uint32_t ssm = DUET_MODE(0, DUET_VECTOR_SSM_DECODE);
    check_kernel(DUET_OP_SSM_DECODE, DUET_ENGINE_VECTOR, ssm, 0, "SSM decode");
    check_kernel(DUET_OP_GEMV, DUET_ENGINE_VECTOR, 0, ssm, "GEMV");
  }
  duet_descriptor kernel = good_descriptor();
  kernel.opcode = DUET_OP_SSM_DECODE;
  kernel.shape = (duet_shape){.m = 1, .k = 1, .n = 64, .head_dim = 64, .states = 16};
  provoke(kernel, 0, DUET_ERROR_WRONG_MODE, "SSM on the data mover");
}

static void check_bus_errors(void) {
  duet_descriptor bad = good_descriptor();
  const uint64_t nowhere = boot->scratch + (boot->memory_stride >> 1); /* larger than any memory node */
  provoke_at(nowhere, &bad, 0, DUET_ERROR_BUS, "queue outside memory");
  bad.inputs[0].address = nowhere;
  provoke(bad, 0, DUET_ERROR_BUS, "input outside memory");
  bad = good_descriptor();
  bad.outputs[0].address = nowhere;
  provoke(bad, 0, DUET_ERROR_BUS, "output outside memory");
}

static duet_descriptor waiting_descriptor(void) {
  duet_descriptor waiting = good_descriptor();
  waiting.inputs[0].flags = DUET_OPERAND_WAITS;
  waiting.waits[0].counter = EVENT_COUNTER;
  waiting.waits[0].value = 1;
  return waiting;
}

/* Another chiplet raises the counter that this one waits for. */
static void check_event(void) {
  const char* const when = "event that comes";
  const uint32_t chiplet = under_test;
  const uint64_t members = (uint64_t)1 << chiplet;
  if (boot->chiplets < 2) return;
  write_register(DUET_PACKAGE_WINDOW, DUET_PACKAGE_group_select, GROUP);
  write_register(DUET_PACKAGE_WINDOW, DUET_PACKAGE_group_members_low, (uint32_t)members);
  write_register(DUET_PACKAGE_WINDOW, DUET_PACKAGE_group_members_high, (uint32_t)(members >> 32));
  write_register(DUET_PACKAGE_WINDOW, DUET_PACKAGE_group_commit, 1);
  write_register(chiplet, DUET_CHIPLET_event_timeout, 0);
  const duet_descriptor waiting = waiting_descriptor();
  place(boot->scratch, &waiting);
  ring(boot->scratch, 0);
  expect(hal.wait_for_interrupt(hal.context, EVENT_TIMEOUT_NS) == DUET_TIMED_OUT,
         "interrupt before its event", when);
  duet_descriptor raising = good_descriptor();
  raising.raises[0] =
      (duet_raise){.group = GROUP, .counter = EVENT_COUNTER, .when = DUET_RAISE_WRITTEN, .amount = 1};
  place(boot->scratch, &raising);
  under_test = (chiplet + 1) % boot->chiplets;
  ring(boot->scratch, 0);
  expect_work("raises an event");
  under_test = chiplet;
  expect_work(when);
}

static void check_time_out(void) {
  const duet_descriptor waiting = waiting_descriptor();
  const char* const when = "event that does not come";
  write_register(under_test, DUET_CHIPLET_event_timeout, EVENT_TIMEOUT_NS);
  place(boot->scratch, &waiting);
  ring(boot->scratch, 0);
  expect_error(DUET_ERROR_TIMEOUT, when);
  write_register(under_test, DUET_CHIPLET_reset, DUET_RESET_RESTART);
  expect_error(DUET_ERROR_TIMEOUT, "event that does not come after a restart either");
  expect_reset(when);
  write_register(under_test, DUET_CHIPLET_event_timeout, 0);
}

/* Doorbells complete in their order, so that those behind one that waits stay. */
static void check_doorbell_overflow(void) {
  const duet_descriptor waiting = waiting_descriptor();
  const char* const when = "doorbell overflow";
  place(boot->scratch, &waiting);
  ring(boot->scratch, 0);
  uint32_t space = read_register(under_test, DUET_CHIPLET_doorbell_space);
  for (; space != 0; --space) {
    expect_equal(read_register(under_test, DUET_CHIPLET_doorbell_space), space, "DOORBELL_SPACE", when);
    expect_equal(read_register(under_test, DUET_CHIPLET_error), 0, "ERROR while there is space", when);
    write_register(under_test, DUET_CHIPLET_doorbell, 0);
  }
  write_register(under_test, DUET_CHIPLET_doorbell, 0);
  expect_error_at(DUET_ERROR_DOORBELL_OVERFLOW, 1, when);
  expect_reset(when);
}

void check_errors(void) {
  const uint32_t capabilities = read_register(under_test, DUET_CHIPLET_capabilities);
  check_work();
  check_bad_descriptors(capabilities);
  check_modes(capabilities);
  check_bus_errors();
  check_event();
  check_time_out();
  check_doorbell_overflow();
  check_work();
}
