/* SPDX-License-Identifier: MIT */
/* Prints an out-of-memory kill to the kernel log. Linux 2.4's report is one
 * line (do_page_fault of 2.4.0-test2, oom_kill of 2.4.0 print it). 2.6.9's
 * report, also printed for all other systems, has the lines of oom_report.def,
 * the victim's points and 2.4.0's line. Each line begins with its time, in
 * seconds and microseconds since the kernel's start, as printk's stamps do. */
#include "proc/oom.h"
#include "task/proc.h"
#include "vm/pte.h"
#include "vm/reclaim.h"
#include "vm/seam.h"
#include "vm/space.h"
#include "vm/zone.h"

#define KB(frames) ((frames) * (PAGE_SIZE / 1024))
/* Values that are printed as words. */
#define YES          ~0ul
#define NO           ~1ul
#define DASH         ~2ul
#define NOTHING      ~3ul
#define YES_NO(cond) ((cond) ? YES : NO)
#define SEEN(value)  (seen ? (value) : DASH)

struct line {
    char text[240];
    size_t n;
};

static void stamp(struct line *l)
{
    u64 us = (now_ns() - boot_ns()) / 1000;
    l->n = (size_t)snprintf(l->text, sizeof l->text, "[%5lu.%06lu] ",
                            us / 1000000, us % 1000000);
}

static void put_value(struct line *l, const char *before, u64 value,
                      const char *after)
{
    size_t room = sizeof l->text - l->n;
    char *at = l->text + l->n;
    static const char *const words[] = {"yes", "no", "-", ""};
    int n = value >= NOTHING
                ? snprintf(at, room, "%s%s%s", before, words[~value], after)
                : snprintf(at, room, "%s%lu%s", before, value, after);
    l->n = MIN(l->n + (size_t)n, sizeof l->text - 1);
}

static void put_hex(struct line *l, const char *before, u32 value)
{
    size_t room = sizeof l->text - l->n;
    l->n += (size_t)snprintf(l->text + l->n, room, "%s%x", before, value);
}

static void end(struct line *l)
{
    kprintf("%s\n", l->text);
    stamp(l);
}

/* Sums, over all pages except the zero page, each page's users beyond the first
 * (2.6.9: the sum of page_count - 1). Users: PTEs, page cache, swap cache. */
static u64 shared_pages(void)
{
    u64 sum = 0;
    for (u64 i = 0; i < nframes; i++) {
        const struct page *p = &frames[i];
        u64 users = (u64)p->frame.refs;
        if (page_is_cache(p) || (page_is_anon(p) && p->slot))
            users++;
        sum += users > 1 && p != zero_page ? users - 1 : 0;
    }
    return sum;
}

static void full_report(struct line *at, u64 points)
{
    struct vm_stats st;
    struct line l = *at;
    bool seen = reclaim_has(NOTION_SCANNER), kernel = current->refused_kernel;
    u64 active, inactive;
    vm_stats(&st);
    vm_stats_activity(&st);
#define FIELD(before, value, after) put_value(&l, before, (u64)(value), after);
#define TEXT(text)                  put_value(&l, text, NOTHING, "");
#define HEX(before, value)          put_hex(&l, before, value);
#define LINE                        end(&l);
#define EACH_ZONE                                                              \
    for_each_zone(z)                                                           \
    {                                                                          \
        vm_zone_activity(z, &active, &inactive);
#define END_ZONE }
#include "proc/oom_report.def"
#undef FIELD
#undef TEXT
#undef HEX
#undef EACH_ZONE
#undef END_ZONE
#undef LINE
    kprintf("%sOOMkill: %lu points\n", l.text, points);
    stamp(&l);
    *at = l;
}

void oom_report(const struct proc *victim, u64 points)
{
    struct line l;
    stamp(&l);
    if (policy->oom == OOM_THE_ALLOCATOR) {
        kprintf("%sVM: killing process %s\n", l.text, victim->lens.name);
        return;
    }
    if (policy->oom != OOM_LINUX_2_4)
        full_report(&l, points);
    kprintf("%sOut of Memory: Killed process %u (%s).\n", l.text,
            victim->lens.pid, victim->lens.name);
}
