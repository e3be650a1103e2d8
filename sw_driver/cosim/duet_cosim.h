/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_COSIM_H
#define DUET_COSIM_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Client of the platform's co-simulation door, see docs/how-to/cosimulation.md. Simulated time stands still
 * between the calls; only duet_cosim_advance, duet_cosim_wait and the latency of accesses move it. */

#define DUET_COSIM_MAGIC 0x54455544u /* 'DUET' */
#define DUET_COSIM_VERSION 1u

enum duet_cosim_operation {
  DUET_COSIM_HELLO = 1, /* address: magic, value: version; answers with the door's version */
  DUET_COSIM_READ = 2,  /* `bytes` at `address` */
  DUET_COSIM_WRITE = 3,
  DUET_COSIM_ADVANCE = 4, /* value: picoseconds */
  DUET_COSIM_WAIT = 5,    /* until an interrupt line is up, at most `value` picoseconds */
  DUET_COSIM_BYE = 6      /* value: status of what the client has done, 0 for success */
};

enum duet_cosim_status {
  DUET_COSIM_OK = 0,
  DUET_COSIM_BUS_ERROR = 1,    /* the access got an error response */
  DUET_COSIM_NO_INTERRUPT = 2, /* WAIT: none came in time */
  DUET_COSIM_BAD_REQUEST = 3,
  DUET_COSIM_BAD_VERSION = 4,
  DUET_COSIM_LOST = -1 /* client side: no connection, or no answer in time */
};

/* Little endian, as it travels. */
typedef struct duet_cosim_request {
  uint32_t operation;
  uint32_t bytes;
  uint64_t address;
  uint64_t value;
} duet_cosim_request;

typedef struct duet_cosim_answer {
  int32_t status;
  uint32_t interrupts; /* levels of the lines, bit 0 is line 0 */
  uint64_t value;
  uint64_t time_ps;
} duet_cosim_answer;

typedef struct duet_cosim {
  int descriptor;
  int timeout_ms;
  uint32_t interrupts; /* as of the last answer */
  uint64_t time_ps;
} duet_cosim;

/* Connects to "tcp:<port>" on this machine or "unix:<path>" and shakes hands. Every later wait for an answer
 * ends after timeout_ms of real time. Returns enum duet_cosim_status. */
int duet_cosim_connect(duet_cosim* door, const char* endpoint, int timeout_ms);
int duet_cosim_read32(duet_cosim* door, uint64_t address, uint32_t* value);
int duet_cosim_write32(duet_cosim* door, uint64_t address, uint32_t value);
int duet_cosim_advance(duet_cosim* door, uint64_t picoseconds);
int duet_cosim_wait(duet_cosim* door, uint64_t picoseconds);
/* Says goodbye with a status, 0 for success, and disconnects. */
void duet_cosim_finish(duet_cosim* door, int64_t status);
/* The same with status 0. */
void duet_cosim_close(duet_cosim* door);

#ifdef __cplusplus
}
#endif
#endif
