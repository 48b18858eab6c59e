/* SPDX-License-Identifier: MIT */
/* Judges the uses of translations that the page table no longer gives
 * (mmu/stale.c): each is a sin or a window.
 *
 * A kernel may use a TLB entry between its write of the PTE and its flush. So
 * may a program, if the kernel gathers pages and flushes once, as Linux does.
 * Such a use is a window. A use is a sin if no later flush can make it good:
 *
 *   the table names another frame already;
 *   the frame is free, or was free since the write, by the kernel's own tables;
 *   our kernel or xv6 has returned to a program since the write (both always
 *     flush before that);
 *   no kernel's tables are known, so nothing tells when a window ends. */
#include "inspect/events.h"
#include "inspect/internal.h"
#include "inspect/kernel.h"
#include "inspect/stale.h"

#include <stdio.h>
#include <stdlib.h>

struct ins_stale {
    struct machine *m;
    struct ins_events *events;
    bool catch_sins, catch_windows;
    struct stale_observer observer;
    struct ins_stale_use caught;
    struct ins_stale_counts counts;
};

const char *const ins_stale_kinds[STALE_KINDS] = {
    "none",  "invalid",  "frame", "type", "rights",
    "dirty", "accessed", "table", "freed"};

enum { TOLD_WINDOW = 1, TOLD_SIN = 2 };

/* ---- sin or window ---- */

static bool frame_of_ram(const struct machine *m, u64 pa, u64 *pfn)
{
    *pfn = (pa - RAM_BASE) >> PAGE_SHIFT;
    return pa >= RAM_BASE && *pfn < m->ram_bytes >> PAGE_SHIFT;
}

/* Reads the kernel's row of the frame at pa. False: there is none. */
static bool kernel_row(const struct ins_stale *t, u64 pa, u64 *pfn,
                       struct lens_frame *row)
{
    return frame_of_ram(t->m, pa, pfn) && ins_kernel_frame(t->m, *pfn, row);
}

static bool given_away(struct ins_stale *t, const struct stale_use *u,
                       char *why, size_t n)
{
    struct lens_frame row;
    u64 pfn;

    if (!kernel_row(t, u->pa, &pfn, &row))
        return false;
    u64 taken = inspect_events_taken(t->events, (u32)pfn);
    if (row.state == FS_FREE)
        snprintf(why, n, "frame %llu is free", pfn);
    else if (taken > u->by->since)
        snprintf(why, n, "frame %llu was given to another use at cycle %llu",
                 pfn, taken);
    return *why;
}

static bool is_sin(struct ins_stale *t, const struct stale_use *u, char *why,
                   size_t n)
{
    *why = 0;
    if (!inspect_tables_known(t->m))
        snprintf(why, n, "no kernel's tables are known here");
    else if (u->kind == STALE_FRAME)
        snprintf(why, n, "the table names another frame already");
    else if (u->kind == STALE_FREED)
        snprintf(why, n, "the kernel's own tables say that it is free");
    else if (given_away(t, u, why, n))
        ;
    else if ((ins_lens(t->m) || ins_xv6(t->m)) && u->returned)
        snprintf(why, n, "the kernel has returned to a program since");
    if (*why)
        return true;
    snprintf(why, n, "the kernel may still flush");
    return false;
}

/* ---- counting ---- */

static struct ins_stale_row *row_of(struct ins_stale_counts *c, u64 kind,
                                    u64 pc)
{
    for (u32 i = 1; i < c->n; i++)
        if (c->row[i].kind == kind && c->row[i].pc == pc)
            return &c->row[i];
    if (c->n < ARRAY_LEN(c->row))
        c->row[c->n++] = (struct ins_stale_row){.kind = kind, .pc = pc};
    return &c->row[c->n - 1];
}

