/* SPDX-License-Identifier: MIT */
/* A made-up display for tests of the panel: a machine that has booted, run a
 * shell, and forked a program that sorts. Everything follows from nframes. */
#pragma once

#include "panel/draw/draw.h"
#include "panel/time/time_axis.h"

#include <stdio.h>
#include <stdlib.h>

#define SYN_HZ 1000000000ull

/* Lays out runs of frames as a buddy allocator leaves them. */
static inline void syn_frames(struct ins_display *d)
{
    static const struct {
        u8 kind;
        unsigned share, run;
    } plan[] = {
        {FS_KCODE, 40, 128},    {FS_KDATA, 60, 64},    {FS_PGTABLE, 12, 3},
        {FS_ANON, 220, 24},     {FS_COW, 130, 32},     {FS_FILE_CLEAN, 150, 16},
        {FS_FILE_DIRTY, 25, 4}, {FS_SWAPCACHE, 14, 4}, {FS_SHMEM, 40, 16},
        {FS_ZEROED, 9, 2},      {FS_FREE, 300, 40},
    };
    u64 seed = 0x9e3779b97f4a7c15ull;
    for (u64 pfn = 0; pfn < d->nframes;) {
        unsigned pick = (unsigned)(rand_step(&seed) >> 32) % 1000, i = 0;
        while (i + 1 < ARRAY_LEN(plan) && pick >= plan[i].share)
            pick -= plan[i++].share;
        if (pfn < d->nframes / 32)
            i = 0;
        else if (pfn < d->nframes / 16)
            i = 1;
        u64 run = 1 + (rand_step(&seed) >> 40) % plan[i].run;
        for (; run && pfn < d->nframes; run--, pfn++) {
            u64 r = rand_step(&seed) >> 32;
            u8 kind = plan[i].kind;
            d->kind[pfn] = kind;
            d->age[pfn] = kind == FS_FREE ? 255
                          : r % 100 < 45  ? r % 39
                                          : 60 + r % 90;
            if (kind == FS_FILE_DIRTY)
                d->flags[pfn] |= FRAME_F_DIRTY;
            if (kind == FS_FILE_CLEAN && r % 31 == 0)
                d->flags[pfn] |= FRAME_F_IO;
            if (kind == FS_ANON && r % 41 == 0)
                d->flags[pfn] |= FRAME_F_LOCKED;
            if ((kind == FS_ANON || kind == FS_FILE_CLEAN) && r % 7 == 0)
                d->flags[pfn] |= FRAME_F_INACTIVE;
        }
    }
}

static inline void syn_count(struct ins_display *d)
{
    memset(d->histogram, 0, sizeof d->histogram);
    for (u64 i = 0; i < d->nframes; i++)
        d->histogram[d->kind[i]]++;
    d->free_frames = d->histogram[FS_FREE];
}

static inline void syn_procs(struct ins_display *d)
{
    static const struct {
        const char *name;
        u32 state;
        u64 rss, size;
    } p[] = {
        {"init", PS_SLEEPING, 31, 260},
        {"kswapd", PS_SLEEPING, 0, 0},
        {"sh", PS_SLEEPING, 122, 310},
        {"sort", PS_RUNNING, 1893, 2510},
        {"sort", PS_READY, 1893, 2510},
        {"seq", PS_ZOMBIE, 0, 0},
        {"longname-of-16-ch", PS_DISK, 44, 1402},
    };
    d->nprocs = ARRAY_LEN(p);
    for (unsigned i = 0; i < d->nprocs; i++) {
        struct ins_proc *q = &d->procs[i];
        q->pid = i ? i * i + i : 1;
        q->state = p[i].state;
        q->rss = p[i].rss;
        q->vsize = p[i].size * PAGE_BYTES;
        q->min_flt = 17 + i * 731;
        q->maj_flt = i * 13;
        q->current = p[i].state == PS_RUNNING;
        q->asid = i;
        snprintf(q->name, sizeof q->name, "%s", p[i].name);
    }
}

