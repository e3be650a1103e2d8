/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_SW_DRIVER_DESCRIPTOR_H
#define DUET_SW_DRIVER_DESCRIPTOR_H
#include <stdint.h>
#ifdef __cplusplus
#define _Static_assert static_assert
#endif

/* The descriptor ABI: what a chiplet's controller reads from its queue. Little endian, 512 bytes,
 * naturally aligned, the same for C and C++. */

#define DUET_DESCRIPTOR_MAGIC 0xD0E7u
#define DUET_DESCRIPTOR_BYTES 512u
#define DUET_INPUTS 5
#define DUET_OUTPUTS 3
#define DUET_WAITS 2
#define DUET_RAISES 2
#define DUET_NO_GROUP 0xffffu
#define DUET_NO_ARGUMENT 0xffu

enum duet_opcode {
  DUET_OP_NONE = 0,
  DUET_OP_GATHER = 1,       /* embedding rows: count=m, width=n */
  DUET_OP_GEMM = 2,         /* systolic or vector arrays: m x k times k x n */
  DUET_OP_GEMV = 3,         /* vector arrays: m input vectors of k against k x n, sharing the matrix pass */
  DUET_OP_ATTENTION = 4,    /* causal or cached attention, see duet_shape */
  DUET_OP_ROTARY = 5,       /* m rows of n elements through the SFU */
  DUET_OP_SSM_PREFILL = 6,  /* m sequences, k tokens each, n channels, states */
  DUET_OP_SSM_DECODE = 7,   /* m sequences, one token, n channels, states */
  DUET_OP_CONV1D = 8,       /* m tokens, n channels, k taps */
  DUET_OP_NORM = 9,         /* m rows of n elements */
  DUET_OP_ELEMENTWISE = 10, /* m rows of n elements, k SFU passes */
  DUET_OP_REDUCE = 11,      /* sum of k partial m x n blocks */
  DUET_OP_ARGMAX = 12,      /* m rows of n elements */
  DUET_OP_KV_APPEND = 13,   /* moves data only */
  DUET_OP_COLLECTIVE = 14,  /* moves data only: outputs to a group window */
  DUET_OP_TRANSFER = 15,    /* moves data only: caches to the other package */
  DUET_OP_COUNT = 16
};

/* Which arrays run the operation. */
enum duet_engine { DUET_ENGINE_SYSTOLIC = 0, DUET_ENGINE_VECTOR = 1, DUET_ENGINE_MOVE = 2 };

enum duet_operand_flag {
  DUET_OPERAND_RESIDENT =
      1, /* whole before the first step (input) or after the last (output); else spread over steps */
  DUET_OPERAND_WAITS = 2,   /* input: not before the descriptor's waits are met; else it is prefetched */
  DUET_OPERAND_MAILBOX = 4, /* input: arrives from peers into event counter `counter`, `bytes` per descriptor;
                               nothing is read */
  DUET_OPERAND_SHARED = 8,  /* input: this chiplet reads its share from `address` and posts it to `group`; all
                               shares together are `group_bytes` and arrive in event counter `counter`;
                                 counter + 1 counts the steps that members have room for */
  DUET_OPERAND_SUMMED = 16, /* output to a group: partial sums, cut into `group_members` equal pieces; the
                               network sums piece i of all members on its way to member i, where it arrives
                               into event counter `counter` */
  DUET_OPERAND_KEPT = 32, /* input: an earlier output lies in this chiplet's SRAM, nothing is read from memory
                             (SHARED: the share goes from there to the group); output: the results stay there,
                             nothing is written. duet_shape.kept_kibibytes says what they take */
  DUET_OPERAND_LATE = 64  /* output: raises of DUET_RAISE_RESULTS do not wait until it is written */
};

/* One operand: the value of a field is base + stride * argument[index]. 48 bytes. */
typedef struct duet_operand {
  uint64_t address;       /* byte address in the package's map; output to a group: offset in its window */
  uint64_t bytes;         /* bytes that this chiplet reads or writes over the whole descriptor */
  int32_t address_stride; /* added to address per unit of the argument */
  int32_t bytes_stride;   /* added to bytes per unit of the argument */
  uint64_t wrap_bytes;    /* input: 0, or the operand is read again from `address` after so many bytes */
  uint64_t group_bytes;   /* SHARED and MAILBOX: bytes that arrive over the whole descriptor */
  uint16_t group;         /* multicast group of a SHARED input or of an output, DUET_NO_GROUP: unicast */
  uint8_t counter;        /* event counter that counts arriving bytes (SHARED, MAILBOX, output to a group) */
  uint8_t argument;       /* index of the run argument, DUET_NO_ARGUMENT: none */
  uint8_t flags;          /* enum duet_operand_flag */
  uint8_t used;           /* 0: this slot is empty */
  uint16_t group_members; /* SHARED, SUMMED: how many chiplets the group has, this one included */
} duet_operand;

