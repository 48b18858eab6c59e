/* SPDX-License-Identifier: MIT */
/* Reclaims as Linux 6.12 does (mm/vmscan.c): kswapd, or a process for itself,
 * decides how many pages of each list to look at, and takes them from its end.
 * linux612.c has the essay. */
#include "policy/linux26/linux612.h"
#include "policy/marks.h"
#include "policy/numbers.h"

#define TURN (SECOND / 250) /* kswapd's turn on the hart: a tick */

#define FOR_EACH_LIST(l) for (unsigned l = INACTIVE_ANON; l <= ACTIVE_FILE; l++)

/* struct scan_control: one run of kswapd, or of a process's own reclaim. */
struct scan {
    int priority;
    uint64_t want;    /* nr_to_reclaim */
    uint64_t got;     /* nr_reclaimed: frames that the run has freed */
    uint64_t pageout; /* frames that are being written */
    uint64_t scanned; /* at this priority */
    unsigned top;     /* reclaim_idx: the highest zone of use */
    bool may_age[2];  /* may_deactivate */
    bool force_age;   /* force_deactivate */
    bool skipped_age; /* skipped_deactivate */
    bool trim_cache;  /* cache_trim_mode */
    bool trim_failed; /* cache_trim_mode_failed */
    bool no_trim;     /* no_cache_trim_mode */
    bool file_is_tiny;
    /* Sums over the batches of one shrink_node (struct reclaim_stat). */
    struct {
        uint64_t taken, file_taken; /* pages looked at */
        uint64_t unqueued;  /* dirty pages of files, not being written */
        uint64_t writeback; /* being written */
        uint64_t immediate; /* being written, and met before */
    } nr;
};

/* pgdat->flags, and lruvec->refaults. */
static bool node_dirty;     /* PGDAT_DIRTY: all file pages met were dirty */
static bool node_writeback; /* PGDAT_WRITEBACK: all met were under I/O */
static uint64_t refaults[2];
static unsigned kswapd_failures; /* kswapd's runs in a row that freed nothing */
static unsigned no_progress;     /* processes' tries since a frame was freed */
static bool waits; /* the scan met a page that goes once it has been written */

static struct {
    bool runs;
    struct scan scan;
    struct policy_zone_marks marks[POLICY_ZONES];
    /* until: when throttling ends; written: linux612_written at its start. */
    uint64_t until, written;
} kswapd;

void linux612_scan_init(void)
{
    node_dirty = node_writeback = waits = kswapd.runs = false;
    refaults[0] = refaults[1] = 0;
    no_progress = kswapd_failures = 0;
    kswapd.until = 0;
}

static void snapshot_refaults(void)
{
    for (unsigned i = 0; i < 2; i++)
        refaults[i] = linux612_pairs[i].activated;
}

/* ---- the inactive list's end ---- */

enum verdict { RECLAIM, RECLAIM_CLEAN, KEEP, ACTIVATE };

/* folio_check_references */
static enum verdict check_references(uint32_t frame)
{
    uint32_t *data = policy_data(frame), was = *data & PG_REFERENCED;
    bool used = policy_clear_used(frame) && policy_mapped(frame);
    *data &= ~PG_REFERENCED;
    if (used) {
        *data |= PG_REFERENCED;
        bool exec = linux612_is_file(frame) && policy_exec(frame);
        return was || exec ? ACTIVATE : KEEP;
    }
    return was && linux612_is_file(frame) ? RECLAIM_CLEAN : RECLAIM;
}

/* The results of a batch (struct reclaim_stat). */
struct batch {
    uint64_t taken;     /* looked at */
    uint64_t got;       /* free */
    uint64_t pageout;   /* given to the disk by this scan */
    uint64_t unqueued;  /* dirty pages of files, not being written */
    uint64_t activated; /* linux612_age grows by them at the end */
};

static void activate(uint32_t frame, struct batch *b)
{
    b->activated++;
    policy_add_head(linux612_inactive_of(frame) + 1, frame);
}

/* Activates the page, which keeps it out of the way until it has been written.
 * Then reclaim takes it. */
