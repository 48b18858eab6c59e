/* SPDX-License-Identifier: MIT */
#include "sbi.h"

enum { THR = 0, FCR = 2, LCR = 3, LSR = 5 };

static volatile u8 *reg(unsigned i)
{
    return (volatile u8 *)UART + i;
}

void console_init(void)
{
    *reg(LCR) = 3; /* 8 bits, no divisor latch */
    *reg(FCR) = 1; /* FIFO on */
}

void console_put(u8 byte)
{
    while (!(*reg(LSR) & 0x20))
        ;
    *reg(THR) = byte;
}

int console_get(void)
{
    return *reg(LSR) & 1 ? *reg(THR) : -1;
}
