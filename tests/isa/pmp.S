/* SPDX-License-Identifier: MIT */
/* Physical memory protection: NAPOT, NA4, TOR; priority; partial matches;
 * lock; MPRV; execution. */
#include "isa_test.h"

/* Loads and stores act as U's from here to the next trap, which sets MPP. */
#define AS_U                \
    li t0, MSTATUS_MPP;     \
    csrc mstatus, t0;       \
    li t0, MSTATUS_MPRV;    \
    csrs mstatus, t0;
#define AS_M                \
    li t0, MSTATUS_MPRV;    \
    csrc mstatus, t0;
#define ADDR(reg, where)    \
    la t0, where;           \
    srli t0, t0, 2;         \
    csrw reg, t0;

BEGIN
    la a4, area
TEST(1) /* no entry matches: nothing for U */
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 0(a4)
    TRAPPED
    CHECK_SAME(TVAL, a4)
    AS_U
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 0(a4)
    TRAPPED
    AS_M
    ld a0, 0(a4)
TEST(2) /* NAPOT of 64 bytes at area, read only */
    la t0, area
    srli t0, t0, 2
    ori t0, t0, 7
    csrw pmpaddr0, t0
    csrwi pmpcfg0, PMP_NAPOT | PMP_R
    AS_U
    ld a0, 0(a4)
    ld a0, 56(a4)
    AS_U
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 56(a4)
    TRAPPED
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 64(a4)
    TRAPPED
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, -8(a4)
    TRAPPED
    AS_M
TEST(3) /* an access that matches only partly fails, even in M */
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 60(a4)
    TRAPPED
    AS_M
TEST(4) /* NA4 */
    ADDR(pmpaddr0, area + 4)
    csrwi pmpcfg0, PMP_NA4 | PMP_R | PMP_W
    AS_U
    lw a0, 4(a4)
    sw a0, 4(a4)
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    lw a0, 0(a4)
    TRAPPED
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    lw a0, 8(a4)
    TRAPPED
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 0(a4)
    TRAPPED
    AS_M
TEST(5) /* TOR: from the address before (entry 0, off) to its own */
    ADDR(pmpaddr0, area + 16)
    ADDR(pmpaddr1, area + 32)
    li t0, (PMP_TOR | PMP_R | PMP_W) << 8
    csrw pmpcfg0, t0
    AS_U
    ld a0, 16(a4)
    sd a0, 24(a4)
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 8(a4)
    TRAPPED
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 32(a4)
    TRAPPED
    AS_M
TEST(6) /* TOR with the bounds the wrong way round matches nothing */
    ADDR(pmpaddr0, area + 64)
    AS_U
    TRAPS(CAUSE_LOAD_ACCESS)
    ld a0, 40(a4)
    TRAPPED
    AS_M
TEST(7) /* the lowest number decides */
    la t0, area
    srli t0, t0, 2
    ori t0, t0, 7
    csrw pmpaddr0, t0
    csrw pmpaddr1, t0
    li t0, (PMP_NAPOT | PMP_R | PMP_W) << 8 | PMP_NAPOT | PMP_R
    csrw pmpcfg0, t0
    AS_U
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 0(a4)
    TRAPPED
    AS_M
    sd a0, 0(a4)            /* M is not bound: not locked */
TEST(8) /* execution */
    OPEN_PMP
    la t0, code
    srli t0, t0, 2
    csrw pmpaddr0, t0
    li t0, PMP_NA4 | PMP_R
    csrw pmpcfg0, t0
    li t6, MSTATUS_MPP
    csrc mstatus, t6
    la t0, code
    csrw mepc, t0
    TRAPS(CAUSE_FETCH_ACCESS)
    mret
    TRAPPED
    CHECK_ADDR(TVAL, code)
    CHECK_ADDR(EPC, code)
    csrwi pmpcfg0, PMP_NA4 | PMP_R | PMP_X
    csrw mepc, t0
    la t0, code
    csrw mepc, t0
    li t6, MSTATUS_MPP
    csrc mstatus, t6
    TRAPS(CAUSE_ECALL_U)
    mret
    TRAPPED
TEST(9) /* locked: binds M, and neither address nor byte can be written */
    ADDR(pmpaddr2, area + 128)
    li t0, (PMP_L | PMP_NA4 | PMP_R) << 16
    csrs pmpcfg0, t0
    lw a0, 128(a4)
    TRAPS(CAUSE_STORE_ACCESS)
    sw a0, 128(a4)
    TRAPPED
    addi a1, a4, 128
    CHECK_SAME(TVAL, a1)
    sw a0, 132(a4)
    csrr a1, pmpaddr2
    csrw pmpaddr2, zero
    csrr a2, pmpaddr2
    CHECK_SAME(a1, a2)
    li t0, 0xff << 16
    csrc pmpcfg0, t0
    csrr a2, pmpcfg0
    srli a2, a2, 16
    andi a2, a2, 0xff
    CHECK(a2, PMP_L | PMP_NA4 | PMP_R)
TEST(10) /* a locked TOR also locks the address below */
    ADDR(pmpaddr4, area + 256)
    ADDR(pmpaddr5, area + 264)
    li t0, (PMP_L | PMP_TOR | PMP_R) << 40
    csrs pmpcfg0, t0
    csrr a1, pmpaddr4
    csrw pmpaddr4, zero
    csrr a2, pmpaddr4
    CHECK_SAME(a1, a2)
    TRAPS(CAUSE_STORE_ACCESS)
    sd a0, 256(a4)
    TRAPPED
    ld a0, 256(a4)
END

.balign 64
code:
    .option norvc
    ecall
    .option rvc
.data
.balign 4096
area: .space 512
