/* SPDX-License-Identifier: MIT */
/* Gives the time CSR and the wall clock in ns; runs timers; averages load. */
#pragma once

#include "lib/kernel.h"

#include <linux/time.h>

#define NSEC_PER_SEC 1000000000ul
#define USER_HZ      100

static inline struct timeval timeval_of(u64 ns)
{
    return (struct timeval){(s64)(ns / NSEC_PER_SEC),
                            (s64)(ns % NSEC_PER_SEC / 1000)};
}

u64 now_ns(void);  /* since reset, monotonic */
u64 boot_ns(void); /* now_ns() when the kernel started */
/* Nanoseconds since 1970, from the RTC (drv/rtc.c). */
u64 wall_ns(void);
struct ktime {
    s64 sec;
    u32 nsec;
};
struct ktime wall_now(void); /* wall_ns() in this form */
/* Returns, in now_ns() time, a deadline in now_ns() or (wall) wall_ns() time.
 * clock_settime changes the result for the latter. */
u64 deadline_now(u64 deadline, bool wall);

struct timer {
    struct list link;
    u64 deadline; /* now_ns() time */
    void (*fn)(struct timer *);
};
void timer_init(struct timer *);
/* (Re)starts t; fn runs once at or after deadline, in the timer interrupt:
 * => fn must not sleep */
void timer_start(struct timer *t, u64 deadline);
void timer_stop(struct timer *t);
bool timer_running(struct timer *t);

/* Stores the averages of 1, 5, 15 minutes in sysinfo's 16-bit fixed point. */
void load_average(u64 out[3]);