static inline void syn_walk(struct ins_display *d)
{
    struct walk *w = &d->walk;
    w->phase = WALK_FILLED;
    w->access = ACC_STORE;
    w->va = 0x3f4995a38;
    w->ctx.satp = 8ull << 60 | 12ull << 44 | 0x80cbf;
    w->steps[0] = (struct walk_step){STEP_READ, 2,          SERVED_L1,   0,
                                     3,         0x80cbf078, 0x202024e801};
    w->steps[1] = (struct walk_step){
        STEP_READ, 1, SERVED_DRAM_CONFLICT, 0, 97, 0x8093ad20, 0x2020100801};
    w->steps[2] = (struct walk_step){STEP_READ, 0,          SERVED_L2, 0,
                                     21,        0x80402ca8, 0x20119c57};
    w->steps[3] = (struct walk_step){STEP_SET_AD, 0,          SERVED_L1, 0,
                                     4,           0x80402ca8, 0x20119cd7};
    w->nsteps = 4;
    w->cycles = 125;
    w->filled = (struct tlb_entry){
        .vpn = 0x3f4995, .ppn = 0x80467, .asid = 12, .valid = 1, .flags = 0xd7};
}

static inline void syn_tlb(struct ins_display *d)
{
    u64 seed = 77;
    d->ndtlb = 32;
    for (unsigned i = 0; i < 32; i++) {
        u64 r = rand_step(&seed) >> 20;
        struct tlb_entry *e = &d->dtlb[i];
        *e = (struct tlb_entry){.vpn = 0x3f4000 + r % 4096,
                                .ppn = 0x80000 + (r >> 13) % d->nframes,
                                .asid = (u16)(r % 13),
                                .valid = 1,
                                .flags = 0xd7};
        if (i % 8 == 7) {
            e->level = 1;
            e->vpn = 0x7fe0000;
            e->ppn &= ~511ull;
            e->flags = 0xcf;
        }
    }
}

static inline struct ins_event syn_event(u64 n, u64 cycle)
{
    static const struct {
        u8 from, to, reason, actor;
        u32 pid;
    } kinds[] = {
        {FS_FREE, FS_ANON, R_DEMAND_ZERO, ACTOR_FAULT, 20},
        {FS_COW, FS_COW, R_COW_COPY, ACTOR_FAULT, 12},
        {FS_FREE, FS_FILE_CLEAN, R_PAGE_IN, ACTOR_FAULT, 12},
        {FS_FREE, FS_PGTABLE, R_ALLOC_PGTABLE, ACTOR_KERNEL, 0},
        {FS_ANON, FS_COW, R_COW_SHARE, ACTOR_SYSCALL, 12},
        {FS_ANON, FS_FREE, R_EXIT, ACTOR_EXIT, 20},
        {FS_FREE, FS_FREE, R_FORK, ACTOR_SYSCALL, 12},
        {FS_FILE_CLEAN, FS_FILE_DIRTY, R_FILE_WRITE, ACTOR_SYSCALL, 30},
        {FS_ANON, FS_ANON, R_REF_CLEARED, ACTOR_PAGEOUT, 2},
        {FS_ANON, FS_SWAPCACHE, R_SWAP_ADD, ACTOR_PAGEOUT, 2},
        {FS_SWAPCACHE, FS_FREE, R_RECLAIM, ACTOR_PAGEOUT, 2},
        {FS_FREE, FS_SWAPCACHE, R_SWAP_IN, ACTOR_FAULT, 20},
    };
    u64 seed = n * 2654435761u + 1;
    unsigned k = (unsigned)(rand_step(&seed) >> 33) % ARRAY_LEN(kinds);
    bool swap = kinds[k].from == FS_SWAPCACHE || kinds[k].to == FS_SWAPCACHE;
    return (struct ins_event){.cycle = cycle,
                              .slot = swap ? 1 + (u32)n % 4095 : INS_NO_SLOT,
                              .source = kinds[k].reason == R_COW_COPY ? 900 : 0,
                              .origin = FS_COW,
                              .va = 0x3f4995000,
                              .number = n,
                              .pfn = 1127,
                              .pid = kinds[k].pid,
                              .from = kinds[k].from,
                              .to = kinds[k].to,
                              .reason = kinds[k].reason,
                              .actor = kinds[k].actor};
}

