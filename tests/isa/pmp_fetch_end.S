/* SPDX-License-Identifier: MIT */
/* Execution that leaves a PMP range within a page traps at the first
 * instruction that has a byte outside (3.7.1).
 * qemu: checks a page's code once */
#include "pmp.h"

BEGIN
TEST(1) /* running into the end */
    PMP_ADDR(pmpaddr0, code)
    PMP_ADDR(pmpaddr1, run_out + 4)
    PMP_CFG((PMP_TOR | PMP_X) << 8)
    RUN(run_out, CAUSE_FETCH_ACCESS)
    addi a0, a0, 4
    CHECK_SAME(EPC, a0)
    CHECK_SAME(TVAL, a0)
TEST(2) /* compressed code runs up to the range's last two bytes */
    PMP_ADDR(pmpaddr1, halves + 4)
    RUN(halves, CAUSE_FETCH_ACCESS)
    addi a0, a0, 4
    CHECK_SAME(EPC, a0)
TEST(3) /* an instruction with two of its four bytes outside */
    PMP_ADDR(pmpaddr1, straddle + 4)
    RUN(straddle, CAUSE_FETCH_ACCESS)
    addi a0, a0, 2
    CHECK_SAME(EPC, a0)
END

.balign 4096
    .option norvc
code:
    ecall
    nop
run_out:
    nop
    ecall
    .option rvc
.balign 4
halves:
    c.nop
    c.nop
    c.nop
    c.nop
.balign 4
straddle:
    c.nop
    .option norvc
    nop
    ecall
.balign 4096
