/* SPDX-License-Identifier: MIT */
/* The part of Mach's pageout that `mach97` and `gnumach99` share: active and
 * inactive queues, a pageout daemon that sends pages to pagers in bursts. */
#pragma once

#include "vm/policy.h"

enum { MACH_ACTIVE = 1, MACH_INACTIVE, MACH_LAUNDRY };
extern const struct policy_list mach_lists[];
enum { MACH_INACTIVE_TARGET, MACH_LAUNDRY_COUNT, MACH_OWN };

/* Constants in which the two policies differ, in frames and milliseconds. */
struct mach_rules {
    uint64_t reserved; /* below: no frame for threads without privilege */
    uint64_t internal; /* below: files' pages go to the default pager, too */
    uint64_t really;   /* below: no page is sent while any is on its way */
    uint64_t burst_wait, empty_wait;
    /* Called when the scan meets a file's page. True: no longer external. */
    bool (*recount)(uint32_t frame, bool dirty);
    uint64_t (*excess)(void);  /* external pages above their target */
    struct policy_mark *marks; /* from MACH_OWN on: the policy's own */
};

/* vm_resident.c: unless tunables set them, low is reserved + 10 + rest / 100,
 * high reserved + 15 + rest / 80, where rest is nframes - reserved. */
void mach_levels(const struct mach_rules *, uint64_t nframes,
                 struct policy_levels *);
void mach_init(const struct mach_rules *);
void mach_page_in(uint32_t frame, enum policy_why why, uint32_t shadow);
void mach_behind(uint32_t frame);
void mach_written(uint32_t frame);
bool mach_may_grab(enum policy_grab kind, uint64_t n);
uint32_t mach_pressed(void);
/* Called when frames have come free. True: a sleeper may have one. */
bool mach_freed(void);
bool mach_may_kill(void);
/* The pageout daemon: a step is vm_pageout_scan until its next pause. */
extern const struct policy_thread mach_threads[];
