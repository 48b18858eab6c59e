/* SPDX-License-Identifier: MIT */
#include "tools/vmsim/seam.h"

#include "base/base.h"
#include "vm/framelist.h"
#include "vm/shadow.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECT_SHIFT 20
/* A fault gets no frame if it has waited for STEPS_MOST steps of threads, or if
 * threads have called policy_hopeless HOPELESS_MOST times. */
#define STEPS_MOST    4096
#define HOPELESS_MOST 8

struct frame {
    uint64_t page;
    enum policy_kind kind; /* KIND_NONE: free */
    bool used, dirty, mapped, cached;
    bool unwritten; /* no store since it came or was unmapped: slot is valid */
    bool was_dirty; /* when take() began to take the page */
    uint8_t sent;   /* 1: to its pager, 2: to the default pager; both take it
                     * before the next reference */
};

static const struct policy_ops *policy;
static struct frame *frames;
static struct frame_entry *entries;
static enum policy_list_kind kinds[POLICY_LISTS + 1];
static unsigned nlists; /* that the policy declares */
static struct shadow_memory shadows;
static uint32_t nframes, *bucket, *chain, buckets; /* hash of pages */
static uint64_t nfree, ncached, now, last_page, scanned;
static struct sim_stats stats;
static uint64_t counters[C_COUNT];
static struct policy_levels levels;
static struct {
    uint64_t due;
    uint32_t wake;
    bool kick;
} threads[POLICY_THREADS];
static bool thread_runs;
static unsigned hopeless;    /* calls of policy_hopeless in this wait */
static uint64_t rng;         /* of policy_draw */
static uint32_t lowest_free; /* no frame below it is free */
static bool any_sent;        /* some frame may be `sent` */
static void (*watch)(uint64_t page, bool dirty);
static int take(uint32_t f);

static int64_t tunables[TUN_COUNT];
static const int64_t presets[TUN_COUNT] = {
#define TUNABLE(id, name, preset, min, max, unit, origin) [TUN_##id] = preset,
#include "abi/tunables.def"
};

void sim_end(void)
{
    free_all(frames, entries, shadows.entries, shadows.tags, shadows.links,
             bucket, chain);
    frames = NULL;
    entries = NULL;
    shadows = (struct shadow_memory){0};
    bucket = chain = NULL;
}

/* Sets the marks as the kernel does for a single zone (zones_set_marks). */
static void set_marks(uint64_t n, struct policy_levels *out)
{
    const uint64_t present[POLICY_ZONES] = {[ZONE_NORMAL] = n};
    struct policy_zone_marks marks[POLICY_ZONES] = {0};
    if (policy->zone_marks)
        policy->zone_marks(present, marks);
    else
        policy->set_marks(n, &marks[ZONE_NORMAL].levels);
    *out = marks[ZONE_NORMAL].levels;
}

void sim_start(const struct policy_ops *ops, uint32_t n)
{
    sim_end();
    assert(n);
    policy = ops;
    nframes = n;
    for (buckets = 1; buckets < n; buckets *= 2)
        ;
    frames = xcalloc(1, n * sizeof *frames);
    entries = xcalloc(1, n * sizeof *entries);
    bucket = xcalloc(1, buckets * sizeof *bucket);
    chain = xcalloc(1, n * sizeof *chain);
    memset(bucket, 0xff, buckets * sizeof *bucket);
    memset(counters, 0, sizeof counters);
    memset(threads, 0, sizeof threads);
    memset(kinds, 0, sizeof kinds);
    memcpy(tunables, presets, sizeof tunables);
    framelist_init(&policy_lists, entries);
    /* n + 1: a victim's shadow is put before the new page's is taken */
    shadows = (struct shadow_memory){
        xcalloc(1, (n + 1ul) * sizeof *shadows.entries),
        xcalloc(1, (n + 1ul) * sizeof *shadows.tags),
        xcalloc(1, shadow_links(n + 1ul) * sizeof *shadows.links)};
    shadow_init(&shadows, n + 1);
    nfree = n;
    lowest_free = 0;
    watch = NULL;
    ncached = now = scanned = 0;
    last_page = ~0ull;
    rng = 42; /* equal strings get equal draws */
    const struct policy_list *l = ops->lists;
    for (nlists = 0; l && l->name; l++)
        kinds[++nlists] = l->kind;
    any_sent = false;
    set_marks(n, &levels);
    if (ops->init)
        ops->init(n);
    stats = (struct sim_stats){0};
}

void sim_watch(void (*left)(uint64_t page, bool dirty))
{
    watch = left;
}

