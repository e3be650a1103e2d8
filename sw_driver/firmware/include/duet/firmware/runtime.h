/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_FIRMWARE_RUNTIME_H
#define DUET_FIRMWARE_RUNTIME_H
#include <stddef.h>
#include <stdint.h>

/* What a bare-metal program has: no C library, so the compiler's four functions are here too. */
void* memcpy(void* to, const void* from, size_t bytes);
void* memmove(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);
int memcmp(const void* a, const void* b, size_t bytes);

/* Console on the UART. */
void put_char(char character);
void put_text(const char* text);
void put_hex(uint64_t value);
void put_decimal(uint64_t value);

/* Ends the program with this exit code. */
__attribute__((noreturn)) void exit_program(int code);

/* Time of the board's timer. */
uint64_t time_ticks(void);
uint64_t ticks_to_ns(uint64_t ticks);
uint64_t ns_to_ticks(uint64_t ns);

static inline uint64_t hart_id(void) {
  uint64_t id;
  __asm__ volatile("csrr %0, mhartid" : "=r"(id));
  return id;
}

/* Bus accesses that may fail: 0, or -1 when the bus answered with an error (an access fault). */
int try_read32(uint64_t address, uint32_t* value);
int try_write32(uint64_t address, uint32_t value);

/* Copies into the package's memory, where chiplets find descriptors and data: 0, or -1 when there is no such
 * memory. `boot` is what main gets as its second argument. */
struct duet_boot;
int load_package_memory(struct duet_boot* boot, uint64_t to, const void* from, uint32_t bytes);

/* A program overrides this to handle a trap itself: return the pc to go on at. The default reports it to
 * the platform and ends. */
uint64_t handle_trap(uint64_t cause, uint64_t pc, uint64_t value);

#endif