static inline void syn_selected(struct ins_display *d, u64 pfn)
{
    struct ins_frame *f = &d->selected;
    *f = (struct ins_frame){.pfn = pfn,
                            .pa = 0x80000000 + pfn * PAGE_BYTES,
                            .known = true,
                            .state = d->kind[pfn],
                            .flags = d->flags[pfn],
                            .refs = 2,
                            .pins = 0,
                            .owner = 12,
                            .last_use_epoch = 1231,
                            .epoch_now = 1234,
                            .age_cycles = 3210000,
                            .nptes = 7,
                            .dram_bank = 5,
                            .dram_row = 0x12a};
    snprintf(f->owner_name, sizeof f->owner_name, "sort");
    for (unsigned i = 0; i < f->nptes; i++)
        f->ptes[i] = (struct ins_pte){i ? 20 : 12, 0, 0x3f4995000 + i * 4096,
                                      0x80402ca8, 0x20119c53 | i % 2 << 7};
    d->selected_valid = true;
    d->selected_slot = f->state == FS_SWAPCACHE ? 700 : INS_NO_SLOT;
    d->selected_block = (struct ins_block){f->state == FS_FILE_CLEAN, 0, 30104};
    d->nbiography = 30;
    for (unsigned i = 0; i < 30; i++)
        d->biography[i] = syn_event(100 - i, d->cycle - 1000000 * (7 + i * i));
}

static inline void syn_disks(struct ins_display *d)
{
    d->ndisks = 2;
    d->disks[0] = (struct disk_view){
        .present = true, .sectors = 131072, .file = "/somewhere/root.img"};
    d->disks[0].stats.head_sector = 40960;
    struct disk_view *v = &d->disks[1];
    *v = (struct disk_view){.present = true, .sectors = 131072, .queued = 5};
    for (unsigned i = 0; i < 5; i++)
        v->request[v->nrequests++] =
            (struct disk_request){i % 3 ? 1 : 0,
                                  30000 + i * i * 4321,
                                  4096u << i % 3,
                                  0x80467000 + i * 8192,
                                  d->cycle + 1000000 * (i + 1) * (i + 2),
                                  false};
}

/* Makes a process's address space: text, data, heap, a mapping, a library and
 * the stack, each at least one page. A process without memory gets no area. */
static inline void syn_space(struct ins_space *s, const struct ins_proc *p)
{
    static const struct {
        u8 sort, percent;
        const char *name;
        u64 start;
    } areas[] = {{AREA_TEXT, 30, "busybox", 0x10000},
                 {AREA_DATA, 4, "busybox", 0x208000},
                 {AREA_HEAP, 36, "", 0x20c000},
                 {AREA_MAP, 14, "words.txt", 0x3f20000000},
                 {AREA_LIB, 12, "libc.so.6", 0x3fe0000000},
                 {AREA_STACK, 4, "", 0x3fffff8000}};
    static const u8 what[] = {FS_FILE_CLEAN, FS_FILE_DIRTY, FS_COW,
                              FS_ANON,       STRIP_SWAP,    STRIP_NEVER};
    u64 seed = p->pid;
    *s = (struct ins_space){.pid = p->pid, .pages = p->vsize / PAGE_BYTES};
    if (!s->pages)
        return;
    s->resident = p->rss;
    s->shared = p->rss / 3;
    s->in_swap = s->pages / 5;
    s->pages_a_cell = (u32)(s->pages / 480 + 1);
    for (unsigned i = 0; i < ARRAY_LEN(areas); i++) {
        struct ins_area *a = &s->area[s->nareas++];
        *a = (struct ins_area){.start = areas[i].start,
                               .pages = s->pages * areas[i].percent / 100,
                               .first = s->ncells,
                               .sort = areas[i].sort,
                               .inode = areas[i].name[0] ? 20 + i : 0};
        a->pages += !a->pages;
        a->cells = (u16)((a->pages + s->pages_a_cell - 1) / s->pages_a_cell);
        snprintf(a->name, sizeof a->name, "%s", areas[i].name);
        for (unsigned c = 0; c < a->cells; c++) {
            u64 r = rand_step(&seed) >> 33;
            u8 kind = what[(r % 97 ? i : (unsigned)r) % ARRAY_LEN(what)];
            if (c > a->cells * 3u / 4)
                kind = STRIP_NEVER;
            bool hot = kind < FS_COUNT && r % 5 < 2;
            s->cell[s->ncells++] = kind | (hot ? STRIP_HOT : 0);
        }
    }
}