static void count(struct ins_stale_row *r, u64 length, bool sin, bool first)
{
    r->uses++;
    if (!first)
        return;
    r->sins += sin;
    r->windows += !sin;
    r->longest = length > r->longest ? length : r->longest;
    r->length[63 - __builtin_clzll(length | 1)]++;
}

/* ---- free frames ---- */

static bool is_free(void *opaque, u64 pa)
{
    struct ins_stale *t = opaque;
    struct lens_frame row;
    u64 pfn;

    return kernel_row(t, pa, &pfn, &row) && row.state == FS_FREE;
}

static void on_event(void *opaque, const struct ins_event *e)
{
    struct ins_stale *t = opaque;

    if (e->to == FS_FREE && e->pfn != LENS_NO_PFN)
        stale_frame_freed(&t->m->mmu, RAM_BASE + ((u64)e->pfn << PAGE_SHIFT));
}

static void on_dma(void *opaque, u64 pa, u64 bytes, bool write)
{
    struct ins_stale *t = opaque;
    u64 at = pa;

    while (at < pa + bytes && !is_free(t, at))
        at = (at & ~(PAGE_BYTES - 1)) + PAGE_BYTES;
    if (at >= pa + bytes)
        return;
    t->caught = (struct ins_stale_use){
        .sin = true, .by_device = true, .cycle = machine_now(t->m)};
    t->caught.use.kind = STALE_FREED;
    t->caught.use.access = write ? ACC_STORE : ACC_LOAD;
    t->caught.use.pa = at;
    engine_stop_stale(t->m->engine);
}

static void stale_use(void *opaque, const struct stale_use *u)
{
    struct ins_stale *t = opaque;
    struct ins_stale_use now = {.use = *u,
                                .from = *u->from,
                                .by = *u->by,
                                .cycle = machine_now(t->m),
                                .pid = ins_current_pid(t->m)};

    now.sin = is_sin(t, u, now.why, sizeof now.why);
    u8 told = now.sin ? TOLD_SIN : TOLD_WINDOW;
    bool first = !(u->by->told & told);
    u->by->told |= told;
    u64 since = u->by->since ? u->by->since : now.cycle; /* 0: no write */
    u64 pc = inspect_stale_write(&now)->pc;
    count(&t->counts.row[0], now.cycle - since, now.sin, first);
    count(row_of(&t->counts, u->kind, pc), now.cycle - since, now.sin, first);
    if (!first || !(u->kind == STALE_FREED ? t->observer.asks_freed
                    : now.sin              ? t->catch_sins
                                           : t->catch_windows))
        return;
    t->caught = now;
    engine_stop_stale(t->m->engine);
}

/* ---- answers ---- */

const struct ins_stale_use *inspect_stale_caught(const struct ins_stale *t)
{
    return &t->caught;
}

const struct ins_stale_counts *inspect_stale_counts(const struct ins_stale *t)
{
    return &t->counts;
}

u64 inspect_stale_median(const struct ins_stale_row *r)
{
    double half = (double)(r->windows + r->sins) / 2;

    for (unsigned k = 0; k < ARRAY_LEN(r->length); half -= r->length[k++])
        if (half > 0 && r->length[k] >= half) /* interpolates */
            return (u64)((double)(1ull << k) * (1 + half / r->length[k]));
    return 0;
}

static const char *access_word(enum access a)
{
    return a == ACC_FETCH ? "fetch" : a == ACC_LOAD ? "load" : "store";
}