static void activate_marked(uint32_t frame, struct batch *b)
{
    waits = true;
    *policy_data(frame) |= PG_RECLAIM;
    activate(frame, b);
}

/* pageout: gives the unmapped page to the disk. It stays on its list. */
static void pageout(uint32_t frame, struct batch *b)
{
    waits = true;
    *policy_data(frame) |= PG_RECLAIM;
    b->pageout += policy_launder(frame) == 0;
}

/* Evicts a page that is not in use, or has it written. */
static void reclaim_page(uint32_t frame, enum verdict v, struct batch *b)
{
    bool file = linux612_is_file(frame);
    if ((!file || policy_mapped(frame)) && !policy_unmap(frame)) {
        activate(frame, b); /* swap is full, or the page is pinned */
    } else if (!policy_dirty(frame)) {
        b->got += policy_take(frame) >= 0;
    } else if (file && !(policy_is_daemon() && node_dirty &&
                         (*policy_data(frame) & PG_RECLAIM))) {
        activate_marked(frame, b);
    } else if (v == RECLAIM) {
        pageout(frame, b);
    }
}

/* shrink_folio_list for one page, which stands at the head of its list. */
static void shrink_folio(uint32_t frame, struct scan *s, struct batch *b)
{
    bool file = linux612_is_file(frame), busy = policy_being_written(frame);
    b->unqueued += file && !busy && policy_dirty(frame);
    if (busy) {
        if (policy_is_daemon() && node_writeback &&
            (*policy_data(frame) & PG_RECLAIM))
            s->nr.immediate++;
        else
            s->nr.writeback++;
        activate_marked(frame, b);
        return;
    }
    if (!policy_may_take(frame))
        return;
    enum verdict v = check_references(frame);
    if (v == ACTIVATE)
        activate(frame, b);
    else if (v != KEEP)
        reclaim_page(frame, v, b);
}

/* Counts a scan that policy_may_take does not see. */
static void count_scan(uint32_t frame)
{
    policy_count_event(policy_is_daemon() ? C_PGSCAN_KSWAPD : C_PGSCAN_DIRECT,
                       1);
    policy_count_event(linux612_is_file(frame) ? C_PGSCAN_FILE : C_PGSCAN_ANON,
                       1);
}

/* isolate_lru_folios: takes from the list's end at most n pages that the caller
 * can use. Moves these, and those that it skips, to the list's head. */
static unsigned isolate(unsigned list, uint64_t n, unsigned top,
                        uint32_t out[CLUSTER])
{
    unsigned taken = 0;
    for (uint64_t left = policy_count(list); left && taken < n; left--) {
        uint32_t frame = policy_last(list);
        if (frame == POLICY_NONE)
            break;
        policy_add_head(list, frame);
        if (policy_zone_of(frame) > top)
            continue;
        *policy_data(frame) |= PG_ISOLATED;
        out[taken++] = frame;
    }
    return taken;
}

/* False: the page has left its list while the caller waited for room. */
static bool still_isolated(unsigned list, uint32_t frame)
{
    uint32_t *data = policy_data(frame);
    if (policy_list_of(frame) != list || !(*data & PG_ISOLATED))
        return false;
    *data &= ~PG_ISOLATED;
    return true;
}

/* shrink_inactive_list: looks at n pages, a batch at most. [sleeps] */
static void shrink_inactive(unsigned list, uint64_t n, struct scan *s)
{
    uint32_t frames[CLUSTER];
    struct batch b = {.taken = isolate(list, n, s->top, frames)};
    bool file = list == INACTIVE_FILE;
    for (unsigned i = 0; i < b.taken; i++) {
        if (!file)
            policy_wait_room();
        if (!still_isolated(list, frames[i]))
            continue;
        if (policy_being_written(frames[i]))
            count_scan(frames[i]);
        shrink_folio(frames[i], s, &b);
    }
    if (!b.taken)
        return;
    linux612_age += b.activated;
    linux612_note_cost(file, b.pageout * CLUSTER + b.taken - b.got);
    if (b.unqueued == b.taken)
        policy_wake_flusher();
    s->nr.taken += b.taken;
    s->nr.file_taken += file ? b.taken : 0;
    s->nr.unqueued += b.unqueued;
    s->scanned += b.taken;
    s->got += b.got;
    s->pageout += b.pageout;
}

