/* SPDX-License-Identifier: Apache-2.0 */
#include "duet/firmware/runtime.h"

#include "duet/firmware/board.h"
#include "duet/sw_driver/boot.h"

void* memcpy(void* to, const void* from, size_t bytes) {
  return memmove(to, from, bytes);
}

void* memmove(void* to, const void* from, size_t bytes) {
  unsigned char* destination = to;
  const unsigned char* source = from;
  if (destination < source) {
    for (size_t i = 0; i < bytes; ++i) destination[i] = source[i];
  } else {
    for (size_t i = bytes; i > 0; --i) destination[i - 1] = source[i - 1];
  }
  return to;
}

void* memset(void* to, int value, size_t bytes) {
  unsigned char* destination = to;
  for (size_t i = 0; i < bytes; ++i) destination[i] = (unsigned char)value;
  return to;
}

int memcmp(const void* a, const void* b, size_t bytes) {
  const unsigned char* left = a;
  const unsigned char* right = b;
  for (size_t i = 0; i < bytes; ++i) {
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  }
  return 0;
}

/* A UART that stays busy for 10 ms loses the character. */
void put_char(char character) {
  volatile uint8_t* const uart = (volatile uint8_t*)BOARD_UART;
  if ((uart[5] & 0x20u) == 0) {
    const uint64_t deadline = time_ticks() + BOARD_TIMEBASE_HZ / 100u;
    while ((uart[5] & 0x20u) == 0 && time_ticks() < deadline) {
    }
  }
  uart[0] = (uint8_t)character;
}

void put_text(const char* text) {
  while (*text != '\0') put_char(*text++);
}

void put_hex(uint64_t value) {
  put_text("0x");
  int shift = 60;
  while (shift > 0 && (value >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) put_char("0123456789abcdef"[(value >> shift) & 15u]);
}

void put_decimal(uint64_t value) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (count > 0) put_char(digits[--count]);
}

void exit_program(int code) {
  volatile uint32_t* const finisher = (volatile uint32_t*)BOARD_EXIT;
  *finisher = code == 0 ? 0x5555u : 0x3333u | (uint32_t)code << 16;
  for (;;) __asm__ volatile("wfi");
}

int load_package_memory(struct duet_boot* boot, uint64_t to, const void* from, uint32_t bytes) {
  volatile duet_load* const load = &boot->load;
  load->from = (uint64_t)from;
  load->to = to;
  load->bytes = bytes;
  load->status = DUET_BUS_ERROR;
  __asm__ volatile("fence" ::: "memory");
  *(volatile uint32_t*)(BOARD_EXIT + 24) = (uint32_t)hart_id();
  __asm__ volatile("fence" ::: "memory");
  return load->status == DUET_OK ? 0 : -1;
}

uint64_t time_ticks(void) {
  uint64_t ticks;
  __asm__ volatile("csrr %0, time" : "=r"(ticks));
  return ticks;
}

uint64_t ticks_to_ns(uint64_t ticks) {
  return ticks / BOARD_TIMEBASE_HZ * 1000000000ul +
         ticks % BOARD_TIMEBASE_HZ * 1000000000ul / BOARD_TIMEBASE_HZ;
}

uint64_t ns_to_ticks(uint64_t ns) {
  return ns / 1000000000ul * BOARD_TIMEBASE_HZ +
         (ns % 1000000000ul * BOARD_TIMEBASE_HZ + 999999999ul) / 1000000000ul;
}
