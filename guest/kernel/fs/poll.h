/* SPDX-License-Identifier: MIT */
/* Waits for any of several files (ppoll, pselect6). */
#pragma once

#include "task/wait.h"

#include <asm/poll.h>

/* The queues that one poll sleeps on. file_ops.poll gets NULL instead if only
 * the result is wanted. */
struct poll_table {
    struct waiter *waiters;
    u32 n, room;
    bool console_input; /* the terminal's input is one of the files */
};

/* For file_ops.poll: adds q to the queues that the poll sleeps on. */
void poll_add(struct poll_table *pt, struct waitq *q);
