/* SPDX-License-Identifier: MIT */
/* Without Sv48 and Sv57, writing their modes to satp changes nothing (4.1.11).
 * qemu: has both */
#include "isa_test.h"

BEGIN
    li a0, SATP_SV39 | 0x5a << 44 | 0x1234
    csrw satp, a0
TEST(1)
    .irp mode, 9,10
    li a1, \mode << 60 | 0x77
    csrw satp, a1
    csrr a2, satp
    CHECK_SAME(a2, a0)
    .endr
END
