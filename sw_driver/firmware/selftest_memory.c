/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest.h"

/* In the first word of a descriptor: a bit of its magic, and a check bit. */
#define DATA_BIT 3u
#define CHECK_BIT 70u

static uint32_t window;

static uint32_t count_of(uint32_t offset) {
  return read_register(window, offset);
}

int has_ecc(uint32_t memory) {
  return (read_register(DUET_MEMORY_WINDOW + memory, DUET_MEMORY_capabilities) & DUET_CAPABILITY_ECC) != 0;
}

/* Flips a bit or two of the node's word 0; the same once more undoes it. */
static void flip(uint32_t bits) {
  write_register(window, DUET_MEMORY_inject_address_low, 0);
  write_register(window, DUET_MEMORY_inject_address_high, 0);
  write_register(window, DUET_MEMORY_inject_bits, bits);
}

static void expect_status(uint32_t bits, const char* when) {
  expect_equal(read_register(window, DUET_MEMORY_status), bits, "memory's STATUS", when);
  expect_equal(read_register(window, DUET_MEMORY_error_address_low), 0, "memory's ERROR_ADDRESS", when);
  write_register(window, DUET_MEMORY_interrupt_clear, ~bits);
  expect_equal(read_register(window, DUET_MEMORY_status), bits,
               "memory's STATUS after other bits were cleared", when);
  write_register(window, DUET_MEMORY_interrupt_clear, bits);
  expect_equal(read_register(window, DUET_MEMORY_status), 0, "memory's cleared STATUS", when);
}

static void check_corrected(uint64_t queue) {
  const char* const when = "one wrong bit";
  const uint32_t corrected = count_of(DUET_MEMORY_corrected_count);
  flip(DATA_BIT);
  ring(queue, 0);
  expect_work(when);
  expect_equal(count_of(DUET_MEMORY_corrected_count) - corrected, 1, "memory's CORRECTED_COUNT", when);
  expect_status(1u << 0, when);
  flip(DATA_BIT);
}

/* What was damaged is repaired, and a restart repeats what failed. */
static void check_uncorrectable(uint64_t queue) {
  const char* const when = "two wrong bits";
  const uint32_t both = 1u << 31 | CHECK_BIT << 8 | DATA_BIT;
  const uint32_t uncorrectable = count_of(DUET_MEMORY_uncorrectable_count);
  flip(both);
  ring(queue, 0);
  expect_error(DUET_ERROR_UNCORRECTABLE_DATA, when);
  expect_equal(count_of(DUET_MEMORY_uncorrectable_count) - uncorrectable, 1, "memory's UNCORRECTABLE_COUNT",
               when);
  expect_status(1u << 1, when);
  flip(both);
  write_register(under_test, DUET_CHIPLET_reset, DUET_RESET_RESTART);
  expect_work("restart after two wrong bits");
}

static void check_silent(uint64_t queue) {
  flip(DATA_BIT);
  ring(queue, 0);
  expect_error(DUET_ERROR_BAD_DESCRIPTOR, "one wrong bit without ECC");
  expect_reset("one wrong bit without ECC");
  flip(DATA_BIT);
}

void check_memory_errors(uint32_t memory) {
  const duet_descriptor descriptor = good_descriptor();
  const uint64_t queue = boot->scratch + memory * boot->memory_stride;
  window = DUET_MEMORY_WINDOW + memory;
  place(queue, &descriptor);
  if (has_ecc(memory)) {
    check_corrected(queue);
    check_uncorrectable(queue);
  } else {
    check_silent(queue);
  }
  ring(queue, 0);
  expect_work("repaired memory");
}
