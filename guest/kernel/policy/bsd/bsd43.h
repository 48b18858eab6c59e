/* SPDX-License-Identifier: MIT */
/* Shared by the halves of policy bsd43: bsd43.c pages, bsd43swap.c swaps. */
#pragma once

#include "policy/numbers.h"
#include "vm/policy.h"
#include <stddef.h>

enum bsd_mark {
    LOTSFREE,
    DESFREE,
    MINFREE,
    SLOWSCAN,
    FASTSCAN,
    HANDSPREAD,
    DEFICIT, /* frames that the swapper has promised to processes */
    SWAPPED  /* swapped-out processes that want to run */
};
extern struct policy_mark bsd_marks[];

enum { FREELIST = 1 };

uint64_t bsd_freemem(void);
/* Frames above minfree that programs leave to the kernel (not in 4.3BSD). */
#define BSD_KERNEL_ROOM 24
/* Returns the number of page-in and page-out requests since the last call. */
uint64_t bsd_requests(void);
void bsd_swapper_init(void);
/* Does one step of the process `swapper`, once a second or more often. */
struct policy_nap bsd_swapper(uint64_t now);