struct sim_stats sim_stats(void)
{
    return stats;
}

uint64_t sim_counter(enum counter id)
{
    return counters[id];
}

void sim_set(enum tunable id, int64_t value)
{
    tunables[id] = value;
}

void sim_marks(const struct policy_ops *ops, uint64_t n,
               struct policy_levels *out)
{
    memcpy(tunables, presets, sizeof tunables);
    policy = ops;
    set_marks(n, out);
}

uint64_t sim_mark(const struct policy_ops *ops, const char *name)
{
    for (const struct policy_mark *m = ops->marks; m && m->name; m++)
        if (!strcmp(m->name, name))
            return m->value;
    fprintf(stderr, "%s has no mark '%s'\n", ops->name, name);
    abort();
}

/* ---- calls with which the kernel would panic ---- */

#define REFUSE_IF(wrong, ...)                                                  \
    do {                                                                       \
        if (wrong) {                                                           \
            complain(policy->name, __VA_ARGS__);                               \
            exit(1);                                                           \
        }                                                                      \
    } while (0)

/* The event in progress, which forbids the policy to evict pages, or NULL. */
static const char *told;

#define TELL(event, ...)                                                       \
    do {                                                                       \
        told = #event;                                                         \
        if (policy->event)                                                     \
            policy->event(__VA_ARGS__);                                        \
        told = NULL;                                                           \
    } while (0)

void sim_check_frame(const char *call, uint32_t f)
{
    REFUSE_IF(f == POLICY_NONE, "%s: its frame is POLICY_NONE", call);
    REFUSE_IF(f >= nframes, "%s: there is no frame %u", call, f);
}

static void check_evicts(const char *call, uint32_t f)
{
    REFUSE_IF(told, "%s within %s", call, told);
    sim_check_frame(call, f);
}

void sim_check_number(const char *call, unsigned list)
{
    REFUSE_IF(list > POLICY_LISTS,
              "%s: there is no list %u; a policy has at most %d", call, list,
              POLICY_LISTS);
}

static void check_list(const char *call, unsigned list, bool cached)
{
    REFUSE_IF(!list || list > nlists,
              "%s: there is no list %u; the policy declares %u", call, list,
              nlists);
    REFUSE_IF((kinds[list] == LIST_CACHED) != cached,
              "%s: list %u is %sLIST_CACHED", call, list, cached ? "not " : "");
    unsigned zone = policy->list_zone ? policy->list_zone[list - 1] : ZONE_ANY;
    REFUSE_IF(zone != ZONE_ANY && zone != ZONE_NORMAL,
              "%s: list %u is for frames of another zone", call, list);
}

/* ---- pages ---- */

static uint32_t *slot_of(uint64_t page)
{
    return &bucket[(page * 0x9e3779b97f4a7c15ull >> 32) & (buckets - 1)];
}

static uint32_t frame_of_page(uint64_t page)
{
    uint32_t f = *slot_of(page);
    while (f != POLICY_NONE && frames[f].page != page)
        f = chain[f];
    return f;
}

static uint64_t identity(uint64_t page)
{
    return shadow_of_object(1 + (page >> OBJECT_SHIFT),
                            page & ((1u << OBJECT_SHIFT) - 1));
}

static void set_list(uint32_t f, unsigned to, bool at_head)
{
    enum policy_list_kind was = kinds[entries[f].list], is = kinds[to];
    framelist_remove(&policy_lists, f);
    ncached += (is == LIST_CACHED) - (was == LIST_CACHED);
    frames[f].cached = is == LIST_CACHED;
    counters[C_PGACTIVATE] += was == LIST_INACTIVE && is == LIST_ACTIVE;
    counters[C_PGDEACTIVATE] += was == LIST_ACTIVE && is == LIST_INACTIVE;
    if (to && at_head)
        framelist_add_head(&policy_lists, to, f);
    else if (to)
        framelist_add_tail(&policy_lists, to, f);
}

/* Removes the page: reclaim has taken its frame. */
static void discard(uint32_t f)
{
    uint32_t value = 1, *at;
    told = "evicted";
    if (policy->evicted)
        value = policy->evicted(f);
    told = NULL;
    REFUSE_IF(policy->ghosts && value > POLICY_LISTS,
              "evicted: there is no ghost list %u; a policy has at most %d",
              value, POLICY_LISTS);
    if (value)
        shadow_put(identity(frames[f].page), policy->ghosts ? value : 1, value);
    TELL(page_gone, f);
    set_list(f, 0, false);
    for (at = slot_of(frames[f].page); *at != f; at = &chain[*at])
        ;
    *at = chain[f];
    if (watch)
        watch(frames[f].page, frames[f].was_dirty);
    lowest_free = f < lowest_free ? f : lowest_free;
    frames[f] = (struct frame){0};
    entries[f].known = 0;
    scanned = 0;
    nfree++;
}

