/* SPDX-License-Identifier: MIT */
/* Prints one line on the serial port (an NS16550, at one address in Clockhand
 * and QEMU) and ends: measures the time from start to first output. */
#include "bench.h"

int main(void)
{
    volatile u8 *uart = (u8 *)0x10000000ul;

    for (const char *p = "hello\n"; *p; p++)
        *uart = (u8)*p;
    return 0;
}
