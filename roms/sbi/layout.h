/* SPDX-License-Identifier: MIT */
/* The trap frame: x0..x31, mepc, mstatus. */
#define FRAME_MEPC    (32 * 8)
#define FRAME_MSTATUS (33 * 8)
#define FRAME_BYTES   (34 * 8)

#define MSTATUS_MPRV_BIT 17
