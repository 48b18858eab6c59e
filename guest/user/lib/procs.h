/* SPDX-License-Identifier: MIT */
/* Processes as /proc shows them, for ps and top. */
#pragma once

#include "lib/lines.h"

#define HERTZ 100 /* ticks a second in /proc */

struct process {
    u64 pid, ppid, pgrp, session, tty; /* tty: device number, 0 none */
    char state;
    char comm[32];
    u64 uid;
    s64 priority, nice;
    u64 minflt, majflt;
    u64 utime, stime, start;        /* ticks; start since boot */
    u64 vsize, rss, shared, locked; /* KiB */
};

/* False: there is no such process. */
bool process_read(u64 pid, struct process *p);
/* Reads all processes, in order of pid; returns their number, at most max. */
unsigned processes(struct process *p, unsigned max);
/* Stores argv with blanks between; "[name]" if it is empty (kernel thread). */
void process_args(const struct process *p, char *text, size_t n);
/* Stores the user's name, from /etc/passwd, or the number. */
void user_name(u64 uid, char *text, size_t n);
/* Returns "ttyS0", or "?" for 0. */
const char *tty_name(u64 tty);
/* Prints text cut to width, and padded with blanks on the right. */
void print_left(const char *text, size_t width);
