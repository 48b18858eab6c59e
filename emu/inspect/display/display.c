/* SPDX-License-Identifier: MIT */
/* Fills the snapshot that the panel draws, between slices of the run. It is
 * copied under a lock, so that drawing never touches the machine. */
#include "inspect/events.h"
#include "inspect/frames.h"
#include "inspect/kernel.h"
#include "inspect/parts.h"
#include "inspect/policy.h"
#include "inspect/stale.h"
#include "inspect/symbols.h"
#include "inspect/display/update.h"
#include "history/history.h"
#include "inspect/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* at most so many page tables are visited if no kernel's tables are known */
#define TABLES_MAX 16384

struct ins_display *inspect_display_new(struct machine *m)
{
    struct ins_display *d = xcalloc(1, sizeof *d);
    d->nframes = ins_nframes(m);
    d->kind = xcalloc(d->nframes, 1);
    d->flags = xcalloc(d->nframes, 1);
    d->age = xcalloc(d->nframes, 1);
    d->clock_hz = m->clock_hz;
    d->caption_pfn = LENS_NO_PFN;
    d->caption_cycle = NEVER;
    d->lit_slot = INS_NO_SLOT;
    d->vm.hand[0] = d->vm.hand[1] = LENS_NO_PFN;
    return d;
}

void inspect_display_blank(struct ins_display *d)
{
    memset(d->kind, 0xff, d->nframes);
    memset(d->age, 0xff, d->nframes);
}

/* The host's time also identifies a display (ins_display.of), since no two are
 * made in the same nanosecond. */
static u64 host_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

static struct ins_update *update_new(struct ins_display *d)
{
    struct ins_update *update = xcalloc(1, sizeof *update);
    update->shared = xcalloc(d->nframes, 1);
    update->accessed = xcalloc(d->nframes, 1);
    return update;
}

static void update_free(struct ins_update *update)
{
    if (!update)
        return;
    free_all(update->shared, update->accessed, update->root, update);
}

void inspect_display_free(struct ins_display *d)
{
    if (!d)
        return;
    free_all(d->kind, d->flags, d->age, d->slot, d->lit);
    update_free(d->update);
    free(d);
}

/* Copies n bytes to *to, which has `had`. fresh: *to holds these n already. */
static void copy_array(u8 **to, u64 had, const u8 *from, u64 n, bool fresh)
{
    if (!from || !*to || had != n) {
        free(*to);
        *to = from ? xcalloc(n ? n : 1, 1) : NULL;
        fresh = false;
    }
    if (from && !fresh)
        memcpy(*to, from, n);
}

/* Copies a series: only new samples if it has grown at its end. After samples
 * were dropped, its step, first sample or `cut` differs. same: the samples
 * in *to are of the same machine. */
static void copy_series(struct ins_series *to, const struct ins_series *from,
                        bool same)
{
    bool longer = same && to->step == from->step && to->cut == from->cut &&
                  to->n && to->n <= from->n &&
                  to->at[0].cycle == from->at[0].cycle;
    unsigned had = longer ? to->n : 0;
    memcpy(to->at + had, from->at + had, (from->n - had) * sizeof *to->at);
    to->step = from->step;
    to->cut = from->cut;
    to->n = from->n;
}

void inspect_display_copy(struct ins_display *to,
                          const struct ins_display *from)
{
    u8 *kind = to->kind, *flags = to->flags, *age = to->age;
    u8 *slot = to->slot, *lit = to->lit;
    u64 n = from->nframes, had = to->nframes, slots = to->nslots;
    bool same = to->of == from->of, fresh = same && to->serial >= from->whole;
    bool listed = same && to->serial >= from->listed;
    copy_array(&kind, had, from->kind, n, false);
    copy_array(&flags, had, from->flags, n, fresh);
    copy_array(&age, had, from->age, n, fresh);
    copy_array(&lit, had, from->lit, n, fresh);
    copy_array(&slot, slots, from->slot, from->nslots, fresh);
    memcpy(to, from, offsetof(struct ins_display, events));
    if (!listed)
        memcpy(to->events, from->events, from->nevents * sizeof *to->events);
    same &= to->samples.life == from->samples.life;
    to->samples.life = from->samples.life;
    copy_series(&to->samples.whole, &from->samples.whole, same);
    copy_series(&to->samples.recent, &from->samples.recent, same);
    to->kind = kind;
    to->flags = flags;
    to->age = age;
    to->slot = slot;
    to->lit = lit;
    to->update = NULL;
}

