/* SPDX-License-Identifier: MIT */
/* The kernel's tunables: guest/abi/tunables.def is the table. */
#pragma once

#include "abi/abi.h"
#include "lib/kernel.h"

/* In section .tunables. The machine may change a value between any two
 * instructions, but only to one within the row's range. */
extern struct lens_tunable tunables[TUN_COUNT];

static inline s64 tun(enum tunable id)
{
    return *(volatile s64 *)&tunables[id].value;
}

/* 0, or -EINVAL: out of range. */
int tunable_set(enum tunable id, s64 value);
