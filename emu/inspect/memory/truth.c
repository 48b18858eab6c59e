/* SPDX-License-Identifier: MIT */
/* Compares a policy's belief about each page (ins_believed) with the machine's
 * own record of the page's use (engine_last_use, exact to a ms). For each of
 * three periods T, a look every T notes all beliefs, and the next judges them:
 *
 *     look          T later
 *      |-------------|-------------|----
 *      cold, and used meanwhile   an error: a page in use would be taken
 *      hot, and not used          an error: memory that others could have had
 *      a victim, wanted within T  regret
 *
 * A victim is a page that was taken, or put on a list of free pages that keep
 * their contents.
 *
 * While the hart sleeps, no page is used and no belief changes: of the looks
 * that are due in one sleep only the last is taken, when the hart wakes.
 *
 * A page that leaves its frame between two looks (its process ends, or the page
 * is taken) is judged by its use until then. If a victim is used again later,
 * that is regret, and not also an error.
 *
 * The sums go back in time with the machine, and count again while the machine
 * repeats its past. They are not saved: counting begins anew at a load.
 *
 * In addition, a sampler of reference bits runs like Linux's DAMON (mm/damon,
 * vaddr of 5.15, paddr of 5.16): every 5 ms it checks one page of each region,
 * drawn by lot; a region belongs to the working set if one of its checks within
 * 100 ms found the page used. Regions have one fixed size: DAMON's merging and
 * splitting are left out. */
#include "inspect/events.h"
#include "inspect/internal.h"
#include "inspect/policy.h"
#include "inspect/truth.h"
#include "history/history.h"

#include <stdlib.h>

#define TICK_MS 5u
#define REGIONS 1000u /* at most, as DAMON's max_nr_regions */
static const u32 horizon_ms[INS_HORIZONS] = {10, 100, 1000};
#define SAMPLED 1 /* index of the sampler's aggregation interval */

struct victim {
    u64 page;   /* 0: none */
    u64 cycle;  /* when it was taken */
    u64 number; /* among all victims */
};

struct ins_truth_log {
    struct machine *m;
    struct ins_events *events;
    u32 life; /* changes at a load or a reset */
    u64 nframes;
    /* visit() treats the fields from here to `believed` as one block. */
    struct ins_truth is;
    u64 latest;              /* the last tick's cycle */
    u64 since[INS_HORIZONS]; /* the epoch of the latest look; 0: none yet */
    struct {
        u64 pfn, cycle;
        bool wanted;
    } arrived; /* the frame that the previous event filled; pfn nframes: none */
    u64 nvictims, lot;
    u64 ticked; /* the epoch of the last tick; 0: none */
    u64 left;   /* pages used, then gone, since the latest SAMPLED look */
    u8 *believed[INS_HORIZONS]; /* enum ins_believed, at the latest look */
    u8 *accessed;               /* by frame, at the latest look at PTEs */
    u64 *file_page; /* by frame: its file's and page's number; 0: none */
    struct victim *victims; /* a hash table by page, at least half empty */
    u64 room;
    /* the sampler */
    u64 region_frames, nregions;
    u32 *probe; /* by region: the next page to check */
    u8 *met;    /* by region: a checked page was in use */
};

/* ---- pages that were taken ---------------------------------------------- */

#define ANON_PAGE (1ull << 63)

/* Identifies the page that the event's frame holds or held: by its slot in
 * swap, or by its file's number and its place in the file. 0: not known. */
static u64 page_of(const struct ins_truth_log *t, const struct ins_event *ev)
{
    return ev->slot && ev->slot != INS_NO_SLOT ? ANON_PAGE | ev->slot
                                               : t->file_page[ev->pfn];
}

/* Keeps the numbers of a frame's file and page. The frame's row gets them after
 * the event of the page's arrival, and loses them before the event of its
 * leaving. */
static void keep_file(struct ins_truth_log *t, u64 pfn)
{
    struct lens_frame f = {0};
    if (pfn < t->nframes && ins_kernel_frame(t->m, pfn, &f) && f.object)
        t->file_page[pfn] = (f.object & 0x7fffffff) << 32 | (u32)f.index;
}

static struct victim *victim_slot(const struct ins_truth_log *t, u64 page)
{
    u64 i = page * 0x9e3779b97f4a7c15ull >> 20 & (t->room - 1);
    while (t->victims[i].page && t->victims[i].page != page)
        i = (i + 1) & (t->room - 1);
    return &t->victims[i];
}

/* True if, since the victim was taken, at most 2^turn pages for each frame of
 * memory were taken. */
static bool within_turn(const struct ins_truth_log *t, const struct victim *v,
                        unsigned turn)
{
    return t->is.victims - v->number <= t->nframes << turn;
}

