/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_SW_DRIVER_PROGRAM_H
#define DUET_SW_DRIVER_PROGRAM_H
#include <stdint.h>

/* The program image as the driver sees it, in the driver's own memory. The descriptors it refers to
 * lie in the package's memory, one contiguous queue per compute chiplet. All offsets are bytes from
 * the header. Little endian. */

#define DUET_PROGRAM_MAGIC 0x50544544u /* 'DETP' */
#define DUET_PROGRAM_VERSION 1u
#define DUET_MAX_CHIPLETS 64

typedef struct duet_program {
  uint32_t magic;
  uint32_t version;
  uint32_t chiplets;        /* compute chiplets that the program uses */
  uint32_t groups;          /* entries of the group table */
  uint32_t dispatches;      /* entries of the dispatch table */
  uint32_t group_offset;    /* duet_program_group[groups] */
  uint32_t dispatch_offset; /* duet_dispatch[dispatches] */
  uint32_t queue_offset;    /* uint64_t[chiplets]: address of each chiplet's first descriptor */
} duet_program;

typedef struct duet_program_group {
  uint64_t members; /* bit c: compute chiplet c */
} duet_program_group;

/* One doorbell to each chiplet of `chiplet_mask`: `descriptors` more, all in one mode. */
typedef struct duet_dispatch {
  uint64_t chiplet_mask;
  uint32_t mode; /* value for MODE */
  uint16_t descriptors;
  uint16_t layer;
} duet_dispatch;

#endif
