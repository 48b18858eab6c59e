/* SPDX-License-Identifier: MIT */
/* Makes a display in which every field has its longest possible value. */
#pragma once

#include "../panel/synthetic.h"

/* Fills array `a` with c: a name without a blank, which cannot wrap. */
#define FILL(a, c)                                                             \
    (memset((a), (c), sizeof(a) - 1), (void)((a)[sizeof(a) - 1] = 0))

static inline void longest_memory(struct ins_display *d)
{
    d->catching = ~0ull;
    d->vm.ngauges = LENS_GAUGES;
    for (unsigned i = 0; i < LENS_GAUGES; i++) {
        struct ins_gauge *gauge = &d->vm.gauge[i];
        static const char *const names[] = {"min", "low", "high", NULL};
        if (names[i % 4])
            snprintf(gauge->name, sizeof gauge->name, "%s", names[i % 4]);
        else
            FILL(gauge->name, 'w');
        gauge->value = ~0ull;
    }
    FILL(d->vm.name, 'p');
    d->vm.kept = d->free_frames = d->vm.swap_used = d->vm.swap_total = ~0ull;
    for (unsigned i = 0; i < FS_COUNT; i++)
        d->histogram[i] = 8888888888;
    for (unsigned i = 0; i < C_COUNT; i++)
        d->counters[i] = ~0ull;
    for (unsigned i = 0; i < R_COUNT; i++)
        d->tally[i] = ~0u;
    for (unsigned i = 0; i < INS_ORDERS; i++)
        d->buddy[i] = 8888888888;
    d->belief = (struct ins_belief){true,
                                    8888888888,
                                    8888888888,
                                    8888888888,
                                    8888888888,
                                    8888888888,
                                    {8888888888, 8888888888, 8888888888}};
    d->nswap_areas = INS_SWAP_AREAS;
    for (unsigned i = 0; d->slot && i < INS_SWAP_AREAS; i++)
        d->swap_area[i] =
            (struct ins_swap_area){(u32)(i * d->nslots / INS_SWAP_AREAS),
                                   (u32)(d->nslots / INS_SWAP_AREAS)};
}

static inline void longest_devices(struct ins_display *d)
{
    d->ndisks = DISK_SLOTS;
    for (unsigned i = 0; i < DISK_SLOTS; i++) {
        struct disk_view *v = &d->disks[i];
        *v = (struct disk_view){.present = true,
                                .sectors = i ? ~0ull : 1,
                                .queued = ~0u,
                                .nrequests = DISK_REQUESTS,
                                .file = "/a/long-name-of-a-disk-image.img"};
        for (unsigned k = 0; k < DISK_REQUESTS; k++)
            v->request[k] = (struct disk_request){(u8)(k % 15), ~0ull, ~0ull,
                                                  ~0ull,        ~0ull, false};
    }
    FILL(d->dram, 'D');
    d->nbanks = INS_BANKS;
    for (unsigned i = 0; i < INS_BANKS; i++)
        d->bank[i] =
            (struct ins_bank){i % 2,      ~0u,        ~0ull >> 4,
                              ~0ull >> 4, ~0ull >> 4, i % 3 ? d->cycle : 0};
    d->ntunables = INS_TUNABLES;
    for (unsigned i = 0; i < INS_TUNABLES; i++) {
        struct ins_slider *s = &d->tunable[i];
        *s = (struct ins_slider){.value = 8888888888,
                                 .preset = -8888888888,
                                 .min = INT64_MIN,
                                 .max = INT64_MAX};
        FILL(s->name, 't');
        FILL(s->unit, 'u');
    }
}

static inline void longest_procs(struct ins_display *d)
{
    d->nprocs = d->nspaces = INS_PROCS_MAX;
    for (unsigned i = 0; i < INS_PROCS_MAX; i++) {
        struct ins_proc *p = &d->procs[i];
        *p = (struct ins_proc){.pid = ~0u,
                               .ppid = ~0u,
                               .state = i % (PS_ZOMBIE + 1),
                               .rss = 1ull << 40,
                               .vsize = 1ull << 40,
                               .min_flt = ~0ull,
                               .maj_flt = ~0ull};
        FILL(p->name, 'w');
        p->vsize = (u64)(300 + i) * PAGE_BYTES;
        syn_space(&d->spaces[i], p);
        struct ins_space *s = &d->spaces[i];
        s->resident = s->shared = s->in_swap = s->pages = 8888888888;
        s->nareas = i % 3 ? INS_AREAS : s->nareas;
        for (unsigned k = 0; k < s->nareas; k++) {
            FILL(s->area[k].name, 'a');
            if (i % 3) /* the most areas, each of one page */
                s->area[k] =
                    (struct ins_area){.start = (u64)k << 40,
                                      .pages = 1,
                                      .first = (u16)(k * s->ncells / INS_AREAS),
                                      .cells = (u16)(s->ncells / INS_AREAS),
                                      .sort = (u8)(k % AREA_SORTS),
                                      .inode = k,
                                      .name = "wwwwwwwwwwwwwwwwwwwwwww"};
        }
    }
}

