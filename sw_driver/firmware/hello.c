/* SPDX-License-Identifier: Apache-2.0 */
/* The tutorial's firmware: a line on the console, and what the timer says. */
#include "duet/firmware/runtime.h"

int main(uint64_t hart, uint64_t argument);
int main(uint64_t hart, uint64_t argument) {
  (void)argument;
  if (hart != 0) {
    for (;;) __asm__ volatile("wfi");
  }
  put_text("hello from hart ");
  put_decimal(hart);
  put_text(" after ");
  put_decimal(ticks_to_ns(time_ticks()));
  put_text(" ns\n");
  return 0;
}
