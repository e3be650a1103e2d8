/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware of another project: counts the chiplets behind the control window. */
#include "duet/firmware/board.h"
#include "duet/firmware/runtime.h"
#include "duet/sw_driver/regs.h"

int main(uint64_t hart, uint64_t argument);
int main(uint64_t hart, uint64_t argument) {
  (void)argument;
  if (hart != 0) {
    for (;;) __asm__ volatile("wfi");
  }
  uint32_t chiplets = 0;
  if (try_read32(BOARD_CONTROL + 255 * 0x10000ul + DUET_PACKAGE_chiplets, &chiplets) != 0) return 1;
  put_text("outside: ");
  put_decimal(chiplets);
  put_text(" chiplets\n");
  return (int)chiplets;
}
