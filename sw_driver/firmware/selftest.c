/* SPDX-License-Identifier: Apache-2.0 */
/* Walks all control registers and the error paths of all chiplets of a package, and says what it has walked
 * and what it finds. Exits with the number of failures, at most 255. */
#include "selftest.h"

#include "duet/firmware/runtime.h"

duet_boot* boot;
duet_hal hal;
uint32_t under_test;
uint32_t failures;
uint64_t provoked[DUET_ERRORS];
static riscv_hal hal_state;

uint64_t address_of(uint32_t window, uint32_t offset) {
  if (window == DUET_PACKAGE_WINDOW) return boot->package_base + offset;
  return boot->chiplet_base + window * boot->chiplet_stride + offset;
}
uint32_t read_register(uint32_t window, uint32_t offset) {
  uint32_t value = 0;
  hal.read32(hal.context, address_of(window, offset), &value);
  return value;
}
void write_register(uint32_t window, uint32_t offset, uint32_t value) {
  hal.write32(hal.context, address_of(window, offset), value);
}

static void begin_failure(void) {
  ++failures;
  put_text("FAILED ");
  if (under_test == DUET_PACKAGE_WINDOW) {
    put_text("package");
  } else if (under_test >= DUET_MEMORY_WINDOW) {
    put_text("memory ");
    put_decimal(under_test - DUET_MEMORY_WINDOW);
  } else {
    put_text("chiplet ");
    put_decimal(under_test);
  }
  put_text(": ");
}
static void end_failure(const char* when) {
  put_text(" (");
  put_text(when);
  put_text(")\n");
}

void expect(int condition, const char* what, const char* when) {
  if (condition) return;
  begin_failure();
  put_text(what);
  end_failure(when);
}

void expect_equal(uint32_t found, uint32_t wanted, const char* what, const char* when) {
  if (found == wanted) return;
  begin_failure();
  put_text(what);
  put_text(" is ");
  put_hex(found);
  put_text(", not ");
  put_hex(wanted);
  end_failure(when);
}

static void say_registers(uint32_t memories) {
  put_text("registers: reset values, access rights, reserved bits and gaps of ");
  put_decimal(boot->chiplets);
  put_text(" chiplets, ");
  put_decimal(memories);
  put_text(" memory nodes and the package\n");
}

static void say_error(enum duet_error error, const char* name) {
  uint32_t chiplets = 0;
  for (uint32_t chiplet = 0; chiplet < boot->chiplets; ++chiplet)
    chiplets += (provoked[error] >> chiplet) & 1u;
  put_text("ERROR bit ");
  put_decimal(error);
  put_text(", ");
  put_text(name);
  put_text(": provoked on ");
  put_decimal(chiplets);
  put_text(" of ");
  put_decimal(boot->chiplets);
  put_text(" chiplets");
}

static void say_errors(uint32_t memories, uint32_t with_ecc) {
  static const struct {
    enum duet_error error;
    const char* name;
  } by_descriptors[] = {{DUET_ERROR_BAD_DESCRIPTOR, "bad descriptor"},
                        {DUET_ERROR_WRONG_MODE, "wrong mode"},
                        {DUET_ERROR_BUS, "bus error"},
                        {DUET_ERROR_DOORBELL_OVERFLOW, "doorbell overflow"},
                        {DUET_ERROR_TIMEOUT, "event time-out"}};
  for (uint32_t i = 0; i < sizeof by_descriptors / sizeof by_descriptors[0]; ++i) {
    say_error(by_descriptors[i].error, by_descriptors[i].name);
    put_text("\n");
  }
  say_error(DUET_ERROR_UNCORRECTABLE_DATA, "uncorrectable data");
  put_text(", ");
  put_decimal(with_ecc);
  put_text(" of ");
  put_decimal(memories);
  put_text(
      " memory nodes have ECC\n"
      "not walked, because software cannot provoke them: link errors (noi.faults), hung chiplets (hangs)\n");
}

int main(uint64_t hart, duet_boot* argument);
int main(uint64_t hart, duet_boot* argument) {
  if (hart != 0) {
    for (;;) __asm__ volatile("wfi");
  }
  boot = argument;
  if (boot == 0 || boot->magic != DUET_BOOT_MAGIC || boot->version != DUET_BOOT_VERSION) {
    put_text("selftest: the platform left no package\n");
    return 1;
  }
  riscv_hal_init(&hal, &hal_state, boot->interrupt_source);
  under_test = DUET_PACKAGE_WINDOW;
  check_package_registers();
  const uint32_t memories = read_register(DUET_PACKAGE_WINDOW, DUET_PACKAGE_memories);
  for (uint32_t i = 0; i < memories; ++i) {
    under_test = DUET_MEMORY_WINDOW + i;
    check_memory_registers();
  }
  for (under_test = 0; under_test < boot->chiplets; ++under_test) check_chiplet_registers();
  say_registers(memories);
  for (under_test = 0; under_test < boot->chiplets; ++under_test) {
    check_errors();
    if (memories != 0) check_memory_errors(under_test % memories);
  }
  uint32_t with_ecc = 0;
  under_test = 0;
  for (uint32_t i = 0; i < memories; ++i) {
    check_memory_errors(i);
    with_ecc += has_ecc(i) != 0;
  }
  say_errors(memories, with_ecc);
  put_text("selftest: ");
  put_decimal(boot->chiplets);
  put_text(" chiplets, ");
  put_decimal(failures);
  put_text(" failures\n");
  return failures > 255 ? 255 : (int)failures;
}
