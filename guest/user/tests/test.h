/* SPDX-License-Identifier: MIT */
/* The guest's test set: /tests/all runs each test in a process of its own
 * and asks the kernel for an audit after it. */
#pragma once

#include "lib/tiny.h"

extern int test_failures; /* of the running test */

#define check(cond)                                                            \
    do {                                                                       \
        if (!(cond)) {                                                         \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);                \
            test_failures++;                                                   \
        }                                                                      \
    } while (0)
/* Compares both sides as numbers; prints them if they differ. */
#define check_eq(a, b)                                                         \
    do {                                                                       \
        s64 got_ = (s64)(a), want_ = (s64)(b);                                 \
        if (got_ != want_) {                                                   \
            printf("# %s:%d: %s is %ld, not %ld\n", __FILE__, __LINE__, #a,    \
                   got_, want_);                                               \
            test_failures++;                                                   \
        }                                                                      \
    } while (0)

/* Returns a kernel counter of /proc/vmstat. */
s64 vmstat(const char *name);
/* Returns kB of /proc/meminfo ("AnonPages:"). */
s64 meminfo(const char *name);

/* True if `took` exceeds `most`. Always false under QEMU, where time is the
 * host's and no time can be promised. (Only Clockhand has /dev/hostrun, which
 * the lens serves.) */
bool too_long(u64 took, u64 most);

/* Maps n pages of private anonymous memory, untouched. */
char *anon(size_t pages);
/* Writes i + 1 to the first byte of page i, for each page. */
void dirty(char *p, size_t pages);

/* Makes a system call read a byte at p; returns 1 or -EFAULT. */
s64 kernel_reads(const void *p);

/* Runs fn in a child; returns its wait status. */
int in_child(void (*fn)(void));
/* Checks that fn, run in a child, dies of this signal. */
#define died_of(fn, sig) check_eq(in_child(fn) & 0x7f, sig)

#define TEST(name, sentence) void test_##name(void);
#include "tests/tests.def"
