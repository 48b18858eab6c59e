/* SPDX-License-Identifier: MIT */
/* A policy's belief about each page (ins_believed), compared with the machine's
 * own record of the page's use (engine_last_use, exact to a ms).
 *
 *     look          T later
 *      |-------------|-------------|----
 *      cold: used meanwhile?   an error: it would have been taken in use
 *      hot:  not used?         an error: memory that others could have had
 *      taken, or put on a list of free pages that are still known: wanted
 *      again within T?   regret
 *
 * While the hart sleeps nothing is used and nothing believed anew: of the looks
 * that fall into one sleep, the last one alone is taken, when the hart wakes.
 *
 * A page that leaves between two looks (its process ends, it is taken) counts
 * by its use until then; what is taken and wanted again is regret alone.
 *
 * Beside it a sampler of reference bits, as Linux's DAMON has one (mm/damon,
 * 5.15, vaddr and paddr: of each region one page, by lot, is looked at every 5
 * ms; a region that was met used within 100 ms is the working set's), with
 * regions of one fixed size: DAMON's merging and splitting are left out. */
#include "inspect/internal.h"
#include "inspect/truth.h"
#include "machine_history.h"

#include <stdlib.h>

#define TICK_MS 5u
#define REGIONS 1000u /* at most, as DAMON's max_nr_regions */
static const u32 horizon_ms[INS_HORIZONS] = {10, 100, 1000};
#define SAMPLED 1 /* the horizon of the sampler: its aggregation interval */

struct victim {
    u64 page;  /* 0: none */
    u64 cycle; /* when it was taken */
};

struct ins_truth_log {
    struct machine *m;
    struct ins_events *events;
    u64 nframes, latest;        /* latest: the last tick's cycle */
    u8 *believed[INS_HORIZONS]; /* enum ins_believed, at the latest look */
    u32 since[INS_HORIZONS];    /* the epoch in which that was; 0: none yet */
    struct ins_truth is;
    u8 *accessed;   /* by frame, at the latest look at PTEs */
    u64 *file_page; /* that the frame has; 0: none */
    struct {
        u64 pfn, cycle;
        bool wanted;
    } arrived;              /* by the event before; pfn nframes: nothing */
    struct victim *victims; /* a hash by page, half empty */
    u64 room, nvictims;
    /* the sampler */
    u64 region_frames, nregions, lot;
    u32 ticked; /* the epoch of the last tick; 0: none */
    u64 left;   /* pages used since the latest look, and gone since */
    u32 *probe; /* of each region, the page that is looked at */
    u8 *met;
};

/* ---- pages that were taken ---------------------------------------------- */

#define ANON_PAGE (1ull << 63)

/* The page that the event's frame has, or had: its slot in swap, or the file's
 * number and the page in it. 0: neither is known. */
static u64 page_of(const struct ins_truth_log *t, const struct ins_event *ev)
{
    return ev->slot && ev->slot != INS_NO_SLOT ? ANON_PAGE | ev->slot
                                               : t->file_page[ev->pfn];
}

/* A frame's row tells its file only after the event of its coming, and no
 * longer at the event of its going. */
static void keep_file(struct ins_truth_log *t, u64 pfn)
{
    struct lens_frame f = {0};
    if (pfn < t->nframes && ins_kernel_frame(t->m, pfn, &f) && f.object)
        t->file_page[pfn] = (f.object & 0x7fffffff) << 32 | (u32)f.index;
}

static struct victim *place(const struct ins_truth_log *t, u64 page)
{
    u64 i = page * 0x9e3779b97f4a7c15ull >> 20 & (t->room - 1);
    while (t->victims[i].page && t->victims[i].page != page)
        i = (i + 1) & (t->room - 1);
    return &t->victims[i];
}

/* Into a table of that size, without those that no horizon asks for. */
static void rehash(struct ins_truth_log *t, u64 room)
{
    struct victim *old = t->victims;
    u64 had = t->room, now = t->m->hart.cycle;
    u64 longest = t->is.horizon[INS_HORIZONS - 1].cycles;
    t->room = room;
    t->nvictims = 0;
    t->victims = xcalloc(room, sizeof *t->victims);
    for (u64 i = 0; i < had; i++)
        if (old[i].page && now - old[i].cycle <= longest) {
            *place(t, old[i].page) = old[i];
            t->nvictims++;
        }
    free(old);
}

static void taken(struct ins_truth_log *t, u64 page)
{
    struct victim *v = place(t, page);
    t->is.victims++;
    if (!v->page && ++t->nvictims > t->room / 2) {
        rehash(t, t->room);
        if (t->nvictims > t->room / 4)
            rehash(t, 2 * t->room);
        t->nvictims++;
        v = place(t, page);
    }
    *v = (struct victim){page, t->m->hart.cycle};
}