/* Moves the victims that may still count to a table of `room` entries. */
static void rehash(struct ins_truth_log *t, u64 room)
{
    struct victim *old = t->victims;
    u64 had = t->room, now = machine_now(t->m);
    u64 longest = t->is.horizon[INS_HORIZONS - 1].cycles;
    t->room = room;
    t->nvictims = 0;
    t->victims = xcalloc(room, sizeof *t->victims);
    for (u64 i = 0; i < had; i++)
        if (old[i].page && (now - old[i].cycle <= longest ||
                            within_turn(t, &old[i], INS_TURNS - 1))) {
            *victim_slot(t, old[i].page) = old[i];
            t->nvictims++;
        }
    free(old);
}

static void note_victim(struct ins_truth_log *t, u64 page)
{
    struct victim *v = victim_slot(t, page);
    t->is.victims++;
    if (!v->page && ++t->nvictims > t->room / 2) {
        rehash(t, t->room);
        if (t->nvictims > t->room / 4)
            rehash(t, 2 * t->room);
        t->nvictims++;
        v = victim_slot(t, page);
    }
    *v = (struct victim){page, machine_now(t->m), t->is.victims};
}

static void note_wanted(struct ins_truth_log *t, u64 page, u64 cycle)
{
    struct victim *v = victim_slot(t, page);
    if (!v->page || v->cycle == NEVER)
        return;
    for (unsigned h = 0; h < INS_HORIZONS; h++)
        t->is.horizon[h].regretted +=
            cycle - v->cycle <= t->is.horizon[h].cycles;
    for (unsigned turn = 0; turn < INS_TURNS; turn++)
        t->is.turned[turn] += within_turn(t, v, turn);
    v->cycle = NEVER; /* the entry stays, for searches that pass it */
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

/* Returns a cycle's epoch, the unit of engine_last_use: the ms, from 1 on. */
static u64 epoch_of(const struct machine *m, u64 cycle)
{
    u64 per_ms = cycles_per_ms(m->clock_hz);
    return cycle / per_ms + 1;
}

struct accessed {
    struct ins_truth_log *t;
    u64 budget;
};

static void mark_accessed(void *opaque, const struct ins_leaf *l)
{
    struct accessed *a = opaque;
    ins_accessed_leaf(l, a->t->accessed, a->t->nframes);
}

static void mark_accessed_space(void *opaque, const struct lens_proc *p)
{
    struct accessed *a = opaque;
    struct tree_visit v = {
        .leaf = mark_accessed, .opaque = a, .budget = a->budget};
    ins_tree(a->t->m, p->satp, TREE_USER_FIRST, TREE_USER_LAST, &v);
    a->budget = v.budget;
}

/* Reads the A bits, for a policy without lists. */
static void look_at_ptes(struct ins_truth_log *t)
{
    struct accessed a = {t, ins_table_budget(t->m)};
    memset(t->accessed, 0, t->nframes);
    ins_spaces(t->m, mark_accessed_space, &a);
}

static void take_look(struct ins_truth_log *t, unsigned h, u64 moment)
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

static bool used_since(struct ins_truth_log *t, u64 pfn, u64 epoch)
{
    struct lens_frame f;
    return engine_last_use(t->m->engine)[pfn] >= epoch &&
           ins_kernel_frame(t->m, pfn, &f) && ins_takable(f.state);
}

static void sum_working_set(struct ins_truth_log *t, u64 since)
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

static void sample_regions(struct ins_truth_log *t)
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
    t->ticked = epoch_of(t->m, machine_now(t->m));
}

/* ---- the machine's life and its past ---- */

/* Visits all fields that go back with the machine; s NULL: sets them to 0. */
static void visit(struct ins_truth_log *t, struct state *s)
{
    const struct {
        void *at;
        size_t n;
    } part[] = {{&t->is, (size_t)((char *)t->believed - (char *)&t->is)},
                {t->victims, t->room * sizeof *t->victims},
                {t->believed[0], INS_HORIZONS * t->nframes},
                {t->file_page, t->nframes * sizeof *t->file_page},
                {t->probe, t->nregions * sizeof *t->probe},
                {t->met, t->nregions}};
    for (unsigned i = 0; i < ARRAY_LEN(part); i++)
        s ? state_bytes(s, part[i].at, part[i].n)
          : (void)memset(part[i].at, 0, part[i].n);
}

static u32 life_of(const struct machine *m)
{
    return m->loads + m->resets;
}

/* Counts from 0 if another machine was loaded or the machine was reset. */
static void begin_life(struct ins_truth_log *t)
{
    u64 per_ms = cycles_per_ms(t->m->clock_hz);
    if (t->life == life_of(t->m))
        return;
    t->life = life_of(t->m);
    visit(t, NULL);
    t->lot = 1;
    t->arrived.pfn = t->nframes;
    t->is.began = machine_now(t->m);
    for (unsigned h = 0; h < INS_HORIZONS; h++) {
        t->is.horizon[h].ms = horizon_ms[h];
        t->is.horizon[h].cycles = horizon_ms[h] * per_ms;
    }
}

