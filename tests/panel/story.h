/* SPDX-License-Identifier: MIT */
/* Makes displays of the moments of a machine's life that a user of the panel
 * meets first. */
#pragma once

#include "../panel/scene.h"

/* Adds n events like e to d->events, in which the latest stands first. Each is
 * `apart` cycles after the one before, on the next page, frame and slot. */
static inline void story_events(struct ins_display *d, struct ins_event e,
                                unsigned n, u64 apart)
{
    u64 number = d->nevents ? d->events[0].number : 100000;
    unsigned keep = d->nevents;
    if (n + keep > INS_LANE_MAX)
        keep = INS_LANE_MAX - n;
    memmove(d->events + n, d->events, keep * sizeof *d->events);
    for (unsigned i = 0; i < n; i++) { /* 0: the oldest of the new ones */
        struct ins_event *to = &d->events[n - 1 - i];
        *to = e;
        to->number = number + 1 + i;
        to->cycle = d->cycle - (n - 1 - i) * apart;
        to->va = e.va + i * PAGE_BYTES;
        to->pfn = e.pfn == LENS_NO_PFN ? e.pfn : e.pfn + i;
        to->source = e.source ? e.source + i : 0;
        to->slot = e.slot == INS_NO_SLOT ? e.slot : e.slot + i;
        if (to->pfn < d->nframes && e.to < FS_COUNT) {
            d->kind[to->pfn] = e.to;
            d->age[to->pfn] = 0;
            d->flags[to->pfn] = e.to == FS_FILE_DIRTY ? FRAME_F_DIRTY : 0;
        }
    }
    d->nevents = n + keep;
    d->tally[e.reason] += n;
    d->caption_pfn = d->events[0].pfn;
    syn_count(d); /* also the free frames */
}

/* Shows frame pfn with the latest event, and the PTE by which pid maps it at
 * va; pid 0: no PTE. */
static inline void story_frame(struct scene *s, u64 pfn, u32 pid, u64 va)
{
    struct ins_display *d = s->d;
    s->v->pinned = NO_FRAME;
    syn_selected(d, pfn);
    d->selected.nptes = pid != 0;
    d->selected.ptes[0] = (struct ins_pte){
        pid, 0, va, 0x80402ca8, ((RAM_BASE >> PAGE_SHIFT) + pfn) << 10 | 0xd7};
    d->selected.owner = d->events[0].pid;
    snprintf(d->selected.owner_name, sizeof d->selected.owner_name, "%s",
             proc_name(d, d->events[0].pid));
    d->selected_slot = d->events[0].slot;
    d->nbiography = 1;
    d->biography[0] = d->events[0];
}

static inline void story_caption(struct ins_display *d, const char *text)
{
    snprintf(d->caption, sizeof d->caption, "%s", text);
    d->caption_cycle = d->cycle;
}

static inline void story_boot(struct scene *s)
{
    struct ins_display *d = s->d;
    for (u64 i = 0; i < d->nframes; i++) {
        d->flags[i] = 0;
        d->age[i] = i < 60 ? 3 : 255;
        d->kind[i] = i < 70 ? FS_KCODE : i < 330 ? FS_KDATA : FS_FREE;
    }
    d->nevents = 0;
    d->nprocs = 1;
    d->procs[0].rss = 20;
    d->procs[0].state = PS_RUNNING;
    d->cycle = 41234567;
    d->vm.swap = false;
    d->vm.swap_used = d->vm.swap_total = 0;
    free(d->slot);
    d->slot = NULL;
    d->nslots = d->nswap_areas = 0;
    d->nspaces = d->nprocs;
    d->vm.hand[0] = d->vm.hand[1] = LENS_NO_PFN;
    memset(&d->samples, 0, sizeof d->samples);
    memset(d->tally, 0, sizeof d->tally);
    d->ndisks = 1;
    s->v->timeline.nevents = 0;
    story_events(d,
                 (struct ins_event){.pfn = 340,
                                    .pid = 1,
                                    .va = 0x10000,
                                    .to = FS_FILE_CLEAN,
                                    .reason = R_PAGE_IN,
                                    .actor = ACTOR_FAULT,
                                    .slot = INS_NO_SLOT},
                 20, 250000);
    syn_count(d);
    story_frame(s, 359, 0, 0);
    story_caption(d, "demand paging: init (pid 1) needed a page of a file at "
                     "0x23000: frame 359 is taken for it, and the disk is "
                     "asked");
}