#define ZONE(type, name, answer)                                               \
    type policy_zone_##name(unsigned zone)                                     \
    {                                                                          \
        return zone == ZONE_NORMAL ? answer : 0;                               \
    }
ZONE(uint64_t, present, nframes)
ZONE(uint64_t, free, nfree)
ZONE(uint64_t, cached, ncached)
ZONE(uint64_t, scanned, scanned)
ZONE(bool, reuse_cached, policy_reuse_cached())

const struct policy_levels *policy_zone_levels(unsigned zone)
{
    static const struct policy_levels none;
    return zone == ZONE_NORMAL ? &levels : &none;
}

bool policy_reuse_cached(void)
{
    for (unsigned i = 1; ncached && i <= POLICY_LISTS; i++)
        if (kinds[i] == LIST_CACHED && policy_lists.count[i]) {
            discard(policy_lists.first[i]);
            return true;
        }
    return false;
}

/* Runs one step of the thread that is due first. */
static void step(const struct policy_thread *t)
{
    unsigned best = 0;
    for (unsigned i = 0; t[i].name; i++) {
        if ((threads[i].kick && (threads[i].wake & W_KICK)) ||
            (threads[i].wake & W_WRITTEN))
            threads[i].due = 0;
        best = threads[i].due < threads[best].due ? i : best;
    }
    if (threads[best].due != NAP_LONG && threads[best].due > now)
        now = threads[best].due;
    threads[best].kick = false;
    thread_runs = true;
    struct policy_nap nap = t[best].run(now);
    thread_runs = false;
    threads[best].due = nap.until ? nap.until : now;
    threads[best].wake = nap.wake;
    now += 1000;
}

static void make_room(void)
{
    uint64_t budget = 2 * (uint64_t)nframes + nframes / 2;
    const struct policy_thread *t = policy->threads;
    hopeless = 0;
    for (int i = 0; t && !nfree && i < STEPS_MOST && hopeless < HOPELESS_MOST;
         i++) {
        /* The fault that waits for a frame wakes the daemon once, and again
         * only if the daemon sleeps without a timeout. */
        threads[0].kick |= i == 0 || threads[0].due == NAP_LONG;
        step(t);
        if (!nfree)
            policy_reuse_cached();
    }
    if (nfree || t)
        return;
    if (policy->reclaim) { /* the 2nd pass takes what the first has cleaned */
        for (int i = 0; !nfree && i < 2; i++)
            policy->reclaim(1);
        return;
    }
    while (!nfree) {
        uint32_t f = policy->victim(&budget);
        if (f == POLICY_NONE)
            return;
        sim_check_frame("victim", f);
        policy_take(f);
    }
}

static uint32_t bring_in(uint64_t page, enum policy_kind kind,
                         enum policy_why why)
{
    if (!nfree && !policy_reuse_cached())
        make_room();
    if (!nfree) {
        stats.without_frame++;
        return POLICY_NONE;
    }
    uint32_t f = lowest_free;
    while (frames[f].kind != KIND_NONE)
        f++;
    lowest_free = f + 1;
    nfree--;
    frames[f] = (struct frame){.page = page, .kind = kind, .unwritten = true};
    uint32_t *at = slot_of(page), shadow = shadow_take(identity(page));
    chain[f] = *at;
    *at = f;
    counters[C_REFAULT] += shadow != 0;
    entries[f].known = 1;
    entries[f].data = 0;
    TELL(page_in, f, why, shadow);
    uint32_t before = page ? frame_of_page(page - 1) : POLICY_NONE;
    if (last_page + 1 == page && before != POLICY_NONE && policy->behind &&
        !frames[before].cached)
        policy->behind(before);
    last_page = page;
    return f;
}

/* Counts a reference. Returns the page's frame, bringing the page in if it is
 * not in memory; POLICY_NONE if no frame was freed. */
static uint32_t reach(uint64_t page, enum policy_kind kind, enum policy_why why)
{
    uint32_t f;
    while (any_sent) { /* taking a frame may send another */
        any_sent = false;
        for (f = 0; f < nframes; f++)
            if (frames[f].sent) {
                frames[f].sent = 0;
                take(f);
            }
    }
    f = frame_of_page(page);
    now += 1000;
    stats.references++;
    if (f == POLICY_NONE) {
        stats.faults++;
        return bring_in(page, kind, why);
    }
    stats.hits++;
    if (frames[f].cached) {
        set_list(f, 0, false);
        counters[C_PGREC]++;
        TELL(page_in, f, CAME_BACK, 0);
    }
    return f;
}

