/* SPDX-License-Identifier: MIT */
/* The snapshot that the panel draws: filled between slices of the machine,
 * copied under a lock, so that drawing never touches the machine. */
#include "inspect/ram.h"

#include <stdio.h>
#include <stdlib.h>

/* Beyond so many frames, rows of the kernel's table are read a part at a time
 * (kinds come from events at once): 60 updates a second stay cheap. */
#define ROWS_AT_ONCE 32768
#define TABLES_MAX   16384 /* of a guest without lens, an update */

struct ins_display *inspect_display_new(struct machine *m)
{
    struct ins_display *d = xcalloc(1, sizeof *d);
    d->nframes = ins_nframes(m);
    d->kind = xcalloc(d->nframes, 1);
    d->flags = xcalloc(d->nframes, 1);
    d->age = xcalloc(d->nframes, 1);
    d->clock_hz = m->clock_hz;
    d->caption_pfn = LENS_NO_PFN;
    d->vm.hand[0] = d->vm.hand[1] = LENS_NO_PFN;
    return d;
}

void inspect_display_blank(struct ins_display *d)
{
    memset(d->kind, 0xff, d->nframes);
    memset(d->age, 0xff, d->nframes);
}

void inspect_display_free(struct ins_display *d)
{
    if (!d)
        return;
    free(d->kind);
    free(d->flags);
    free(d->age);
    free(d);
}

void inspect_display_copy(struct ins_display *to,
                          const struct ins_display *from)
{
    u8 *kind = to->kind, *flags = to->flags, *age = to->age;
    if (to->nframes != from->nframes) {
        kind = xrealloc(kind, from->nframes);
        flags = xrealloc(flags, from->nframes);
        age = xrealloc(age, from->nframes);
    }
    *to = *from;
    to->kind = memcpy(kind, from->kind, from->nframes);
    to->flags = memcpy(flags, from->flags, from->nframes);
    to->age = memcpy(age, from->age, from->nframes);
}