void inspect_stale_words(struct machine *m, const struct ins_stale_use *u,
                         char *buf, size_t n)
{
    static const char *const table[STALE_KINDS] = {
        [STALE_INVALID] = "the page table no longer maps the page",
        [STALE_TYPE] = "the page table gives it another memory type",
        [STALE_RIGHTS] = "the page table forbids it",
        [STALE_DIRTY] = "D is clear in the page table and stays so",
        [STALE_ACCESSED] = "A is clear in the page table and stays so",
        [STALE_FREED] = "the page table still names it"};
    u64 pfn;
    if (u->by_device) {
        frame_of_ram(m, u->use.pa, &pfn);
        append(buf, n, 0, "a device %s frame %llu, which is free",
               u->use.access == ACC_STORE ? "writes into" : "reads", pfn);
        return;
    }
    size_t at = append(buf, n, 0, "%s%s at 0x%llx",
                       u->use.kind == STALE_FREED ? "" : "stale ",
                       access_word(u->use.access), u->use.va);

    if (u->pid)
        at = append(buf, n, at, " by pid %u", u->pid);
    if (u->use.kind == STALE_TABLE) {
        at = append(buf, n, at,
                    ": the walker's cache led it to a table that is no longer "
                    "there");
    } else {
        if (frame_of_ram(m, u->use.pa, &pfn))
            at = append(buf, n, at, " in frame %llu", pfn);
        if (u->use.kind != STALE_FRAME)
            at = append(buf, n, at, ": %s", table[u->use.kind]);
        else if (frame_of_ram(m, u->use.pa_now, &pfn))
            at = append(buf, n, at, ": the page table names frame %llu", pfn);
    }
    append(buf, n, at, "; a %s: %s", u->sin ? "sin" : "window", u->why);
}

void inspect_stale_fence(const struct ins_stale_use *u, char *buf, size_t n)
{
    const struct stale_source *from = &u->from;
    size_t at = append(buf, n, 0, "sfence.vma ");

    /* a fence for an address orders only leaf PTE reads (privileged, 4.2.1) */
    if (u->by.pointer || from->moved)
        at = append(buf, n, at, "zero");
    else
        at = append(buf, n, at, "0x%llx", u->use.va & ~(PAGE_BYTES - 1));
    if (from->pte & PTE_G)
        append(buf, n, at, ", zero");
    else
        append(buf, n, at, ", %u", from->asid);
}

/* ---- begin, end ---- */

void inspect_stale_past(struct machine *m, struct state *s)
{
    struct ins_stale_counts none = {.n = 1};
    struct ins_stale_counts *c = m->stale ? &m->stale->counts : &none;

    stale_state(&m->mmu, s);
    state_vals(s, c->permitted, c->n);
    state_check(s, c->n - 1 < ARRAY_LEN(c->row), "stale uses");
    if (!state_error(s))
        state_bytes(s, c->row, c->n * sizeof *c->row);
    for (u32 i = 0; !state_error(s) && i < c->n; i++)
        state_check(s, c->row[i].kind < STALE_KINDS, "stale uses");
    if (state_error(s))
        c->n = 1;
}

struct ins_stale *inspect_stale_open(struct machine *m,
                                     struct ins_events *events)
{
    struct ins_stale *t = xcalloc(1, sizeof *t);

    t->m = m;
    t->events = events;
    t->observer = (struct stale_observer){t, stale_use, is_free,
                                          &t->counts.permitted, false};
    return t;
}

void inspect_stale_close(struct ins_stale *t)
{
    inspect_stale_follow(t, false);
    free(t); /* no event comes any more, so on_event is not called */
}

void inspect_stale_follow(struct ins_stale *t, bool on)
{
    if (on == (t->m->stale != NULL))
        return;
    engine_follow_translations(t->m->engine, on ? &t->observer : NULL);
    t->m->stale = on ? t : NULL;
    t->counts = (struct ins_stale_counts){.since = machine_now(t->m), .n = 1};
}

void inspect_stale_catch(struct ins_stale *t, bool sins, bool windows)
{
    t->catch_sins = sins;
    t->catch_windows = windows;
}

void inspect_stale_catch_freed(struct ins_stale *t, bool on)
{
    if (on == t->observer.asks_freed)
        return;
    t->observer.asks_freed = on;
    machine_on_dma(t->m, on ? on_dma : NULL, t);
    if (on)
        inspect_events_follow(t->events, on_event, t);
    else
        inspect_events_unfollow(t->events, t);
}
