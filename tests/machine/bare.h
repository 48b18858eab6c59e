/* SPDX-License-Identifier: MIT */
/* For programs without a kernel: tohost (a store to it ends the run), fromhost,
 * and output to the UART. */
#pragma once
#include <stdint.h>

volatile uint64_t tohost __attribute__((aligned(64)));
volatile uint64_t fromhost __attribute__((aligned(64)));

static void put(char c)
{
    *(volatile uint8_t *)0x10000000 = (uint8_t)c;
}

static void put_number(uint64_t v)
{
    if (v >= 10)
        put_number(v / 10);
    put((char)('0' + v % 10));
}
