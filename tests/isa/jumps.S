/* SPDX-License-Identifier: MIT */
/* Targets of jumps with C: any even address; jalr drops bit 0; a misaligned
 * fetch does not exist (unprivileged manual 2.5, 16.1). xRET: always_zero.S. */
#include "isa_test.h"

BEGIN
    OPEN_PMP
TEST(1) /* jalr: the sum's bit 0, whichever part it comes from */
    la a0, even
    addi a1, a0, 1
    li a2, 0
    jalr a3, 0(a1)
1:  jalr a3, 1(a0)
    addi a1, a0, -1
    jalr a3, 2(a1)
    CHECK(a2, 3)
TEST(2) /* to an address that is no multiple of 4 */
    la a0, even
    andi a1, a0, 3
    CHECK(a1, 2)
    li a3, 0
    jal even
    beq zero, zero, 2f
    j fail
    .balign 4
    .half 0x0001
2:  la a1, 2b
    andi a1, a1, 3
    CHECK(a1, 2)
TEST(3) /* the link: behind the instruction, whatever its length */
    .option norvc
    la a0, even
    jalr a3, 0(a0)
3:  CHECK_ADDR(a4, 3b)
    jal a3, even
4:  CHECK_ADDR(a4, 4b)
    .option rvc
    li a3, 0
    c.jalr a0
5:  CHECK_ADDR(a4, 5b)
TEST(4) /* rd = rs1 */
    la ra, even
    li a3, 0
    .option norvc
    jalr ra, 0(ra)
6:  CHECK_ADDR(a4, 6b)
    .option rvc
TEST(5) /* an address below 0 is one at the end of the address space */
    li a0, 8
    TRAPS(CAUSE_FETCH_ACCESS)
    jr -16(a0)
    TRAPPED
    CHECK(EPC, -8)
END

/* Comes back through a3 or ra; a4 is the link. */
.balign 4
    .half 0x0001
even:
    addi a2, a2, 1
    mv a4, a3
    bnez a3, 1f
    mv a4, ra
1:  li a3, 0
    jr a4