static inline struct ins_event longest_event(u64 number, u64 cycle)
{
    return (struct ins_event){.cycle = cycle,
                              .va = ~0ull,
                              .number = number,
                              .pfn = (u32)(number % 64),
                              .pid = ~0u,
                              .from = (u8)(number % (FS_COUNT + 1)),
                              .to = (u8)(number % (FS_COUNT + 2)),
                              .reason = (u8)(number % (R_COUNT + 1)),
                              .actor = (u8)(number % (ACTOR_COUNT + 1)),
                              .owner = ~0u,
                              .source = 1,
                              .slot = number % 2 ? 7 : INS_NO_SLOT,
                              .pc = ~0ull};
}

static inline void longest_frame(struct ins_display *d)
{
    struct ins_frame *f = &d->selected;
    f->known = true;
    f->refs = -2147483647 - 1;
    f->pins = f->owner = ~0u;
    f->object = f->index = ~0ull >> 8;
    f->age_cycles = f->epoch_now = ~0ull;
    f->nptes = ~0u;
    f->flags = 255;
    f->dram_bank = 63;
    f->dram_row = ~0u;
    FILL(f->owner_name, 'W');
    d->selected_slot = INS_NO_SLOT - 1;
    d->selected_block = (struct ins_block){true, 25, ~0ull >> 10};
    for (unsigned i = 0; i < INS_PTES_MAX; i++)
        f->ptes[i] = (struct ins_pte){~0u, 2, ~0ull, ~0ull, ~0ull};
    d->nbiography = INS_BIOGRAPHY;
    for (unsigned i = 0; i < INS_BIOGRAPHY; i++)
        d->biography[i] = longest_event(INS_BIOGRAPHY - i, ~0ull - i);
    d->nevents = INS_LANE_MAX;
    for (unsigned i = 0; i < INS_LANE_MAX; i++)
        d->events[i] = longest_event(90000 - i, d->cycle - i);
}

static inline void longest_walk(struct ins_display *d)
{
    struct walk *w = &d->walk;
    w->va = w->ctx.satp = ~0ull;
    w->phase = WALK_FAULTED;
    w->cause = 15;
    w->cycles = ~0u;
    for (unsigned i = 0; i < w->nsteps; i++) {
        w->steps[i].pte = ~0ull;
        w->steps[i].where = SERVED_DRAM_CONFLICT;
        w->steps[i].cycles = 99999;
    }
    w->steps[w->nsteps - 1].kind = STEP_FAULT;
    d->ndtlb = ARRAY_LEN(d->dtlb);
    for (unsigned i = 0; i < d->ndtlb; i++) {
        d->dtlb[i] = d->dtlb[i % 32];
        d->dtlb[i].vpn = d->dtlb[i].ppn = ~0ull;
        d->dtlb[i].asid = 65535;
    }
}

/* Fills d. With words, the caption has blanks, d shows a fork, and the pace has
 * no limit; else the caption is one word, which cannot wrap. */
static inline void longest(struct ins_display *d, bool words)
{
    FILL(d->caption, 'M');
    d->caption_cycle = 0;
    for (unsigned i = 0; words && i < sizeof d->caption - 1; i += 1 + i % 9)
        d->caption[i] = i ? ' ' : 'M';
    FILL(d->where, 'm');
    FILL(d->policy, 'p');
    FILL(d->timing, 't');
    FILL(d->lit_words, 'l');
    FILL(d->lit_error, 'e');
    snprintf(d->mode, sizeof d->mode, "STDIN");
    d->running = false;
    d->cycle = ~0ull >> 1;
    d->instret = ~0ull;
    d->mips = 99999;
    d->pace_now = 12345678;
    d->pace_limit = words ? 0 : 12345678;
    d->nlit = d->nframes;
    longest_memory(d);
    longest_devices(d);
    longest_procs(d);
    longest_frame(d);
    longest_walk(d);
    d->nforked = words ? INS_FORKED : 0;
    d->parent = d->child = d->procs[0].pid;
    for (unsigned i = 0; i < d->nforked; i++) {
        d->forked[i] = d->selected;
        d->forked[i].ptes[0].va = 0x3ffffff000; /* the last user page of Sv39 */
    }
    for (unsigned i = 0; i < INS_CONSOLE_ROWS; i++)
        FILL(d->console[i], 'W');
    d->cursor_row = INS_CONSOLE_ROWS - 1;
    d->cursor_col = INS_CONSOLE_COLS;
}
