/* SPDX-License-Identifier: Apache-2.0 */
#include "selftest.h"

enum access { read_only, read_write, write_only, write_one_to_clear };
struct register_line {
  const char* name;
  uint32_t offset;
  uint32_t reset_value;
  enum access access;
  uint32_t bits;
};
#define DUET_REGISTER(name, offset, reset, access, bits, text) {#name, offset, reset, access, bits},
static const struct register_line chiplet_lines[] = {
#include "duet/sw_driver/registers.def"
};
static const struct register_line memory_lines[] = {
#include "duet/sw_driver/memory_registers.def"
};
static const struct register_line package_lines[] = {
#include "duet/sw_driver/package_registers.def"
};
#undef DUET_REGISTER

#define LINES(table) (uint32_t)(sizeof(table) / sizeof((table)[0]))

/* Differs from register to register in every bit position, so that an alias shows. */
static uint32_t pattern_of(const struct register_line* line, uint32_t round) {
  const uint32_t mixed = (line->offset + 1) * 0x9e3779b1u;
  return round % 2 == 0 ? mixed : ~mixed;
}

static void check_read(const struct register_line* line, int is_described) {
  uint32_t value = 0;
  const int status = hal.read32(hal.context, address_of(under_test, line->offset), &value);
  if (line->access == write_only) {
    expect(status == DUET_BUS_ERROR, "no bus error on reading write-only", line->name);
    return;
  }
  expect(status == DUET_OK, "bus error on reading", line->name);
  expect_equal(value & ~line->bits, 0, "reserved bits", line->name);
  if (!is_described) expect_equal(value, line->reset_value, "reset value", line->name);
  if (line->access != read_only) return;
  expect(hal.write32(hal.context, address_of(under_test, line->offset), ~value) == DUET_BUS_ERROR,
         "no bus error on writing read-only", line->name);
  expect_equal(read_register(under_test, line->offset), value, "read-only value after a write", line->name);
}

static void check_stored(const struct register_line* lines, uint32_t count) {
  for (uint32_t round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < count; ++i) {
      if (lines[i].access != read_write) continue;
      const int status =
          hal.write32(hal.context, address_of(under_test, lines[i].offset), pattern_of(&lines[i], round));
      expect(status == DUET_OK, "bus error on writing", lines[i].name);
    }
    for (uint32_t i = 0; i < count; ++i) {
      if (lines[i].access != read_write) continue;
      expect_equal(read_register(under_test, lines[i].offset), pattern_of(&lines[i], round) & lines[i].bits,
                   "value written", lines[i].name);
    }
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (lines[i].access == read_write) write_register(under_test, lines[i].offset, lines[i].reset_value);
  }
}

/* Between the registers and behind the last one there is nothing. */
static void check_gaps(const struct register_line* lines, uint32_t count) {
  for (uint32_t offset = 0; offset <= lines[count - 1].offset + 4; offset += 4) {
    int is_declared = 0;
    for (uint32_t i = 0; i < count; ++i) is_declared |= lines[i].offset == offset;
    if (is_declared) continue;
    uint32_t value = 0;
    expect(hal.read32(hal.context, address_of(under_test, offset), &value) == DUET_BUS_ERROR,
           "no bus error on reading", "an offset without register");
    expect(hal.write32(hal.context, address_of(under_test, offset), 0) == DUET_BUS_ERROR,
           "no bus error on writing", "an offset without register");
  }
}

void check_chiplet_registers(void) {
  for (uint32_t i = 0; i < LINES(chiplet_lines); ++i) {
    check_read(&chiplet_lines[i], chiplet_lines[i].offset == DUET_CHIPLET_capabilities ||
                                      chiplet_lines[i].offset == DUET_CHIPLET_doorbell_space);
  }
  expect((read_register(under_test, DUET_CHIPLET_capabilities) &
          (DUET_CAPABILITY_SYSTOLIC | DUET_CAPABILITY_VECTOR)) != 0,
         "no arrays", "capabilities");
  expect(read_register(under_test, DUET_CHIPLET_doorbell_space) >= DUET_DOORBELLS_AHEAD, "too little space",
         "doorbell_space");
  check_stored(chiplet_lines, LINES(chiplet_lines));
  check_gaps(chiplet_lines, LINES(chiplet_lines));
}

void check_memory_registers(void) {
  for (uint32_t i = 0; i < LINES(memory_lines); ++i) {
    check_read(&memory_lines[i], memory_lines[i].offset == DUET_MEMORY_capabilities);
  }
  check_stored(memory_lines, LINES(memory_lines));
  check_gaps(memory_lines, LINES(memory_lines));
}

void check_package_registers(void) {
  for (uint32_t i = 0; i < LINES(package_lines); ++i) {
    check_read(&package_lines[i], package_lines[i].offset == DUET_PACKAGE_chiplets ||
                                      package_lines[i].offset == DUET_PACKAGE_memories);
  }
  expect_equal(read_register(under_test, DUET_PACKAGE_chiplets), boot->chiplets, "value", "chiplets");
  expect(read_register(under_test, DUET_PACKAGE_memories) != 0, "no memory node", "memories");
  check_stored(package_lines, LINES(package_lines));
  check_gaps(package_lines, LINES(package_lines));
}
