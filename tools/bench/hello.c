/* SPDX-License-Identifier: MIT */
/* Prints one line on the serial port (an NS16550, at the same address in
 * Clockhand and QEMU) and ends: bench/run measures the time to that line. */
#include "bench.h"

int main(void)
{
    volatile u8 *uart = (u8 *)0x10000000ul;

    for (const char *p = "hello\n"; *p; p++)
        *uart = (u8)*p;
    return 0;
}
