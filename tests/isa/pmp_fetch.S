/* SPDX-License-Identifier: MIT */
/* PMP and fetching: X alone is enough, R and W without X are not. */
#include "pmp.h"

BEGIN
TEST(1) /* X */
    PMP_RANGE(pmpaddr0, code, 4096)
    PMP_CFG(PMP_NAPOT | PMP_X)
    RUN(code, CAUSE_ECALL_U)
    CHECK_SAME(EPC, a0)
    NO_READ(a0, 0)
    NO_WRITE(a0, 0)
TEST(2) /* R W */
    PMP_CFG(PMP_NAPOT | PMP_R | PMP_W)
    RUN(code, CAUSE_FETCH_ACCESS)
    CHECK_SAME(EPC, a0)
    CHECK_SAME(TVAL, a0)
TEST(3) /* no entry matches */
    PMP_RANGE(pmpaddr0, code + 4096, 4096)
    PMP_CFG(PMP_NAPOT | PMP_X)
    RUN(code, CAUSE_FETCH_ACCESS)
TEST(4) /* X taken away and given back under code that has run */
    li a6, 200
1:  PMP_RANGE(pmpaddr0, code, 4096)
    PMP_CFG(PMP_NAPOT | PMP_X)
    RUN(code, CAUSE_ECALL_U)
    PMP_CFG(PMP_NAPOT)
    RUN(code, CAUSE_FETCH_ACCESS)
    addi a6, a6, -1
    bnez a6, 1b
END

.balign 4096
    .option norvc
code:
    ecall
    nop
    .option rvc
.balign 4096