static void wanted(struct ins_truth_log *t, u64 page, u64 cycle)
{
    struct victim *v = place(t, page);
    if (!v->page || v->cycle == NEVER)
        return;
    for (unsigned h = 0; h < INS_HORIZONS; h++)
        t->is.horizon[h].regretted +=
            cycle - v->cycle <= t->is.horizon[h].cycles;
    v->cycle = NEVER; /* it stays in the table: others lie behind it */
}

/* ---- belief ------------------------------------------------------------- */

static void judge(struct ins_truth_log *t, unsigned h, u64 pfn)
{
    struct ins_horizon *z = &t->is.horizon[h];
    bool used = engine_last_use(t->m->engine)[pfn] >= t->since[h];
    if (t->believed[h][pfn] == COLD)
        z->cold++, z->cold_used += used;
    else if (t->believed[h][pfn] == HOT)
        z->hot++, z->hot_idle += !used;
    t->believed[h][pfn] = NO_BELIEF;
}

/* That engine_last_use counts in: milliseconds, from 1 on. */
static u32 epoch_of(const struct machine *m, u64 cycle)
{
    u64 per_ms = m->clock_hz / 1000 ? m->clock_hz / 1000 : 1;
    return (u32)(cycle / per_ms + 1);
}

struct accessed {
    struct ins_truth_log *t;
    u64 budget;
};

static void on_leaf(void *opaque, const struct ins_leaf *l)
{
    struct accessed *a = opaque;
    ins_accessed_leaf(l, a->t->accessed, a->t->nframes);
}