/* If no kernel's tables are known, the hart's page table gives the kinds. */
static void kind_by_leaf(void *opaque, const struct ins_leaf *l)
{
    struct ins_display *d = opaque;
    u64 pages = 1ull << 9 * l->level, pfn = (l->pa - RAM_BASE) >> PAGE_SHIFT;
    if (l->pa < RAM_BASE || pfn >= d->nframes)
        return;
    u64 n = pages < d->nframes - pfn ? pages : d->nframes - pfn;
    memset(d->kind + pfn, ins_state_by_rights(l->pte), n);
}

static void kind_by_table(void *opaque, u64 pa, UNUSED unsigned level)
{
    struct ins_display *d = opaque;
    if (pa >= RAM_BASE && (pa - RAM_BASE) >> PAGE_SHIFT < d->nframes)
        d->kind[(pa - RAM_BASE) >> PAGE_SHIFT] = FS_PGTABLE;
}

/* Visits tables after leaves, because leaves map the tables, too. */
static void kinds_by_page_tables(struct machine *m, struct ins_display *d)
{
    u64 budget = d->nframes < TABLES_MAX ? d->nframes : TABLES_MAX;
    struct tree_visit leaves = {NULL, kind_by_leaf, d, budget, NULL};
    struct tree_visit tables = {kind_by_table, NULL, d, budget, NULL};
    memset(d->kind, 0xff, d->nframes);
    memset(d->flags, 0, d->nframes);
    if (SATP_MODE(m->hart.satp) != SATP_MODE_SV39)
        return;
    ins_tree(m, m->hart.satp, TREE_USER_FIRST, TREE_KERNEL_LAST, &leaves);
    ins_tree(m, m->hart.satp, TREE_USER_FIRST, TREE_KERNEL_LAST, &tables);
}

static void copy_dtlb(struct machine *m, struct ins_display *d)
{
    const struct tlb *t = &m->mmu.dtlb;
    d->ndtlb = 0;
    for (u32 i = 0; i < t->entries + t->large && d->ndtlb < ARRAY_LEN(d->dtlb);
         i++)
        if (t->e[i].valid)
            d->dtlb[d->ndtlb++] = t->e[i];
}

static void update_hart(struct machine *m, struct ins_display *d)
{
    d->cycle = inspect_cycle(m);
    d->past = history_past(m->past);
    d->present = d->past ? history_present(m->past).cycle : d->cycle;
    d->branched = history_branched(m->past);
    d->instret = m->hart.instret;
    d->clock_hz = m->clock_hz;
    d->pc = m->hart.pc;
    snprintf(d->timing, sizeof d->timing, "%s",
             engine_timed(m->engine) ? "cycle" : "fast");
    if (!inspect_symbol_at(m, d->pc, d->where, sizeof d->where))
        snprintf(d->where, sizeof d->where, "0x%llx", d->pc);
    d->walk_live = m->mmu.walk.phase != WALK_IDLE;
    d->walk = m->mmu.walk; /* the last walk stays to be read */
    d->walk_why = d->walk.cause ? mmu_walk_why(&d->walk) : NULL;
}

static void update_kernel(struct machine *m, struct ins_display *d)
{
    inspect_policy(m, &d->vm);
    for (unsigned i = 0; i < C_COUNT; i++)
        if (!ins_kernel_counter(m, i, &d->counters[i]))
            d->counters[i] = 0;
    snprintf(d->policy, sizeof d->policy, "%.15s", d->vm.name);
    const struct lens_view *lens = ins_lens(m);
    d->counters_pa = lens ? lens->info->counters_pa : 0;
    d->free_pa = lens ? lens->info->free_pa : 0;
    d->nkernel_kinds = inspect_unmodified_kinds(m, d->kernel_kinds);
    d->silent = d->nkernel_kinds && !inspect_probed(m);
}

/* Reads all data whose reading takes longer with more RAM or processes. */
static void update_whole(struct machine *m, struct ins_display *d)
{
    d->whole = d->serial;
    d->buddy_known = false;
    ins_update_ages(m, d);
    if (inspect_tables_known(m)) {
        ins_update_rows(m, d);
    } else {
        kinds_by_page_tables(m, d);
        ins_update_recount(d);
    }
    ins_update_lit(m, d);
    ins_update_spaces(m, d);
    ins_update_belief(d);
    ins_update_slots(m, d);
}

/* Lists the latest events, unless the running machine has added none. */
static void list_events(struct ins_events *e, struct ins_display *d)
{
    u64 next = d->nevents ? d->events[0].number + 1 : 0;
    if (e && d->running && d->nevents && inspect_events_count(e) == next)
        return;
    d->nevents =
        e ? inspect_events_recent(e, LENS_NO_PFN, d->events, INS_LANE_MAX) : 0;
    d->listed = d->serial;
}