static inline void syn_usual_spaces(struct ins_display *d)
{
    d->nspaces = d->nprocs;
    for (unsigned i = 0; i < d->nprocs; i++)
        syn_space(&d->spaces[i], &d->procs[i]);
}

/* Makes a swap area: most of its first `used` slots are in use, few others. */
static inline void syn_slots(struct ins_display *d, u64 total, u64 used)
{
    u64 seed = 91;
    free(d->slot);
    d->nslots = total;
    d->slot = xcalloc(total, 1);
    d->nswap_areas = 1;
    d->swap_area[0] = (struct ins_swap_area){0, (u32)total};
    d->slot[0] = SLOT_BAD;
    for (u64 i = 1; i < total; i++) {
        u64 r = rand_step(&seed) >> 33;
        bool taken = i < used ? r % 40 != 0 : r % 100 == 0;
        d->slot[i] = !taken ? SLOT_FREE : r % 9 ? SLOT_USED : SLOT_CACHED;
    }
}

/* Sets DRAM, buddy lists, belief and tunables. */
static inline void syn_inside(struct ins_display *d)
{
    static const struct ins_slider sliders[] = {
        {"clock.handspread", "frames", 512, 512, 1, 262144, false, 0, 0},
        {"vm.min_free_kbytes", "KiB", 512, 0, 0, 262144, true, 128, 0},
        {"vm.swappiness", "%", 60, 60, 0, 200, false, 0, 0},
        {"vm.dirty_ratio", "%", 35, 20, 1, 100, false, 0, 0},
        {"vm.page-cluster", "log2 pages", 3, 3, 0, 5, false, 0, 0},
        {"vm.dirty_expire_centisecs", "cs", 3000, 3000, 1, 360000, false, 0, 0},
        {"vm.fork", "mode", 1, 1, 0, 1, false, 0, 0},
    };
    snprintf(d->dram, sizeof d->dram, "ddr3-1600k");
    d->nbanks = 8;
    for (unsigned i = 0; i < d->nbanks; i++)
        d->bank[i] = (struct ins_bank){i % 3 != 1,     0x100 + i * 77,
                                       90000 + i * 31, 1200 + i,
                                       4000 + i * 97,  d->cycle - i * i * 9000};
    for (unsigned i = 0; i < 11; i++)
        d->buddy[i] = (11 - i) * (i % 4 + 1);
    d->buddy_known = true;
    d->belief = (struct ins_belief){true, 1801, 240, 97, 911, 0, {0}};
    d->ntunables = ARRAY_LEN(sliders);
    memcpy(d->tunable, sliders, sizeof sliders);
}

/* Sets policy twohand, its hands amid a sweep; memory is short, swap in use. */
static inline void syn_pressure(struct ins_display *d)
{
    static const char *const names[] = {"min", "low", "high"};
    u64 min = d->nframes / 32;
    struct ins_policy *p = &d->vm;
    snprintf(d->policy, sizeof d->policy, "twohand");
    snprintf(p->name, sizeof p->name, "twohand");
    p->ngauges = 3;
    for (unsigned i = 0; i < 3; i++) {
        snprintf(p->gauge[i].name, sizeof p->gauge[i].name, "%s", names[i]);
        p->gauge[i].value = min + min * i / 4;
    }
    d->free_frames = min + min / 8;
    p->swap = true;
    p->swap_total = 16384;
    p->swap_used = 2873;
    syn_slots(d, p->swap_total, p->swap_used);
    p->hand[1] = (u32)(d->nframes * 5 / 8 + d->nframes / 50);
    p->hand[0] = p->hand[1] - (u32)d->nframes / 8;
}

static inline void syn_console(struct ins_display *d)
{
    static const char *const lines[] = {
        "clockhand: 4096 frames, policy none",
        "init: /etc/rc",
        "# seq 1 2000 | sort -rn | head -3",
        "2000",
        "1999",
        "1998",
        "# cat /proc/meminfo",
        "MemTotal:          16384 kB",
        "MemFree:            5012 kB",
        ("0123456789012345678901234567890123456789"
         "0123456789012345678901234567890123456789"),
        "# ",
    };
    for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
        snprintf(d->console[i], sizeof d->console[i], "%s", lines[i]);
    d->cursor_row = ARRAY_LEN(lines) - 1;
    d->cursor_col = 2;
}

