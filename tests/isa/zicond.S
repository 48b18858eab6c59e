/* SPDX-License-Identifier: MIT */
/* czero.eqz gives 0 if rs2 is 0, czero.nez if any bit of rs2 is 1; else rs1.
 * qemu: 7.2 lacks Zicond */
#include "isa_test.h"

#define CZERO_EQZ(rd, x, y) .insn r 0x33, 5, 7, rd, x, y
#define CZERO_NEZ(rd, x, y) .insn r 0x33, 7, 7, rd, x, y

BEGIN
    li a1, 0x123456789abcdef0
    li a2, 1 << 63
TEST(1)
    CZERO_EQZ(a0, a1, zero)
    CHECK(a0, 0)
    CZERO_EQZ(a0, a1, a2)
    CHECK(a0, 0x123456789abcdef0)
TEST(2)
    CZERO_NEZ(a0, a1, zero)
    CHECK(a0, 0x123456789abcdef0)
    CZERO_NEZ(a0, a1, a2)
    CHECK(a0, 0)
TEST(3) /* rd may be either source */
    mv a0, a1
    CZERO_NEZ(a0, a0, a0)
    CHECK(a0, 0)
    mv a0, a2
    CZERO_EQZ(a0, a1, a0)
    CHECK(a0, 0x123456789abcdef0)
END
