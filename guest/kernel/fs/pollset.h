/* SPDX-License-Identifier: MIT */
/* One file of a poll or select. */
#pragma once

#include "fs/poll.h"
#include "fs/vfs.h"

struct pollset {
    struct file *file; /* a reference, or NULL: ignored */
    u32 events;        /* asked for */
    u32 revents;       /* the result; a preset POLLNVAL stays */
};

/* Waits until one of n files is ready, or until the deadline (now_ns() time;
 * 0: do not wait; NEVER: none). Returns how many are ready, -ERESTARTSYS for a
 * signal, -ENOMEM. => sleeps */
int poll_wait(struct pollset *set, u32 n, u64 deadline);