static inline struct ins_display *syn_display(u64 nframes)
{
    struct ins_display *d = xcalloc(1, sizeof *d);
    d->lit_slot = INS_NO_SLOT;
    d->nframes = nframes;
    d->kind = xcalloc(nframes, 1);
    d->flags = xcalloc(nframes, 1);
    d->age = xcalloc(nframes, 1);
    d->serial = 1;
    d->running = true;
    snprintf(d->mode, sizeof d->mode, "RUN");
    snprintf(d->timing, sizeof d->timing, "cycle");
    snprintf(d->policy, sizeof d->policy, "none");
    snprintf(d->where, sizeof d->where, "handle_page_fault+0x1c4");
    snprintf(d->caption, sizeof d->caption,
             "fork: the child shares 2,560 frames; the next write copies one");
    d->cycle = 1234567890;
    d->instret = 987654321;
    d->clock_hz = SYN_HZ;
    d->mips = 83.4;
    d->pace_limit = 1;
    d->pace_now = 0.83;
    d->pc = 0xffffffd600001234;
    d->caption_pfn = LENS_NO_PFN;
    d->caption_cycle = NEVER;
    d->vm.hand[0] = d->vm.hand[1] = LENS_NO_PFN;
    syn_frames(d);
    syn_count(d);
    syn_procs(d);
    syn_usual_spaces(d);
    syn_inside(d);
    syn_walk(d);
    syn_tlb(d);
    syn_console(d);
    return d;
}

static inline void syn_free(struct ins_display *d)
{
    free(d->kind);
    free(d->flags);
    free(d->age);
    free(d->slot);
    free(d->lit);
    free(d);
}

/* Adds the display's present to its recent samples, with the hands, if any,
 * `behind` frames back. */
static inline void syn_sample(struct ins_display *d, u32 behind)
{
    struct ins_sample s = axis_present(d);
    for (unsigned i = 0; i < 2; i++)
        s.hand[i] =
            d->vm.hand[i] == LENS_NO_PFN ? LENS_NO_PFN : d->vm.hand[i] - behind;
    struct ins_series *r = &d->samples.recent;
    r->step = SYN_HZ / 100;
    while (r->n && r->at[r->n - 1].cycle >= s.cycle)
        r->n--;
    if (r->n < INS_SAMPLES)
        r->at[r->n++] = s;
}

/* Lets the view see two seconds of displays that end in d. */
static inline void syn_history(struct view *v, struct ins_display *d)
{
    u64 seed = 5, end = d->cycle, n = 0, frames = d->free_frames;
    u64 swap = d->vm.swap_used;
    for (unsigned i = 0; i < 200; i++) {
        d->cycle = end - (199 - i) * (SYN_HZ / 100);
        u64 r = rand_step(&seed) >> 30;
        d->free_frames = frames + (199 - i) * 3 + r % 40;
        if (frames < d->nframes / 16) /* falls, then is held */
            d->free_frames = frames + (i < 60 ? (60 - i) * 13 : 0) + r % 30;
        d->vm.swap_used = swap * i / 199;
        for (unsigned c = 0; c < C_COUNT; c++)
            d->counters[c] +=
                (r >> c % 24) % (20 + c * 7) * (i / 20 % 3 == c % 3 ? 4 : 1);
        d->nevents = (unsigned)(r % 9);
        for (unsigned e = d->nevents; e-- > 0;)
            d->events[e] = syn_event(++n, d->cycle - e * 900000);
        for (unsigned c = 0; c < R_COUNT; c++) /* far more than d->events has */
            d->tally[c] += i / 10 % 7 == c % 7 ? (u32)(r >> c) % 200 : 0;
        timeline_observe(&v->timeline, d);
        u32 swept = i < 190 ? 10 : 200 - i; /* hands move in the last 100 ms */
        syn_sample(d, swept * (u32)d->nframes / 160);
    }
    d->cycle = end;
    d->free_frames = frames;
    d->vm.swap_used = swap;
}