/* ---- the active list's end ---- */

static bool inactive_is_low(unsigned inactive)
{
    uint64_t i = policy_count(inactive), a = policy_count(inactive + 1);
    uint64_t gib = (i + a) >> 18;
    return i * (gib ? policy_isqrt(10 * gib) : 1) < a;
}

/* shrink_active_list */
static void shrink_active(unsigned list, uint64_t n)
{
    uint64_t rotated = 0;
    for (; n && policy_count(list); n--) {
        uint32_t frame = policy_last(list);
        bool used = policy_clear_used(frame);
        bool stays = used && list == ACTIVE_FILE && policy_exec(frame);
        rotated += stays;
        *policy_data(frame) |= stays ? 0 : PG_WORKINGSET;
        policy_add_head(stays ? list : list - 1, frame);
    }
    linux612_age += rotated;
    if (rotated)
        linux612_note_cost(list == ACTIVE_FILE, rotated);
}

/* can_age_anon_pages */
static void age_anon(void)
{
    if (policy_swap_free() + policy_swap_used() &&
        inactive_is_low(INACTIVE_ANON))
        shrink_active(ACTIVE_ANON, CLUSTER);
}

/* ---- shares of the lists ------ */

static uint64_t total_high(void)
{
    uint64_t sum = 0;
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        sum += policy_zone_levels(z)->high;
    return sum;
}

/* prepare_scan_control */
static void prepare(struct scan *s)
{
    for (unsigned i = 0; i < 2; i++)
        s->may_age[i] = s->force_age ||
                        linux612_pairs[i].activated != refaults[i] ||
                        inactive_is_low(i ? INACTIVE_FILE : INACTIVE_ANON);
    uint64_t file = policy_count(INACTIVE_FILE);
    s->trim_cache = file >> s->priority && !s->may_age[1] && !s->no_trim;
    file += policy_count(ACTIVE_FILE);
    s->file_is_tiny = file + policy_free() <= total_high() && !s->may_age[0] &&
                      policy_count(INACTIVE_ANON) >> s->priority;
}

/* get_scan_count */
static void scan_counts(const struct scan *s, uint64_t nr[ACTIVE_FILE + 1])
{
    uint64_t swappiness = (uint64_t)policy_tunable(TUN_SWAPPINESS), part[2];
    uint64_t anon = linux612_pairs[0].cost, file = linux612_pairs[1].cost;
    uint64_t total = anon + file;
    bool equal = false; /* SCAN_EQUAL */
    anon += total;      /* by cost alone neither gets over two thirds */
    file += total;
    total = anon + file + 1;
    part[0] = swappiness * total / (anon + 1);
    part[1] = (200 - swappiness) * total / (file + 1);
    if (!linux612_can_swap())
        part[0] = 0, part[1] = 1;
    else if (!s->priority && swappiness)
        equal = true;
    else if (s->file_is_tiny)
        part[0] = 1, part[1] = 0;
    else if (s->trim_cache)
        part[0] = 0, part[1] = 1;
    FOR_EACH_LIST(l)
    {
        nr[l] = policy_count(l) >> s->priority;
        if (!equal)
            nr[l] = nr[l] * part[l >= INACTIVE_FILE] / (part[0] + part[1]);
    }
}

/* Called when enough is free. target: pages of each list that were to be looked
 * at; nr: those still left. Ends the pair with fewer left; the other goes on
 * until the same part of its target is left. False: a pair had ended already,
 * so the scan ends. */