bool sim_access(uint64_t page, bool write, enum policy_kind kind)
{
    uint64_t hits = stats.hits;
    uint32_t f = reach(page, kind, CAME_FAULT);
    if (f != POLICY_NONE) {
        if (!frames[f].mapped && kind != KIND_ANON)
            TELL(page_touched, f, CAME_FAULT);
        frames[f].used = frames[f].mapped = true;
        frames[f].dirty |= write;
        frames[f].unwritten &= !write;
    }
    return stats.hits > hits;
}

bool sim_read(uint64_t page)
{
    uint64_t hits = stats.hits;
    uint32_t f = reach(page, KIND_FILE, CAME_READ);
    if (f == POLICY_NONE)
        return false;
    frames[f].used = true;
    TELL(page_touched, f, CAME_READ);
    if (policy->idle && !frames[f].mapped && !frames[f].cached &&
        !frames[f].dirty)
        policy->idle(f);
    return stats.hits > hits;
}

bool sim_has(uint64_t page)
{
    return frame_of_page(page) != POLICY_NONE;
}

/* ---- what a policy sees: frames ---- */

#define EVICTS(type, name, answer)                                             \
    CALL(type, policy_##name, name, check_evicts, answer)
FRAME(enum policy_kind, kind, frames[f].kind)
FRAME(bool, used, frames[f].used)
FRAME(bool, dirty, frames[f].dirty)
FRAME(bool, in_swap, frames[f].kind == KIND_ANON && frames[f].unwritten)
FRAME(uint32_t, mapped, frames[f].mapped)
FRAME(uint32_t, owner, frames[f].kind == KIND_ANON)
FRAME(uint64_t, object, 1 + (frames[f].page >> OBJECT_SHIFT))
FRAME(uint64_t, index, frames[f].page &((1u << OBJECT_SHIFT) - 1))
FRAME(bool, sent, frames[f].sent &&frames[f].kind == KIND_FILE)

bool policy_may_take(uint32_t f)
{
    sim_check_frame("policy_may_take", f);
    if (frames[f].kind == KIND_NONE || frames[f].cached)
        return false;
    counters[thread_runs ? C_PGSCAN_KSWAPD : C_PGSCAN_DIRECT]++;
    scanned++;
    return true;
}

static bool clear_used(uint32_t f)
{
    bool was = frames[f].used;
    frames[f].used = false;
    counters[C_PGREF] += was;
    return was;
}
FRAME(bool, clear_used, clear_used(f))

uint32_t policy_neighbour(uint32_t f, int64_t delta)
{
    sim_check_frame("policy_neighbour", f);
    return frame_of_page(frames[f].page + (uint64_t)delta);
}

/* ---- lists ---- */

static void add(const char *call, unsigned list, uint32_t f, bool at_head)
{
    sim_check_frame(call, f);
    check_list(call, list, false);
    REFUSE_IF(!entries[f].known, "%s: frame %u has no page", call, f);
    set_list(f, list, at_head);
}

void policy_add_head(unsigned list, uint32_t f)
{
    add("policy_add_head", list, f, true);
}

void policy_add_tail(unsigned list, uint32_t f)
{
    add("policy_add_tail", list, f, false);
}

void policy_remove(uint32_t f)
{
    sim_check_frame("policy_remove", f);
    set_list(f, 0, false);
}

CALL(uint64_t, policy_ghosts, ghosts, sim_check_number, *shadow_count(f))
CALL(bool, policy_forget, forget, sim_check_number, shadow_forget(f))

/* ---- what may be done ---- */

static int launder(uint32_t f)
{
    if (frames[f].kind == KIND_NONE || frames[f].cached || !frames[f].dirty)
        return -1;
    frames[f].dirty = false;
    stats.dirty_evictions++;
    if (policy->written)
        policy->written(f);
    return 0;
}

static int take(uint32_t f)
{
    if (frames[f].kind == KIND_NONE || frames[f].cached)
        return -1;
    counters[thread_runs ? C_PGSTEAL_KSWAPD : C_PGSTEAL_DIRECT]++;
    frames[f].mapped = false;
    frames[f].was_dirty |= frames[f].dirty;
    launder(f);
    /* `written` may have taken it already, or put it on LIST_CACHED. */
    if (frames[f].kind != KIND_NONE && !frames[f].cached)
        discard(f);
    frames[f].was_dirty = false;
    return 1;
}

EVICTS(int, take, take(f))

/* The simulated pagers need no memory and no time. A policy may call them
 * within an event; then the page leaves after the event. */
static int page_out(uint32_t f, uint8_t to)
{
    if (frames[f].kind == KIND_NONE || frames[f].cached || frames[f].sent >= to)
        return -1;
    if (!told)
        return take(f), 0;
    frames[f].sent = to;
    any_sent = true;
    return 0;
}
FRAME(int, page_message, page_out(f, 1))
FRAME(int, page_default, page_out(f, 2))

EVICTS(int, launder, launder(f))

/* Writes all dirty file pages at once: flusher and disk need no time. */
void policy_wake_flusher(void)
{
    const char *event = told;
    told = NULL; /* `written` may evict, whatever event this call is in */
    for (uint32_t f = 0; f < nframes; f++)
        if (frames[f].kind == KIND_FILE)
            launder(f);
    told = event;
}

static bool unmap(uint32_t f)
{
    if (frames[f].kind == KIND_ANON && frames[f].mapped)
        frames[f].dirty = frames[f].unwritten = true; /* it has a slot now */
    frames[f].mapped = false;
    return true;
}

EVICTS(bool, unmap, unmap(f))

static bool cache(const char *call, unsigned list, uint32_t f, bool at_head)
{
    check_evicts(call, f);
    check_list(call, list, true);
    if (frames[f].kind == KIND_NONE || frames[f].dirty ||
        frames[f].kind == KIND_SHMEM)
        return false;
    frames[f].mapped = frames[f].used = false;
    set_list(f, list, at_head);
    return true;
}

bool policy_cache(unsigned list, uint32_t f, bool at_head)
{
    return cache("policy_cache", list, f, at_head);
}

bool policy_free_behind(unsigned list, uint32_t f)
{
    sim_check_frame("policy_free_behind", f);
    if (entries[f].list != list)
        return cache("policy_free_behind", list, f, true);
    set_list(f, list, true);
    return true;
}

#define HOW_MANY(name, which)                                                  \
    uint64_t policy_##name(void)                                               \
    {                                                                          \
        uint64_t n = 0;                                                        \
        for (uint32_t f = 0; f < nframes; f++)                                 \
            n += which;                                                        \
        return n;                                                              \
    }
HOW_MANY(dirty_files, frames[f].kind == KIND_FILE && frames[f].dirty)
HOW_MANY(mapped_frames, frames[f].mapped)

/* ---- one address space, number 1 ---- */

uint64_t policy_space_after(uint64_t id)
{
    return id == 0;
}

uint64_t policy_space_rss(uint64_t id)
{
    return id == 1 ? policy_mapped_frames() : 0;
}

bool policy_space(uint64_t id, struct policy_space *info)
{
    *info = (struct policy_space){.pid = 1, .rss = policy_mapped_frames()};
    return id == 1;
}

uint32_t policy_space_frame(uint64_t id, uint64_t *va)
{
    uint32_t best = POLICY_NONE;
    uint64_t from = *va >> 12;
    for (uint32_t f = 0; id == 1 && f < nframes; f++)
        if (frames[f].mapped && frames[f].page >= from &&
            (best == POLICY_NONE || frames[f].page < frames[best].page))
            best = f;
    if (best != POLICY_NONE)
        *va = frames[best].page << 12;
    return best;
}

#define AT(name)                                                               \
    bool policy_space_##name(uint64_t id, uint64_t va)                         \
    {                                                                          \
        uint32_t f = frame_of_page(va >> 12);                                  \
        return id == 1 && f != POLICY_NONE && name(f);                         \
    }
AT(clear_used)
AT(unmap) /* allowed within an event, too, as in the kernel */

/* ---- numbers, threads ---- */

#define NUMBER(name, value)                                                    \
    uint64_t policy_##name(void)                                               \
    {                                                                          \
        return value;                                                          \
    }
NUMBER(frames, nframes)
NUMBER(free, nfree)
NUMBER(cached, ncached)
NUMBER(now, now)
NUMBER(waiters, nfree == 0)

uint64_t policy_draw(void)
{
    rng = rng * 6364136223846793005ull + 1442695040888963407ull;
    return rng >> 16;
}

int64_t policy_tunable(enum tunable id)
{
    return tunables[id];
}

void policy_count_event(enum counter id, uint64_t n)
{
    counters[id] += n;
}

void policy_kick(unsigned i)
{
    if (i < POLICY_THREADS) /* as the kernel, which ignores other numbers */
        threads[i].kick = true;
}

void policy_hopeless(void)
{
    hopeless++;
}
