/* SPDX-License-Identifier: MIT */
/* The memory layout of a test program. It has macros only, because the
 * assembler (monitor.S) reads it, too.
 *
 * Addresses are physical; RAM begins at MONITOR_PA. Programs store only to data
 * pages, page tables, devices and (gen_code) a nop of their own code. */
#pragma once

#define MONITOR_PA 0x80000000 /* M: start, traps, records */
#define S_PA       0x80004000 /* S: its trap handler */
#define VARS_PA    0x80005000 /* variables of M and S */
#define TABLES_PA  0x80006000 /* page tables: T_ROOT_A ... */
#define DATA_PA    0x80018000 /* pages to load from and store to */
#define LAND_PA    0x80020000 /* pages to jump to: full of `ret` */
#define BLOCKS_PA  0x80030000 /* the code under test */
#define DESC_PA    0x800b0000 /* one descriptor a block */
#define SETS_PA    0x800c0000 /* sets of register values */
#define LOG_PA     0x80100000 /* records */
#define LOG_END_PA 0x80300000
#define END_PA     0x80300000
#define RAM_SIZE   0x1000000

#define BLOCKS_BYTES 0x80000
#define DATA_PAGES   8
#define LAND_PAGES   4
#define SETS         64
#define SET_BYTES    512 /* x0..x31 (x0: fcsr), f0..f31 */

/* Page tables. Both address spaces share all but root[3]. */
#define T_ROOT_A     0
#define T_ROOT_B     1
#define T_L1         2 /* root[0], root[256], root[511] */
#define T_L0         3 /* l1[0], l1[511]: slots 0.. data, LAND_SLOT.. landing */
#define T_L1_A       4 /* root[3] of T_ROOT_A */
#define T_L0_A       5
#define T_L1_B       6
#define T_L0_B       7
#define T_L1_U       8 /* root[252]: the code under test, for U */
#define T_L0_U       9
#define TABLES       10
#define TABLE_DIGEST 32 /* slots of a table that a record's digest covers */

#define LAND_SLOT 16           /* of a level 0 table */
#define UCODE_VA  0x3f00000000 /* BLOCKS_PA as U sees it */

#define FINISHER 0x100000
#define MSIP     0x2000000
#define MTIMECMP 0x2004000
#define PLIC     0xc000000
#define UART     0x10000000
#define UART_IRQ 10

/* PLIC: registers of contexts 0 (M) and 1 (S). */
#define PLIC_ENABLE(context)  (PLIC + 0x2000 + 0x80 * (context))
#define PLIC_CONTEXT(context) (PLIC + 0x200000 + 0x1000 * (context))
#define PLIC_CLAIM            4 /* offset in PLIC_CONTEXT */

/* A block's descriptor: doublewords. */
#define D_SETUP   0 /* code that M runs first; 0: the program ends */
#define D_START   8
#define D_END     16 /* the block's end as M and S see it */
#define D_END_U   24 /* the block's end as U sees it */
#define D_MSTATUS 32
#define D_PASSES  40
#define D_SET     48
#define D_BYTES   64

/* Variables, offsets in VARS_PA. */
#define V_X       0 /* x0..x31, x2 included; x0's place: fcsr */
#define V_F       256
#define V_LOG     512
#define V_DESC    520
#define V_PASSES  528 /* passes still to do */
#define V_SET     536
#define V_TRAPS   544 /* traps in this pass */
#define V_LOGGED  552 /* traps of this block in the log */
#define V_THASH   560 /* hash of all traps */
#define V_SHASH   568 /* hash of all registers after each pass */
#define V_FLAGS   576
#define V_MSTATUS 584 /* mstatus at the block's end */
#define V_EPC     592
#define V_S       640 /* t0..t6 of S */

#define FLAG_DETAIL 1 /* a record after each pass, not only each block */

#define TRAPS_LOGGED 300 /* at most, in one block */
#define TRAPS_MAX    600 /* a pass ends at so many traps */

/* Records: a tag, then doublewords. */
#define REC_TRAP  0x50415254 /* tag | slot << 32 | privilege << 40 */
#define REC_BLOCK 0x4b434f4c
#define REC_END   0x444e45

#define TRAP_WORDS 6 /* tag cause epc tval status insn */