static bool end_in_proportion(const uint64_t target[], uint64_t nr[])
{
    uint64_t anon = nr[INACTIVE_ANON] + nr[ACTIVE_ANON];
    uint64_t file = nr[INACTIVE_FILE] + nr[ACTIVE_FILE];
    if (!anon || !file)
        return false;
    unsigned less_left = file > anon ? INACTIVE_ANON : INACTIVE_FILE;
    unsigned more_left = file > anon ? INACTIVE_FILE : INACTIVE_ANON;
    uint64_t left = smaller(anon, file) * 100 /
                    (target[less_left] + target[less_left + 1] + 1);
    nr[less_left] = nr[less_left + 1] = 0;
    for (unsigned l = more_left; l <= more_left + 1; l++) {
        uint64_t done = target[l] - nr[l];
        nr[l] = less(target[l] * (100 - left) / 100, done);
    }
    return true;
}

/* shrink_list: looks at one batch of one list. */
static void shrink_list(unsigned list, uint64_t n, struct scan *s)
{
    if (list == INACTIVE_ANON || list == INACTIVE_FILE)
        shrink_inactive(list, n, s);
    else if (s->may_age[list == ACTIVE_FILE])
        shrink_active(list, n);
    else
        s->skipped_age = true;
}

/* shrink_lruvec */
static void shrink_lists(struct scan *s)
{
    uint64_t nr[ACTIVE_FILE + 1], target[ACTIVE_FILE + 1], before = s->got;
    bool whole = s->priority == DEF_PRIORITY && !policy_is_daemon();
    scan_counts(s, nr);
    FOR_EACH_LIST(l)
    target[l] = nr[l];
    while (nr[INACTIVE_ANON] || nr[INACTIVE_FILE] || nr[ACTIVE_FILE]) {
        FOR_EACH_LIST(l)
        {
            uint64_t n = smaller(nr[l], CLUSTER);
            nr[l] -= n;
            if (n)
                shrink_list(l, n, s);
        }
        policy_cond_resched();
        if (s->got - before >= s->want && !whole &&
            !end_in_proportion(target, nr))
            break;
    }
    age_anon();
}

/* shrink_node */
static void shrink_node(struct scan *s)
{
    uint64_t before = s->got;
    linux612_marks[2].value = (uint64_t)s->priority;
    s->nr.taken = s->nr.file_taken = s->nr.unqueued = 0;
    s->nr.writeback = s->nr.immediate = 0;
    prepare(s);
    shrink_lists(s);
    if (policy_is_daemon()) {
        node_writeback |= s->nr.writeback && s->nr.writeback == s->nr.taken;
        node_dirty |= s->nr.unqueued == s->nr.file_taken;
    }
    if (s->got > before)
        no_progress = kswapd_failures = 0;
    else
        s->trim_failed |= s->trim_cache;
}

/* ---- a process frees memory for itself ---- */

/* do_try_to_free_pages, priorities from 12 to 0 */
static void by_priorities(struct scan *s)
{
    for (s->priority = DEF_PRIORITY; s->priority >= 0 && s->got < s->want;
         s->priority--) {
        s->scanned = 0;
        shrink_node(s);
    }
    snapshot_refaults();
}

/* Goes through all priorities, up to RETRIES times as long as they free nothing
 * and no write under way will free anything. */
uint64_t linux612_reclaim(uint64_t want)
{
    struct scan s = {.want = larger(want, CLUSTER), .top = policy_zone_top()};
    int tries = 0;
    waits = false;
    do {
        s.force_age = s.skipped_age = false;
        by_priorities(&s);
        if (!s.got && s.skipped_age) {
            s.force_age = true;
            by_priorities(&s);
        }
    } while (++tries < RETRIES && !s.got && !waits && !policy_writing());
    return s.got + s.pageout;
}

/* should_reclaim_retry: what the flusher writes counts as reclaimable. */
bool linux612_may_kill(void)
{
    return (!policy_dirty_files() && !policy_writing()) ||
           ++no_progress > RETRIES;
}

/* The node's flag: all zones share the lists, and so the flag. */
bool linux612_all_unreclaimable(unsigned zone)
{
    return kswapd_failures >= RETRIES;
}

/* ---- kswapd ---- */

/* True if a zone up to `top` has more free frames than its high mark and its
 * reserve for callers that could use zone `top` (pgdat_balanced). */