static void truth_past(void *opaque, struct state *s)
{
    struct ins_truth_log *t = opaque;
    u64 room = t->room;
    if (!state_loading(s) && t->events)
        begin_life(t);
    state_val(s, room);
    if (room != t->room)
        t->victims = xrealloc(t->victims, room * sizeof *t->victims);
    t->room = room;
    visit(t, s);
    t->life = life_of(t->m);
}

/* ---- clock and events --------------------------------------------------- */

static void truth_tick(void *opaque)
{
    struct ins_truth_log *t = opaque;
    u64 now = machine_now(t->m);
    begin_life(t);
    if (!ins_lens(t->m))
        return;
    u64 before = t->since[SAMPLED];
    sample_regions(t);
    for (unsigned h = 0; h < INS_HORIZONS; h++) {
        u64 length = t->is.horizon[h].cycles, moment = now / length * length;
        if (moment <= t->latest)
            continue;
        if (h == SAMPLED && before)
            sum_working_set(t, before);
        take_look(t, h, moment);
    }
    t->latest = now;
}

/* Completes the previous event: by now its frame's row is complete. */
static void settle_arrival(struct ins_truth_log *t)
{
    u64 pfn = t->arrived.pfn;
    if (pfn == t->nframes)
        return;
    keep_file(t, pfn);
    if (t->arrived.wanted && t->file_page[pfn])
        note_wanted(t, t->file_page[pfn], t->arrived.cycle);
    t->arrived.pfn = t->nframes;
}

/* True if the page was fetched on demand, or found in memory when wanted. */
static bool on_demand(u8 reason)
{
    return reason == R_SWAP_IN || reason == R_SWAP_MAP || reason == R_PAGE_IN ||
           reason == R_FILE_READ || reason == R_CACHE_FOUND;
}

static void truth_event(void *opaque, const struct ins_event *ev)
{
    struct ins_truth_log *t = opaque;
    bool had = ins_takable(ev->from), has = ins_takable(ev->to);
    bool cached = ev->reason == R_CACHED || ev->reason == R_FREE_BEHIND;
    u64 page;
    begin_life(t);
    if (ev->pfn >= t->nframes)
        return;
    settle_arrival(t);
    keep_file(t, ev->pfn);
    page = page_of(t, ev);
    if (has && on_demand(ev->reason) && page)
        note_wanted(t, page, ev->cycle);
    else if (has && !had) {
        t->arrived.pfn = ev->pfn;
        t->arrived.cycle = ev->cycle;
        t->arrived.wanted = on_demand(ev->reason);
    }
    if (!cached && (!had || has))
        return;
    for (unsigned h = 0; h < INS_HORIZONS; h++)
        judge(t, h, ev->pfn);
    t->left += !cached && t->since[SAMPLED] &&
               engine_last_use(t->m->engine)[ev->pfn] >= t->since[SAMPLED];
    if (page && (cached || ev->reason == R_RECLAIM))
        note_victim(t, page);
    if (!has)
        t->file_page[ev->pfn] = 0;
}

/* ---- life --------------------------------------------------------------- */

struct ins_truth_log *inspect_truth_open(struct machine *m,
                                         struct ins_events *events)
{
    struct ins_truth_log *t = xcalloc(1, sizeof *t);
    u64 per_ms = cycles_per_ms(m->clock_hz);
    t->m = m;
    t->events = events;
    t->nframes = ins_nframes(m);
    t->region_frames = (t->nframes + REGIONS - 1) / REGIONS;
    t->nregions = (t->nframes + t->region_frames - 1) / t->region_frames;
    t->probe = xcalloc(t->nregions, sizeof *t->probe);
    t->met = xcalloc(t->nregions, 1);
    t->believed[0] = xcalloc(INS_HORIZONS * t->nframes, 1);
    for (unsigned h = 1; h < INS_HORIZONS; h++)
        t->believed[h] = t->believed[0] + h * t->nframes;
    t->accessed = xcalloc(t->nframes, 1);
    t->file_page = xcalloc(t->nframes, sizeof *t->file_page);
    rehash(t, 1024);
    t->life = life_of(m) - 1;
    begin_life(t);
    history_also(m->past, truth_past, t);
    machine_on_clock(m, CLOCK_TRUTH, TICK_MS * per_ms, truth_tick, t);
    inspect_events_follow(events, truth_event, t);
    return t;
}

const struct ins_truth *inspect_truth(struct ins_truth_log *t)
{
    if (t && t->events)
        begin_life(t);
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
    free_all(t->believed[0], t->accessed, t->file_page, t->victims, t->probe,
             t->met, t);
}