typedef struct duet_wait {
  uint32_t counter;
  uint32_t reserved;
  uint64_t value; /* the counter must have reached it, counted since the last reset of the queue */
} duet_wait;

typedef struct duet_raise {
  uint16_t group; /* whose counter: a multicast group of the package */
  uint8_t counter;
  uint8_t when; /* enum duet_raise_when */
  uint32_t amount;
} duet_raise;

enum duet_raise_when {
  DUET_RAISE_NEVER = 0,   /* this slot is empty */
  DUET_RAISE_WRITTEN = 1, /* once all outputs are written */
  DUET_RAISE_RESULTS = 2  /* once those without LATE are */
};

/* Shape of the operation on this chiplet. Meaning of m, k, n per opcode above. ATTENTION: m sequences,
 * k new tokens per sequence and query head, n cached tokens per sequence (plus n_stride per unit of
 * argument 0), heads query heads, kv_heads, head_dim. */
typedef struct duet_shape {
  uint32_t m, k, n;
  uint32_t heads, kv_heads, head_dim;
  uint32_t states;
  uint32_t n_stride;
  uint32_t k_blocks;       /* GEMM: parts of k whose sums meet in SRAM; 0 and 1: k in one piece */
  uint32_t kept_kibibytes; /* SRAM of this engine, in KiB, that KEPT operands take meanwhile, those of other
                              descriptors included; operands on their way have the rest */
  uint32_t sfu_passes;     /* SFU operations per result element fused into the drain */
  uint32_t flags;          /* enum duet_shape_flag */
} duet_shape;

enum duet_shape_flag {
  DUET_SHAPE_CAUSAL = 1,       /* attention skips what lies behind the diagonal */
  DUET_SHAPE_MAMBA1 = 2,       /* decay per state instead of per head */
  DUET_SHAPE_INITIAL_STATE = 4 /* SSM: the state is an input, not zero */
};

/* Functions on result elements. */
enum duet_function {
  DUET_FUNCTION_NONE = 0,
  DUET_FUNCTION_SILU = 1,
  DUET_FUNCTION_RELU_SQUARED = 2,
  DUET_FUNCTION_GELU = 3
};

enum duet_value_flag {
  DUET_VALUE_LAYOUT = 1,   /* operands have the layouts of docs/models/values.md; else they are sizes only */
  DUET_VALUE_NORM = 2,     /* GEMM, GEMV: an RMSNorm of the rows of input 0 comes first */
  DUET_VALUE_RESIDUAL = 4, /* GEMM, GEMV: a block is added to the result */
  DUET_VALUE_GATE = 8,     /* GEMM, GEMV: the result's left half gates the right one; NORM: input 1 gates */
  DUET_VALUE_BIAS = 16,    /* CONV1D: a row of biases follows the taps */
  DUET_VALUE_STATE = 32    /* CONV1D: the state is an input, not zero */
};

/* What an operation on real values needs besides. Timing does not depend on it. */
typedef struct duet_values {
  uint16_t flags;    /* enum duet_value_flag */
  uint16_t function; /* enum duet_function */
  uint16_t member;   /* SHARED: which of the shares is this chiplet's, from 0 */
  uint16_t batch;    /* sequences; row r of an activation is token r / batch of sequence r % batch */
  uint16_t groups;   /* SSM: of channels that share B and C; NORM: parts of a row normalised apart */
  uint16_t reserved;
  uint32_t epsilon; /* NORM: added to the mean square, as binary32 */
  uint32_t scale;   /* ATTENTION: factor on queries, as binary32 */
  uint32_t rows;    /* GATHER: of the table */
} duet_values;

typedef struct duet_descriptor {
  uint16_t magic;
  uint8_t opcode;
  uint8_t engine;
  uint16_t steps; /* pieces in which operands arrive, are computed and leave; 1..1024 */
  uint16_t layer;
  duet_shape shape; /* 48 bytes */
  duet_wait waits[DUET_WAITS];
  duet_raise raises[DUET_RAISES];
  duet_operand inputs[DUET_INPUTS];
  duet_operand outputs[DUET_OUTPUTS];
  duet_values values;
} duet_descriptor;

_Static_assert(sizeof(duet_operand) == 48, "ABI");
_Static_assert(sizeof(duet_values) == 24, "ABI");
_Static_assert(sizeof(duet_descriptor) == DUET_DESCRIPTOR_BYTES, "ABI");

#endif
