/* SPDX-License-Identifier: MIT */
/* Zbkb and Zbkx. Without Zbb and Zbc, the instructions that these share with
 * Zbkb and Zbkc exist, and all others of Zbb and Zbc do not.
 * options: --isa rv64gc_zbkb_zbkc_zbkx
 * qemu-cpu: zbb=false,zbc=false,zbkb=true,zbkc=true,zbkx=true */
#include "isa_test.h"

    .option arch, +zbkb, +zbkc, +zbkx, +zbb, +zbc

BEGIN
    li a1, 0x0123456789abcdef
    li a2, 0xfedcba9876543210
TEST(1)
    pack a0, a1, a2
    CHECK(a0, 0x7654321089abcdef)
    packh a0, a1, a2
    CHECK(a0, 0x10ef)
    .word 0x08c5c53b /* packw a0, a1, a2 */
    CHECK(a0, 0x3210cdef)
    .word 0x08b6453b /* packw a0, a2, a1: signed */
    CHECK(a0, 0xffffffffcdef3210)
    .word 0x0805c53b /* packw a0, a1, zero: zext.h elsewhere */
    CHECK(a0, 0xcdef)
TEST(2)
    brev8 a0, a1
    CHECK(a0, 0x80c4a2e691d5b3f7)
    rev8 a0, a1
    CHECK(a0, 0xefcdab8967452301)
TEST(3) /* a table of 16 nibbles, looked up by 16 */
    xperm4 a0, a2, a1
    CHECK(a0, 0x0123456789abcdef)
    xperm4 a0, a1, a1
    CHECK(a0, 0xfedcba9876543210)
    xperm4 a0, a1, a2
    CHECK(a0, 0x0123456789abcdef)
TEST(4) /* of 8 bytes: others give 0 */
    li a3, 0x0001020304050607
    xperm8 a0, a1, a3
    CHECK(a0, 0xefcdab8967452301)
    li a3, 0x08ff800700100607
    xperm8 a0, a1, a3
    CHECK(a0, 0x00000001ef002301)
TEST(5) /* shared with Zbb and Zbc */
    andn a0, a1, a2
    CHECK(a0, 0x0123456789abcdef)
    rori a0, a1, 8
    CHECK(a0, 0xef0123456789abcd)
    rolw a0, a1, a2
    CHECK(a0, 0xffffffffcdef89ab)
    clmul a0, a1, a1
    CHECK(a0, 0x4041444550515455)
    clmulh a0, a1, a1
    CHECK(a0, 0x0001040510111415)
TEST(6) /* not shared */
    TRAPS(CAUSE_ILLEGAL)
    clz a0, a1
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    max a0, a1, a2
    TRAPPED
    TRAPS(CAUSE_ILLEGAL)
    clmulr a0, a1, a2
    TRAPPED
    CHECK(TVAL, 0x0ac5a533)
END
