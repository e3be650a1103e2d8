/* SPDX-License-Identifier: Apache-2.0 */
/* What the debugger tests look at. */
#include "duet/firmware/runtime.h"

volatile uint64_t counter;
volatile uint64_t watched;
volatile uint64_t limit = 5;

__attribute__((noinline)) uint64_t work(uint64_t step) {
  counter = counter + step;
  return counter;
}

int main(uint64_t hart, uint64_t argument);
int main(uint64_t hart, uint64_t argument) {
  (void)argument;
  if (hart != 0) {
    for (;;) __asm__ volatile("wfi");
  }
  for (uint64_t i = 1; i <= limit; ++i) {
    work(i);
    if (i == 3) watched = 42;
  }
  put_text("done ");
  put_decimal(counter);
  put_text("\n");
  return 0;
}