static void on_space(void *opaque, const struct lens_proc *p)
{
    struct accessed *a = opaque;
    struct tree_visit v = {.leaf = on_leaf, .opaque = a, .budget = a->budget};
    ins_tree(a->t->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
    a->budget = v.budget;
}

/* Frames that a PTE has marked, where the policy has no lists. */
static void look_at_ptes(struct ins_truth_log *t)
{
    struct accessed a = {t, ins_table_budget(t->m)};
    memset(t->accessed, 0, t->nframes);
    ins_spaces(t->m, on_space, &a);
}

static void look(struct ins_truth_log *t, unsigned h, u64 moment)
{
    struct ins_policy policy;
    u64 have, stride, n = t->nframes;
    const u8 *row = ins_kernel_rows(t->m, 0, t->nframes, &have, &stride);
    struct lens_frame f;
    for (u64 i = 0; t->since[h] && i < n; i++)
        judge(t, h, i);
    t->is.horizon[h].looks += t->since[h] != 0;
    if (!row || !inspect_policy(t->m, &policy))
        return;
    bool lists = policy.notions >> NOTION_LISTS & 1;
    if (!lists)
        look_at_ptes(t);
    for (u64 i = 0; i < n && i < have; i++) {
        memcpy(&f, row + i * stride, sizeof f);
        t->believed[h][i] =
            ins_believed(f.state, f.flags, lists, t->accessed[i]);
    }
    t->since[h] = epoch_of(t->m, moment);
}

/* ---- the sampler -------------------------------------------------------- */

static bool used_since(struct ins_truth_log *t, u64 pfn, u32 epoch)
{
    struct lens_frame f;
    return engine_last_use(t->m->engine)[pfn] >= epoch &&
           ins_kernel_frame(t->m, pfn, &f) && ins_takable(f.state);
}

static void working_set(struct ins_truth_log *t, u32 since)
{
    struct ins_working_set *w = &t->is.working_set;
    w->truth = t->left;
    w->sampled = t->left = 0;
    for (u64 i = 0; i < t->nframes; i++)
        w->truth += used_since(t, i, since);
    for (u64 r = 0; r < t->nregions; r++) {
        u64 left = t->nframes - r * t->region_frames;
        if (t->met[r])
            w->sampled += left < t->region_frames ? left : t->region_frames;
        t->met[r] = 0;
    }
    w->looks++;
    w->truth_sum += w->truth;
    w->sampled_sum += w->sampled;
}

static void sample(struct ins_truth_log *t)
{
    for (u64 r = 0; r < t->nregions; r++) {
        u64 first = r * t->region_frames, left = t->nframes - first;
        if (t->ticked && used_since(t, first + t->probe[r], t->ticked))
            t->met[r] = 1;
        t->lot = t->lot * 6364136223846793005ull + 1442695040888963407ull;
        t->probe[r] =
            (u32)((t->lot >> 33) %
                  (left < t->region_frames ? left : t->region_frames));
    }
    t->ticked = epoch_of(t->m, t->m->hart.cycle);
}

/* ---- what it hears ------------------------------------------------------ */

static void tick(void *opaque)
{
    struct ins_truth_log *t = opaque;
    u64 now = t->m->hart.cycle;
    if (history_repeats(t->m) || !ins_lens(t->m))
        return;
    if (now < t->latest) { /* somewhere in the past: begin anew */
        memset(t->since, 0, sizeof t->since);
        t->latest = 0;
    }
    u32 before = t->since[SAMPLED];
    sample(t);
    for (unsigned h = 0; h < INS_HORIZONS; h++) {
        u64 length = t->is.horizon[h].cycles, moment = now / length * length;
        if (moment <= t->latest)
            continue;
        if (h == SAMPLED && before)
            working_set(t, before);
        look(t, h, moment);
    }
    t->latest = now;
}

/* Now the row of the frame of the event before is complete. */
static void settle(struct ins_truth_log *t)
{
    u64 pfn = t->arrived.pfn;
    if (pfn == t->nframes)
        return;
    keep_file(t, pfn);
    if (t->arrived.wanted && t->file_page[pfn])
        wanted(t, t->file_page[pfn], t->arrived.cycle);
    t->arrived.pfn = t->nframes;
}

/* A page has come because somebody wants it, not ahead of that. */
static bool asks(u8 reason)
{
    return reason == R_SWAP_IN || reason == R_PAGE_IN ||
           reason == R_FILE_READ || reason == R_CACHE_FOUND;
}

static void on_event(void *opaque, const struct ins_event *ev)
{
    struct ins_truth_log *t = opaque;
    bool had = ins_takable(ev->from), has = ins_takable(ev->to);
    bool cached = ev->reason == R_CACHED || ev->reason == R_FREE_BEHIND;
    u64 page;
    if (ev->pfn >= t->nframes || history_repeats(t->m))
        return;
    settle(t);
    keep_file(t, ev->pfn);
    page = page_of(t, ev);
    if (has && asks(ev->reason) && page)
        wanted(t, page, ev->cycle);
    else if (has && !had) {
        t->arrived.pfn = ev->pfn;
        t->arrived.cycle = ev->cycle;
        t->arrived.wanted = asks(ev->reason);
    }
    if (!cached && (!had || has))
        return;
    for (unsigned h = 0; h < INS_HORIZONS; h++)
        judge(t, h, ev->pfn);
    t->left += !cached && t->since[SAMPLED] &&
               engine_last_use(t->m->engine)[ev->pfn] >= t->since[SAMPLED];
    if (page && (cached || ev->reason == R_RECLAIM))
        taken(t, page);
    if (!has)
        t->file_page[ev->pfn] = 0;
}

/* ---- life --------------------------------------------------------------- */

struct ins_truth_log *inspect_truth_open(struct machine *m,
                                         struct ins_events *events)
{
    struct ins_truth_log *t = xcalloc(1, sizeof *t);
    u64 per_ms = m->clock_hz / 1000 ? m->clock_hz / 1000 : 1;
    t->m = m;
    t->events = events;
    t->nframes = ins_nframes(m);
    t->lot = 1;
    t->region_frames = (t->nframes + REGIONS - 1) / REGIONS;
    t->nregions = (t->nframes + t->region_frames - 1) / t->region_frames;
    t->probe = xcalloc(t->nregions, sizeof *t->probe);
    t->met = xcalloc(t->nregions, 1);
    for (unsigned h = 0; h < INS_HORIZONS; h++) {
        t->is.horizon[h].ms = horizon_ms[h];
        t->is.horizon[h].cycles = horizon_ms[h] * per_ms;
        t->believed[h] = xcalloc(t->nframes, 1);
    }
    t->accessed = xcalloc(t->nframes, 1);
    t->file_page = xcalloc(t->nframes, sizeof *t->file_page);
    t->arrived.pfn = t->nframes;
    rehash(t, 1024);
    machine_on_clock(m, CLOCK_TRUTH, TICK_MS * per_ms, tick, t);
    inspect_events_follow(events, on_event, t);
    return t;
}

const struct ins_truth *inspect_truth(const struct ins_truth_log *t)
{
    return t ? &t->is : NULL;
}

void inspect_truth_stop(struct ins_truth_log *t)
{
    if (!t || !t->events)
        return;
    machine_on_clock(t->m, CLOCK_TRUTH, 0, NULL, NULL);
    inspect_events_unfollow(t->events, t);
    t->events = NULL;
}

void inspect_truth_close(struct ins_truth_log *t)
{
    if (!t)
        return;
    inspect_truth_stop(t);
    for (unsigned h = 0; h < INS_HORIZONS; h++)
        free(t->believed[h]);
    free(t->accessed);
    free(t->file_page);
    free(t->victims);
    free(t->probe);
    free(t->met);
    free(t);
}