/* Returns the latest process other than the parent that maps the frame; 0:
 * there is none, or the parent no longer maps the frame. */
static u32 child_by(const struct ins_frame *f, u32 parent)
{
    u32 child = 0;
    bool shared = false;
    for (unsigned i = 0; i < f->nptes && i < INS_PTES_MAX; i++) {
        u32 pid = f->ptes[i].pid;
        shared |= pid == parent;
        child = pid != parent && pid > child ? pid : child;
    }
    return shared ? child : 0;
}

/* Only a fork gives frames the event R_COW_SHARE. So the latest event of the
 * caption's frame tells whether a fork shared it, and earlier events tell which
 * other frames that fork shared. */
static void update_forked(struct machine *m, struct ins_display *d)
{
    const struct ins_event *last = NULL;
    d->nforked = 0;
    if (d->running || d->caption_pfn == LENS_NO_PFN)
        return;
    for (unsigned i = 0; i < d->nevents && d->nforked < INS_FORKED; i++) {
        const struct ins_event *e = &d->events[i];
        if (e->cycle > d->caption_cycle || (!last && e->pfn != d->caption_pfn))
            continue;
        last = last ? last : e;
        if (last->reason != R_COW_SHARE ||
            last->cycle - e->cycle > d->clock_hz / 100)
            break;
        if (e->reason == R_COW_SHARE && e->pid == last->pid)
            inspect_frame(m, e->pfn, &d->forked[d->nforked++]);
    }
    d->parent = last ? last->pid : 0;
    d->child = d->nforked ? child_by(d->forked, d->parent) : 0;
    if (!d->child) /* the sharing has ended since */
        d->nforked = 0;
}

static void update_stale(struct machine *m, struct ins_display *d)
{
    const struct ins_stale_use *u =
        m->stale ? inspect_stale_caught(m->stale) : NULL;

    /* The caption counts as about this use if it came within 1000 cycles. */
    d->stale_known = u && u->cycle && !u->by_device && !d->running &&
                     d->caption_cycle - u->cycle < 1000;
    if (!d->stale_known)
        return;
    d->stale = *u;
    inspect_stale_fence(u, d->stale_fence, sizeof d->stale_fence);
    if (!inspect_symbol_at(m, inspect_stale_write(u)->pc, d->stale_by,
                           sizeof d->stale_by))
        snprintf(d->stale_by, sizeof d->stale_by, "0x%llx",
                 inspect_stale_write(u)->pc);
}

void inspect_display_update(struct machine *m, struct ins_events *e,
                            struct ins_display *d, s64 selected_pfn)
{
    u64 began = host_ns();
    if (!d->update) {
        d->update = update_new(d);
        d->of = began;
        inspect_display_blank(d);
        ins_update_recount(d);
    }
    d->serial++;
    if (e)
        inspect_events_tally(e, d->tally);
    update_hart(m, d);
    update_kernel(m, d);
    if (!d->running || began >= d->update->next) {
        update_whole(m, d);
        if (e)
            ins_events_names(e, d);
        u64 now = host_ns();
        d->update->next = now + 60 * (now - began);
    } else {
        ins_update_kinds(m, d);
    }
    memcpy(d->histogram, d->update->kinds, sizeof d->histogram);
    if (!ins_kernel_free(m, &d->free_frames))
        d->free_frames = d->histogram[FS_FREE];
    ins_update_banks(m, d);
    ins_update_sliders(m, d);
    copy_dtlb(m, d);
    d->ndisks = machine_disks(m, d->disks, DISK_SLOTS);
    list_events(e, d);
    d->selected_valid =
        selected_pfn >= 0 && inspect_frame(m, (u64)selected_pfn, &d->selected);
    d->selected_slot =
        d->selected_valid ? ins_frame_slot(m, d->selected.pfn) : INS_NO_SLOT;
    d->selected_block = (struct ins_block){.known = false};
    if (d->selected_valid)
        ins_file_block(m, &d->selected, &d->selected_block);
    d->nbiography = e && d->selected_valid
                        ? inspect_events_recent(e, (u32)selected_pfn,
                                                d->biography, INS_BIOGRAPHY)
                        : 0;
    d->source_valid = false;
    for (unsigned i = 0; i < d->nbiography && !d->source_valid; i++) {
        const struct ins_event *b = &d->biography[i];
        if (b->reason == R_COW_COPY || b->reason == R_FORK_COPY)
            d->source_valid =
                b->source && inspect_frame(m, b->source, &d->source);
    }
    update_forked(m, d);
    update_stale(m, d);
}