static bool some_zone_balanced(unsigned top)
{
    for (unsigned z = ZONE_DMA; z <= top; z++) {
        const struct policy_zone_marks *m = &kswapd.marks[z];
        if (policy_zone_present(z) &&
            policy_zone_free(z) > m->levels.high + m->reserve[top])
            return true;
    }
    return false;
}

static uint64_t kswapd_target(unsigned top)
{
    uint64_t sum = 0;
    for (unsigned z = ZONE_DMA; z <= top; z++)
        if (policy_zone_present(z))
            sum += larger(kswapd.marks[z].levels.high, CLUSTER);
    return sum;
}

/* Sets up kswapd's next run. False: none is needed, or too many have failed. */
static bool kswapd_begins(void)
{
    uint64_t present[POLICY_ZONES] = {0};
    for (unsigned z = ZONE_DMA; z < POLICY_ZONES; z++)
        present[z] = policy_zone_present(z);
    linux_zone_marks(present, kswapd.marks);
    unsigned top = ZONE_HIGHMEM;
    if (some_zone_balanced(top))
        top = ZONE_NORMAL;
    if (some_zone_balanced(top) || kswapd_failures >= RETRIES)
        return false;
    kswapd.scan = (struct scan){.priority = DEF_PRIORITY, .top = top};
    return true;
}

/* Ends kswapd's run, as kswapd_try_to_sleep does; returns its sleep. */
static struct policy_nap kswapd_sleeps(void)
{
    snapshot_refaults();
    kswapd.runs = node_dirty = node_writeback = false;
    return (struct policy_nap){NAP_LONG, W_KICK};
}

/* Does one round of balance_pgdat. True: it has freed something. */
static bool kswapd_round(struct scan *s)
{
    uint64_t before = s->got;
    age_anon();
    s->want = kswapd_target(s->top);
    s->scanned = 0;
    shrink_node(s);
    uint64_t got = s->got - before;
    if (larger(s->scanned, got) < s->want || !got)
        s->priority--;
    if (s->priority < 1 && !s->got && !s->no_trim && s->trim_failed) {
        s->no_trim = true;
        s->priority = DEF_PRIORITY;
    }
    return got != 0;
}

/* reclaim_throttle(VMSCAN_THROTTLE_WRITEBACK): true until more than a batch has
 * been written, no write is under way, or a tenth of a second has passed. */
static bool kswapd_throttled(uint64_t now)
{
    if (now < kswapd.until && policy_writing() &&
        linux612_written - kswapd.written <= CLUSTER)
        return true;
    kswapd.until = 0;
    return false;
}

/* The run has gone through all priorities. The next begins at once; but after
 * RETRIES runs that freed nothing none begins until a process frees a page. */
static struct policy_nap kswapd_fails(void)
{
    snapshot_refaults();
    kswapd.runs = false;
    if (!kswapd.scan.got && ++kswapd_failures >= RETRIES) {
        policy_hopeless();
        return (struct policy_nap){NAP_LONG, W_KICK};
    }
    return (struct policy_nap){0, 0};
}

struct policy_nap linux612_kswapd(uint64_t now)
{
    struct scan *s = &kswapd.scan;
    bool wanted = policy_waiters(), freed = false;
    if (kswapd_throttled(now))
        return (struct policy_nap){kswapd.until, W_WRITTEN};
    if (!kswapd.runs && !kswapd_begins()) {
        if (kswapd_failures >= RETRIES && wanted)
            policy_hopeless(); /* no process need wait for kswapd */
        return (struct policy_nap){NAP_LONG, W_KICK};
    }
    for (kswapd.runs = true; s->priority >= 1;) {
        if (some_zone_balanced(s->top))
            return kswapd_sleeps();
        if (policy_now() - now >= TURN || (freed && wanted))
            return (struct policy_nap){0, 0};
        freed = kswapd_round(s);
        if (s->nr.immediate) {
            kswapd.until = policy_now() + THROTTLE;
            kswapd.written = linux612_written;
            return (struct policy_nap){kswapd.until, W_WRITTEN};
        }
    }
    return kswapd_fails();
}
