/* SPDX-License-Identifier: MIT */
/* Shared by the programs that do random things and then ask for an audit. */
#pragma once

#include "lib/tiny.h"

static u64 seed;

/* Returns a random number below n (xorshift64). */
static u64 rnd(u64 n)
{
    seed += !seed; /* threads may have met here */
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % n;
}

/* Asks for an audit; false: the kernel's tables contradict each other. */
static bool audit(void)
{
    s64 fd = open("/proc/audit", O_WRONLY, 0);
    bool good = fd >= 0 && write((int)fd, "1", 1) != -EIO;
    close((int)fd);
    return good;
}
