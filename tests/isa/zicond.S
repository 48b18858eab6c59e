/* SPDX-License-Identifier: MIT */
/* Zicond: rd is 0 if rs2 is (czero.eqz), or is not (czero.nez), zero; else rs1.
 * options: --isa rv64gc_zicond
 * qemu: 7.2 lacks it */
#include "isa_test.h"

#define CZERO(funct3, rs2, value)               \
    li a2, rs2;                                 \
    .insn r 0x33, funct3, 7, a0, a1, a2;        \
    CHECK(a0, value)

BEGIN
    li a1, -5
TEST(1) /* eqz */
    CZERO(5, 0, 0)
    CZERO(5, 1, -5)
    CZERO(5, 1 << 63, -5)
TEST(2) /* nez */
    CZERO(7, 0, -5)
    CZERO(7, 1, 0)
    CZERO(7, 1 << 63, 0)
    END
