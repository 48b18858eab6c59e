/* SPDX-License-Identifier: MIT */
/* A claim ignores the threshold: a source that the threshold masks is claimed
 * all the same (PLIC specification 1.0.0, chapter 9).
 * qemu: 7.2 claims no source whose priority is not above the threshold */
#include "isa_test.h"

#define PLIC     0xc000000
#define PRIORITY (PLIC + 4 * 10)
#define PENDING  (PLIC + 0x1000)
#define ENABLE   (PLIC + 0x2000)
#define CONTEXT  (PLIC + 0x200000)
#define UART_IER 0x10000001

#define STORE_W(address, value)     \
    li t0, address;                 \
    li t1, value;                   \
    sw t1, 0(t0);
#define CHECK_MEIP(value)           \
    csrr t0, mip;                   \
    srli t0, t0, 11;                \
    andi t0, t0, 1;                 \
    CHECK(t0, value)

BEGIN
    OPEN_PMP
    STORE_W(PRIORITY, 3)
    STORE_W(ENABLE, 1 << 10)
    STORE_W(CONTEXT, 3)
    li t0, UART_IER
    li t1, 2
    sb t1, 0(t0)
TEST(1) /* masked, but pending */
    CHECK_MEIP(0)
    li t0, PENDING
    lw a0, 0(t0)
    CHECK(a0, 1 << 10)
TEST(2)
    li t0, CONTEXT
    lw a0, 4(t0)
    CHECK(a0, 10)
    lw a0, 4(t0)
    CHECK(a0, 0)
    li t0, PENDING
    lw a0, 0(t0)
    CHECK(a0, 0)
TEST(3) /* after the claim nothing is pending when the threshold falls */
    STORE_W(CONTEXT, 0)
    CHECK_MEIP(0)
END
