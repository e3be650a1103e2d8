/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DUET_FIRMWARE_BOARD_H
#define DUET_FIRMWARE_BOARD_H

/* The board's default memory map, see docs/models/board.md. Override with -D for another board. */
#ifndef BOARD_EXIT
#define BOARD_EXIT 0x00100000ul
#endif
#ifndef BOARD_CLINT
#define BOARD_CLINT 0x02000000ul
#endif
#ifndef BOARD_PLIC
#define BOARD_PLIC 0x0c000000ul
#endif
#ifndef BOARD_UART
#define BOARD_UART 0x10000000ul
#endif
#ifndef BOARD_CONTROL
#define BOARD_CONTROL 0x40000000ul
#endif
#ifndef BOARD_TIMEBASE_HZ
#define BOARD_TIMEBASE_HZ 10000000ul
#endif

/* PLIC source of package 0; the others follow. */
#define BOARD_PACKAGE_SOURCE 1u

#endif