static void rows(struct machine *m, const struct lens_view *lens,
                 struct ins_display *d)
{
    u64 first = 0, n = d->nframes;
    if (n > ROWS_AT_ONCE) {
        u64 parts = (n + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
        memcpy(d->kind, lens->shadow, n < lens->nframes ? n : lens->nframes);
        first = d->serial % parts * ROWS_AT_ONCE;
        n = first + ROWS_AT_ONCE < n ? first + ROWS_AT_ONCE : n;
    }
    u64 have, stride;
    const u8 *row = ins_lens_rows(m, &have, &stride);
    for (u64 pfn = first; pfn < n; pfn++) {
        struct lens_frame f = {.state = 0xff};
        if (row && pfn < have)
            memcpy(&f, row + pfn * stride, sizeof f);
        d->kind[pfn] = f.state < FS_COUNT ? f.state : 0xff;
        d->flags[pfn] = f.flags;
    }
}

/* Without a lens: what the hart's page table shows. */
static void on_table(void *opaque, u64 pa, unsigned level)
{
    struct ins_display *d = opaque;
    (void)level;
    if (pa >= RAM_BASE && (pa - RAM_BASE) >> PAGE_SHIFT < d->nframes)
        d->kind[(pa - RAM_BASE) >> PAGE_SHIFT] = FS_PGTABLE;
}

static void on_leaf(void *opaque, const struct ins_leaf *l)
{
    struct ins_display *d = opaque;
    u64 pages = 1ull << 9 * l->level;
    if (l->pa < RAM_BASE)
        return;
    u64 pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT;
    for (u64 i = 0; i < pages && pfn + i < d->nframes; i++)
        if (d->kind[pfn + i] != FS_PGTABLE)
            d->kind[pfn + i] = ins_state_by_rights(l->pte);
}

static void machine_view(struct machine *m, struct ins_display *d)
{
    u64 budget = d->nframes < TABLES_MAX ? d->nframes : TABLES_MAX;
    struct tree_visit leaves = {NULL, on_leaf, d, budget, NULL};
    struct tree_visit tables = {on_table, NULL, d, budget, NULL};
    memset(d->kind, 0xff, d->nframes);
    memset(d->flags, 0, d->nframes);
    if (SATP_MODE(m->hart.satp) != SATP_SV39)
        return;
    ins_tree(m, m->hart.satp, TREE_USER_FIRST, TREE_KERNEL_LAST, &tables);
    ins_tree(m, m->hart.satp, TREE_USER_FIRST, TREE_KERNEL_LAST, &leaves);
}

/* 8 * log2(1 + epochs since), 255 for never. */
static u8 age_code(u32 last, u64 now)
{
    if (!last)
        return 255;
    u64 since = now - last + 1;
    unsigned log = 63 - (unsigned)__builtin_clzll(since);
    unsigned code = 8 * log + (unsigned)((since << 3 >> log) & 7);
    return code < 254 ? (u8)code : 254;
}

static void ages(struct machine *m, struct ins_display *d)
{
    u64 epoch = m->clock_hz / 1000 ? m->clock_hz / 1000 : 1;
    u64 now = 1 + m->hart.cycle / epoch;
    const u32 *last = engine_last_use(m->engine);
    for (u64 pfn = 0; pfn < d->nframes; pfn++)
        d->age[pfn] = age_code(last[pfn], now);
}

static void histogram(struct ins_display *d)
{
    u64 count[4][256] = {0}; /* four, so that runs of one kind do not wait */
    for (u64 i = 0; i < d->nframes; i++)
        count[i & 3][d->kind[i]]++;
    for (unsigned k = 0; k < FS_COUNT; k++)
        d->histogram[k] = count[0][k] + count[1][k] + count[2][k] + count[3][k];
}

static void tlb(struct machine *m, struct ins_display *d)
{
    const struct tlb *t = &m->mmu.dtlb;
    d->ndtlb = 0;
    for (u32 i = 0; i < t->entries + t->large && d->ndtlb < ARRAY_LEN(d->dtlb);
         i++)
        if (t->e[i].valid)
            d->dtlb[d->ndtlb++] = t->e[i];
}

static void cpu(struct machine *m, struct ins_display *d)
{
    d->cycle = inspect_cycle(m);
    d->instret = m->hart.instret;
    d->clock_hz = m->clock_hz;
    d->pc = m->hart.pc;
    snprintf(d->timing, sizeof d->timing, "%s",
             engine_timed(m->engine) ? "cycle" : "fast");
    if (!inspect_symbol_at(m, d->pc, d->where, sizeof d->where))
        snprintf(d->where, sizeof d->where, "0x%llx",
                 (unsigned long long)d->pc);
    d->walk_live = m->mmu.walk.phase != WALK_IDLE;
    d->walk = m->mmu.walk; /* the last one stays to be read */
}

static void kernel(struct machine *m, struct ins_display *d)
{
    const struct lens_view *lens = ins_lens(m);
    d->policy[0] = 0;
    inspect_policy(m, &d->vm);
    d->nprocs = inspect_procs(m, d->procs, INS_PROCS_MAX);
    for (unsigned i = 0; i < C_COUNT; i++)
        if (!ins_lens_counter(m, i, &d->counters[i]))
            d->counters[i] = 0;
    if (!lens) {
        machine_view(m, d);
        return;
    }
    snprintf(d->policy, sizeof d->policy, "%.15s", d->vm.name);
    rows(m, lens, d);
}

void inspect_display_update(struct machine *m, struct ins_events *e,
                            struct ins_display *d, s64 selected_pfn)
{
    if (!d->serial++)
        inspect_display_blank(d);
    cpu(m, d);
    kernel(m, d);
    ages(m, d);
    histogram(d);
    if (!ins_lens_free(m, &d->free_frames))
        d->free_frames = d->histogram[FS_FREE];
    tlb(m, d);
    d->ndisks = machine_disks(m, d->disks, DISK_SLOTS);
    d->nevents =
        e ? inspect_events_recent(e, LENS_NO_PFN, d->events, INS_LANE_MAX) : 0;
    if (e)
        inspect_events_tally(e, d->tally);
    d->selected_valid =
        selected_pfn >= 0 && inspect_frame(m, (u64)selected_pfn, &d->selected);
    d->nbiography = e && d->selected_valid
                        ? inspect_events_recent(e, (u32)selected_pfn,
                                                d->biography, INS_BIOGRAPHY)
                        : 0;
}
