/* SPDX-License-Identifier: Apache-2.0 */
/* Walks all control registers and the error paths of all chiplets of a package, and says what it finds. Exits
 * with the number of failures, at most 255. */
#include "duet/firmware/hal_riscv.h"
#include "duet/firmware/runtime.h"
#include "duet/sw_driver/boot.h"
#include "duet/sw_driver/regs.h"

enum access { read_only, read_write, write_only, write_one_to_clear };
struct register_line {
  const char* name;
  uint32_t offset;
  uint32_t reset_value;
  enum access access;
};
static const struct register_line registers[] = {
#define DUET_REGISTER(name, offset, reset, access, text) {#name, offset, reset, access},
#include "duet/sw_driver/registers.def"
#undef DUET_REGISTER
};

static const duet_boot* boot;
static duet_hal hal;
static riscv_hal hal_state;
static uint32_t failures;
static uint32_t chiplet;

static uint64_t address_of(uint32_t offset) {
  return boot->chiplet_base + chiplet * boot->chiplet_stride + offset;
}
static uint32_t read_register(uint32_t offset) {
  uint32_t value = 0;
  hal.read32(hal.context, address_of(offset), &value);
  return value;
}
static void write_register(uint32_t offset, uint32_t value) {
  hal.write32(hal.context, address_of(offset), value);
}

static void expect(int condition, const char* what, const char* name) {
  if (condition) return;
  ++failures;
  put_text("FAILED chiplet ");
  put_decimal(chiplet);
  put_text(": ");
  put_text(what);
  put_text(" ");
  put_text(name);
  put_text("\n");
}

/* Registers whose stored value nothing interprets until a doorbell rings. */
static int is_plain(uint32_t offset) {
  return offset == DUET_CHIPLET_queue_base_high || offset == DUET_CHIPLET_interrupt_enable ||
         (offset >= DUET_CHIPLET_argument0 && offset <= DUET_CHIPLET_argument3);
}

static void check_register(const struct register_line* line) {
  uint32_t value = 0;
  const int read_status = hal.read32(hal.context, address_of(line->offset), &value);
  if (line->access == write_only) {
    expect(read_status == DUET_BUS_ERROR, "no bus error on reading write-only", line->name);
  } else {
    expect(read_status == DUET_OK, "bus error on reading", line->name);
  }
  if (line->access == read_only) {
    expect(hal.write32(hal.context, address_of(line->offset), 0) == DUET_BUS_ERROR,
           "no bus error on writing read-only", line->name);
    if (line->reset_value != 0) expect(value == line->reset_value, "wrong constant in", line->name);
  }
  if (line->access == read_write && is_plain(line->offset)) {
    for (uint32_t pattern = 1; pattern <= 2; ++pattern) {
      expect(hal.write32(hal.context, address_of(line->offset), pattern) == DUET_OK, "bus error on writing",
             line->name);
      expect(read_register(line->offset) == pattern, "value does not stay in", line->name);
    }
    write_register(line->offset, line->reset_value);
  }
}

/* Rings one descriptor at `queue` and expects the error and its interrupt; then clears both. */
static void check_error(uint64_t queue, uint32_t error, const char* name) {
  write_register(DUET_CHIPLET_reset, 1);
  write_register(DUET_CHIPLET_queue_base_low, (uint32_t)queue);
  write_register(DUET_CHIPLET_queue_base_high, (uint32_t)(queue >> 32));
  write_register(DUET_CHIPLET_interrupt_enable, DUET_INTERRUPT_DOORBELL_DONE | DUET_INTERRUPT_ERROR);
  write_register(DUET_CHIPLET_doorbell, 1);
  expect(hal.wait_for_interrupt(hal.context, boot->timeout_ns) == DUET_OK, "no interrupt for", name);
  expect((read_register(DUET_CHIPLET_interrupt_status) & DUET_INTERRUPT_ERROR) != 0,
         "error interrupt not pending for", name);
  expect(((read_register(DUET_CHIPLET_error) >> error) & 1u) != 0, "ERROR bit not set for", name);
  expect((read_register(DUET_CHIPLET_status) & DUET_STATUS_HALTED) != 0, "STATUS not halted for", name);
  write_register(DUET_CHIPLET_error, UINT32_MAX);
  write_register(DUET_CHIPLET_interrupt_clear, UINT32_MAX);
  write_register(DUET_CHIPLET_reset, 1);
  expect(read_register(DUET_CHIPLET_error) == 0, "ERROR does not clear after", name);
  expect(read_register(DUET_CHIPLET_interrupt_status) == 0, "interrupt does not clear after", name);
  expect((read_register(DUET_CHIPLET_status) & DUET_STATUS_HALTED) == 0, "still halted after reset after",
         name);
}

static void check_doorbell_overflow(void) {
  write_register(DUET_CHIPLET_interrupt_enable, 0);
  for (uint32_t rung = 0; rung < 1024 && read_register(DUET_CHIPLET_doorbell_space) != 0; ++rung) {
    write_register(DUET_CHIPLET_doorbell, 0);
  }
  if (read_register(DUET_CHIPLET_doorbell_space) != 0) return; /* empty doorbells complete at once */
  write_register(DUET_CHIPLET_doorbell, 0);
  expect(((read_register(DUET_CHIPLET_error) >> DUET_ERROR_DOORBELL_OVERFLOW) & 1u) != 0,
         "ERROR bit not set for", "doorbell overflow");
  write_register(DUET_CHIPLET_reset, 1);
}

int main(uint64_t hart, const duet_boot* argument);
int main(uint64_t hart, const duet_boot* argument) {
  if (hart != 0) {
    for (;;) __asm__ volatile("wfi");
  }
  boot = argument;
  if (boot == 0 || boot->magic != DUET_BOOT_MAGIC) {
    put_text("selftest: the platform left no package\n");
    return 1;
  }
  riscv_hal_init(&hal, &hal_state, boot->interrupt_source);
  for (chiplet = 0; chiplet < boot->chiplets; ++chiplet) {
    uint32_t end = 0;
    for (uint32_t i = 0; i < sizeof registers / sizeof registers[0]; ++i) {
      check_register(&registers[i]);
      if (registers[i].offset > end) end = registers[i].offset;
    }
    uint32_t value = 0;
    expect(hal.read32(hal.context, address_of(end + 4), &value) == DUET_BUS_ERROR, "no bus error behind",
           "the last register");
    check_error(boot->scratch, DUET_ERROR_BAD_DESCRIPTOR, "bad descriptor");
    check_error(~(uint64_t)0 << 9, DUET_ERROR_BUS, "descriptor outside memory");
    check_doorbell_overflow();
  }
  put_text("selftest: ");
  put_decimal(boot->chiplets);
  put_text(" chiplets, ");
  put_decimal(failures);
  put_text(" failures\n");
  return failures > 255 ? 255 : (int)failures;
}