static inline void story_fork(struct scene *s)
{
    struct ins_display *d = s->d;
    story_events(d,
                 (struct ins_event){.pfn = LENS_NO_PFN,
                                    .pid = 12,
                                    .from = FS_COUNT,
                                    .to = FS_COUNT,
                                    .reason = R_FORK,
                                    .actor = ACTOR_SYSCALL,
                                    .slot = INS_NO_SLOT},
                 1, 0);
    story_events(d,
                 (struct ins_event){.pfn = 1500,
                                    .pid = 12,
                                    .from = FS_ANON,
                                    .to = FS_COW,
                                    .reason = R_COW_SHARE,
                                    .actor = ACTOR_SYSCALL,
                                    .slot = INS_NO_SLOT},
                 700, 10);
    story_events(d,
                 (struct ins_event){.pfn = 2300,
                                    .source = 1510,
                                    .pid = 20,
                                    .va = 0x3f4995000,
                                    .to = FS_ANON,
                                    .reason = R_COW_COPY,
                                    .origin = FS_COW,
                                    .actor = ACTOR_FAULT,
                                    .slot = INS_NO_SLOT},
                 3, 40000);
    d->running = false;
    snprintf(d->mode, sizeof d->mode, "HALT");
    story_frame(s, 1512, 12, 0x3f4997000);
    d->source = d->selected;
    d->source_valid = d->card = d->card_waits = d->card_before = true;
    story_frame(s, 2302, 20, 0x3f4997000);
    story_caption(d, "4 of 6. Copy on write. sort (pid 20) wrote to a shared "
                     "page at 0x3f4997000, frame 1512, and gets a copy, frame "
                     "2302");
}

static inline void story_write_back(struct scene *s)
{
    struct ins_display *d = s->d;
    for (u64 i = 2600; i < 2900; i++) {
        d->kind[i] = FS_FILE_DIRTY;
        d->flags[i] = FRAME_F_DIRTY | (i < 2680 ? FRAME_F_IO : 0);
        d->age[i] = 20;
    }
    story_events(d,
                 (struct ins_event){.pfn = 2540,
                                    .pid = 2,
                                    .from = FS_FILE_DIRTY,
                                    .to = FS_FILE_CLEAN,
                                    .reason = R_WRITE_BACK,
                                    .actor = ACTOR_PAGEOUT,
                                    .slot = INS_NO_SLOT},
                 60, 30000);
    s->v->tab = PANE_DISKS;
    story_caption(d, "write-back: frame 2599 was written to its file: page and "
                     "disk are the same again");
}

static inline void story_low(struct scene *s)
{
    struct ins_display *d = s->d;
    for (u64 i = 0, left = 150; i < d->nframes; i++)
        if (d->kind[i] == FS_FREE && !(left && i % 9 == 0 && left--)) {
            d->kind[i] = i % 5 ? FS_ANON : FS_SWAPCACHE;
            d->age[i] = i % 16 < 5 ? 9 : 90;
        }
    story_events(d,
                 (struct ins_event){.pfn = 3000,
                                    .pid = 2,
                                    .owner = 12,
                                    .from = FS_ANON,
                                    .to = FS_SWAPCACHE,
                                    .reason = R_SWAP_ADD,
                                    .actor = ACTOR_PAGEOUT,
                                    .slot = 2800},
                 40, 20000);
    story_events(d,
                 (struct ins_event){.pfn = 3010,
                                    .pid = 2,
                                    .owner = 12,
                                    .from = FS_SWAPCACHE,
                                    .to = FS_SWAPCACHE,
                                    .reason = R_SWAP_OUT,
                                    .actor = ACTOR_PAGEOUT,
                                    .slot = 2810},
                 1, 20000);
    d->running = false;
    snprintf(d->mode, sizeof d->mode, "HALT");
    s->v->tab = PANE_POLICY;
    story_caption(d, "swap-out: frame 3010 of sort (pid 12) was written to "
                     "swap: now a copy is on disk and the frame may go");
}

static inline void story_return(struct scene *s)
{
    struct ins_display *d = s->d;
    story_events(d,
                 (struct ins_event){.pfn = 1800,
                                    .pid = 12,
                                    .va = 0x220000,
                                    .from = FS_FREE,
                                    .to = FS_SWAPCACHE,
                                    .reason = R_SWAP_IN,
                                    .actor = ACTOR_FAULT,
                                    .slot = 900},
                 50, 90000);
    story_frame(s, 1849, 0, 0);
    story_caption(d, "swap-in: sort (pid 12) touched 0x251000, which was in "
                     "swap: it is read back into frame 1849, and waited for");
}

static inline void story_walk(struct scene *s)
{
    struct ins_display *d = s->d;
    d->running = false;
    d->walk_live = true;
    d->walk.phase = WALK_RUNNING;
    d->walk.nsteps = 2;
    d->walk.level = 0;
    d->walk.table = 0x80402000;
    d->walk.cycles = 101;
    snprintf(d->mode, sizeof d->mode, "WALK");
    s->v->tab = PANE_WALK;
    story_caption(d, "walk, level 1: the PTE at 0x8093ad20 points to the next "
                     "table; another DRAM row was open");
}

static inline void story_draw(struct scene *s)
{
    view_observe(s->v, s->d);
    scene_draw(s);
}
